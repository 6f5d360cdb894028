import { chmodSync, constants, copyFileSync } from 'node:fs';

/** A file copied as it is, to a free name in a folder that is there. `mode`: permission bits, where they are to be others than the file has. */
export function copyFile(from: string, to: string, mode: number | undefined): void {
  copyFileSync(from, to, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
  if (mode !== undefined) chmodSync(to, mode);
}
