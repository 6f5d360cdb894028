/** Where MariaDB's server programs are. */
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

export interface MariaDbPrograms {
  readonly server: string;
  /** `mariadb-install-db`. */
  readonly install: string;
}

/** Servers are often outside of PATH. */
const usual = ['/usr/sbin', '/usr/libexec', '/usr/local/sbin', '/usr/bin', '/usr/local/bin', '/opt/homebrew/bin'];

/** Null: there is none. */
export const installedMariaDb = async (): Promise<MariaDbPrograms | null> => {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter).filter(Boolean), ...usual];
  const find = (program: string): string | undefined =>
    folders.map((folder) => join(folder, program)).find((path) => existsSync(path));
  const server = find('mariadbd');
  const install = find('mariadb-install-db');
  return server !== undefined && install !== undefined ? { server, install } : null;
};
