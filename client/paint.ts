/** Colours where there is somebody to see them; `NO_COLOR` is respected. */
import { bold, cyan, dim, green, red, yellow } from 'yoctocolors';

export const colours = ['bold', 'dim', 'red', 'green', 'yellow', 'cyan'] as const;
export type Paint = Readonly<Record<(typeof colours)[number], (text: string) => string>>;

const same = (text: string): string => text;
export const plain: Paint = { bold: same, dim: same, red: same, green: same, yellow: same, cyan: same };
export const paintFor = (stream: { readonly isTTY?: boolean }, env: NodeJS.ProcessEnv = process.env): Paint =>
  stream.isTTY && !env.NO_COLOR ? { bold, dim, red, green, yellow, cyan } : plain;
