/**
 * A private MariaDB server for the practice ground and the tests, on loopback and a free port.
 * It is started without any flushing to disk: fast, and of no value after a power cut. Never use it for anything real.
 */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, openSync } from 'node:fs';
import { chmod, chown, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import mysql from 'mysql2/promise';
import { freePort } from '../ports.ts';
import { openPath, runAs, serverAccount, type Account } from '../postgres/account.ts';
import { endEarlier, endServer } from './earlier.ts';
import { installedMariaDb, type MariaDbPrograms } from './programs.ts';

export interface MariaDbServer {
  readonly host: string;
  readonly port: number;
  /** Has every right, also to give rights; gets in over TCP only. */
  readonly user: string;
  readonly password: string;
  /** Holds the password, for targets with `{ file }`. */
  readonly passwordFile: string;
  readonly pid: number;
  createDatabase(name: string): Promise<void>;
  /** Absent is fine. */
  dropDatabase(name: string): Promise<void>;
  stop(): Promise<void>;
}

const host = '127.0.0.1';
const user = 'nakat';
/** Seconds; a first start on a busy machine writes its log files. */
const patience = 120;

/**
 * Starts the server in `dir`, which keeps data, log and password. The data of an earlier run is used again; a server
 * that an earlier, killed run left running is stopped first. `settings`: more of mariadbd's, such as `ssl-cert`.
 * @throws Error when no MariaDB is found, or it does not start.
 */
export const startMariaDb = async (options: {
  dir: string;
  programs?: MariaDbPrograms;
  settings?: Readonly<Record<string, string>>;
}): Promise<MariaDbServer> => {
  const dir = resolve(options.dir);
  const data = join(dir, 'data');
  const programs = options.programs ?? (await installedMariaDb());
  if (!programs) throw new Error('No MariaDB server is installed (mariadbd, mariadb-install-db).');
  const account = await serverAccount('mysql');
  await mkdir(dir, { recursive: true });
  if (account) await chown(dir, account.uid, account.gid);
  await openPath(account, dir);
  const passwordFile = join(dir, 'password');
  const password = await passwordIn(passwordFile, account);
  await endEarlier(dir, data);
  if (!existsSync(data)) await initialise(programs, account, dir, data);
  await writeOwned(join(dir, 'init.sql'), initial(password), account);
  const { pid, port } = await start(programs, account, dir, password, options.settings ?? {});

  const admin = async (statement: (quote: (name: string) => string) => string): Promise<void> => {
    const connection = await mysql.createConnection({ host, port, user, password });
    await connection.query(statement(quoted)).finally(() => connection.end());
  };
  return {
    host,
    port,
    user,
    password,
    passwordFile,
    pid,
    createDatabase: (name) => admin((quote) => `CREATE DATABASE ${quote(name)} CHARACTER SET utf8mb4`),
    dropDatabase: (name) => admin((quote) => `DROP DATABASE IF EXISTS ${quote(name)}`),
    stop: () => endServer(dir, pid),
  };
};

const quoted = (name: string): string => `\`${name.replaceAll('`', '``')}\``;

/** Read by the server at every start. Accounts without a password, which an installation makes, are removed. */
const initial = (password: string): string =>
  [
    `CREATE USER IF NOT EXISTS '${user}'@'%' IDENTIFIED BY '${password}';`,
    `GRANT ALL PRIVILEGES ON *.* TO '${user}'@'%' WITH GRANT OPTION;`,
    `DELETE FROM mysql.global_priv WHERE User IN ('', 'root');`,
    'FLUSH PRIVILEGES;',
    '',
  ].join('\n');

/** A file, because arguments can be read by everybody on the machine. */
const passwordIn = async (file: string, account: Account | null): Promise<string> => {
  if (!existsSync(file)) await writeOwned(file, randomBytes(18).toString('base64url'), account);
  return readFile(file, 'utf8');
};

const writeOwned = async (file: string, content: string, account: Account | null): Promise<void> => {
  await writeFile(`${file}.partial`, content, { mode: 0o600 });
  if (account) await chown(`${file}.partial`, account.uid, account.gid);
  await rename(`${file}.partial`, file);
};

/** Beside its place first: a half-made data folder is never taken for a server's. */
const initialise = async (
  programs: MariaDbPrograms,
  account: Account | null,
  dir: string,
  data: string,
): Promise<void> => {
  const partial = `${data}.partial`;
  await rm(partial, { recursive: true, force: true });
  await mkdir(partial, { mode: 0o700 });
  if (account) await chown(partial, account.uid, account.gid);
  await chmod(partial, 0o700);
  const args = [
    '--no-defaults',
    `--datadir=${partial}`,
    '--auth-root-authentication-method=normal',
    '--skip-test-db',
    '--skip-name-resolve',
  ];
  await runAs(account, programs.install, args, dir);
  await rename(partial, data);
};

/** Another program may take the free port first: three tries. */
const start = async (
  programs: MariaDbPrograms,
  account: Account | null,
  dir: string,
  password: string,
  more: Readonly<Record<string, string>>,
): Promise<{ pid: number; port: number }> => {
  for (let attempt = 1; ; attempt++) {
    const port = await freePort();
    const pid = begin(programs, account, dir, port, more);
    if (await answers(pid, port, password)) return { pid, port };
    await endServer(dir, pid);
    if (attempt < 3) continue;
    const log = await readFile(join(dir, 'log'), 'utf8').catch(() => '');
    throw new Error(`MariaDB does not start in ${dir}: ${log.slice(-1500)}`);
  }
};

const begin = (
  programs: MariaDbPrograms,
  account: Account | null,
  dir: string,
  port: number,
  more: Readonly<Record<string, string>>,
): number => {
  const settings: Record<string, string> = {
    datadir: join(dir, 'data'),
    // A server that starts removes all temporary tables of its folder, those of others too where they share one.
    tmpdir: dir,
    'bind-address': host,
    port: String(port),
    // The path of a socket may be too long for the system, and nobody uses it.
    socket: '',
    'pid-file': join(dir, 'pid'),
    'init-file': join(dir, 'init.sql'),
    'character-set-server': 'utf8mb4',
    'innodb-flush-log-at-trx-commit': '0',
    'innodb-doublewrite': '0',
    'innodb-buffer-pool-size': '64M',
    'performance-schema': 'OFF',
    'local-infile': 'OFF',
    'max-connections': '100',
    ...more,
  };
  const flags = Object.entries(settings).map(([name, value]) => `--${name}=${value}`);
  const log = openSync(join(dir, 'log'), 'a');
  // Of its own: it outlives a run that is killed, and the next one ends it.
  const child = spawn(programs.server, ['--no-defaults', ...flags, '--skip-name-resolve', '--skip-log-bin'], {
    ...account,
    cwd: dir,
    env: { ...process.env, LC_ALL: 'C' },
    stdio: ['ignore', log, log],
    detached: true,
  });
  closeSync(log);
  child.on('error', () => undefined);
  child.unref();
  if (child.pid === undefined) throw new Error(`${programs.server} cannot be run.`);
  return child.pid;
};

/** False: it ended, or somebody else answers there. The port opens after the init file was read. */
const answers = async (pid: number, port: number, password: string): Promise<boolean> => {
  for (let waited = 0; waited < patience * 10; waited++) {
    try {
      process.kill(pid, 0);
    } catch {
      return false;
    }
    try {
      const connection = await mysql.createConnection({ host, port, user, password });
      await connection.end();
      return true;
    } catch (error) {
      if ((error as { code?: string }).code === 'ER_ACCESS_DENIED_ERROR') return false;
      await delay(100);
    }
  }
  return false;
};
