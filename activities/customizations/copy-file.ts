import { chmodSync, constants, copyFileSync } from 'node:fs';

/** A file copied as it is, to a name that is free. `mode`: permission bits, where they are to be others than the file has. The folder it goes to is there. */
export function copyFile(from: string, to: string, mode: number | undefined): void {
  copyFileSync(from, to, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
  if (mode !== undefined) chmodSync(to, mode);
}
