/** Files copied as they are. */
import { chmodSync, constants, copyFileSync } from 'node:fs';

export interface Copy {
  readonly from: string;
  /** In a folder that is there. */
  readonly to: string;
  /** Permission bits, where they are to be others than the file has. */
  readonly mode: number | undefined;
}

export function copyFiles(copies: readonly Copy[]): void {
  for (const { from, to, mode } of copies) {
    copyFileSync(from, to, constants.COPYFILE_FICLONE);
    if (mode !== undefined) chmodSync(to, mode);
  }
}
