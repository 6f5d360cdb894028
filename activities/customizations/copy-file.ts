import { chmodSync, constants, copyFileSync } from 'node:fs';

/** A file copied as it is. `mode`: permission bits, where they are to be others than the file has. The folder it goes to is there. */
export function copyFile(from: string, to: string, mode: number | undefined): void {
  copyFileSync(from, to, constants.COPYFILE_FICLONE);
  if (mode !== undefined) chmodSync(to, mode);
}
