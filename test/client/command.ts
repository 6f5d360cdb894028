/** Runs the `nakat` command in this process and collects what it says. */
import { Readable } from 'node:stream';
import { runCommand } from '../../client/commands/program.ts';

export interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export async function nakat(argv: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Said> {
  let [out, err] = ['', ''];
  const code = await runCommand(argv, {
    stdin: Readable.from([]),
    stdout: { write: (text: string | Uint8Array) => Boolean((out += String(text))) },
    stderr: { write: (text: string | Uint8Array) => Boolean((err += String(text))) },
    env,
  });
  return { code, out, err };
}
