/** The folder on a machine in which backups are kept. */
import { isNakatError, NakatError } from '../../runbook/errors/index.ts';
import type { Machine } from '../machines/machine.ts';

/** @throws BACKUP_FOLDER_NOT_WRITABLE */
export const checkBackupFolder = async (machine: Machine, folder: string, token: string): Promise<void> => {
  const probe = machine.join(folder, `.nakat-probe-${token}`);
  try {
    await machine.makeFolder(folder);
    await machine.writeFile(probe, 'probe');
    await machine.remove(probe);
  } catch (error) {
    if (isNakatError(error) && error.failure.passing) throw error;
    throw new NakatError('BACKUP_FOLDER_NOT_WRITABLE', {
      where: machine.name,
      values: { folder },
      vendor: isNakatError(error) ? error.failure.vendor : String(error),
      cause: error,
    });
  }
};

/** In the words of POSIX, Node, Windows and MariaDB's programs. */
export const isDiskFull = (vendor: string): boolean =>
  /no space left on device|ENOSPC|not enough space on the disk|\berr(no|code):? 28\b/i.test(vendor);
