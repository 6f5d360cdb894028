/** Backups, restores and fast restore points of a database, as each kind of server does them. */
import type { DatabaseTarget, PostgresTarget, SqlServerTarget } from '../targets/index.ts';
import { hashed, joined, on, removed, renamed } from './define.ts';
import { dialectOf } from './dialect.ts';
import { checkedByServer, dumpedByMariaDb, loadedByMariaDb } from './mariadb.ts';

export function backedUp(target: DatabaseTarget, id: string): string[] {
  if (target.engine === 'mariadb') return dumpedByMariaDb(target, id);
  return target.engine === 'postgres' ? dumped(target, id) : backedUpByServer(target, id);
}

export function restored(target: DatabaseTarget, place: string, replace: boolean): string[] {
  if (target.engine === 'mariadb') return loadedByMariaDb(target, place);
  return target.engine === 'postgres' ? loaded(target, place, replace) : restoredByServer(target, place, replace);
}

/** The environment that the programs of PostgreSQL get: nothing secret is in their arguments. */
const program = (target: PostgresTarget, tool: string): string[] => [
  `PGHOST=${target.host}`,
  `PGPORT=${target.port}`,
  `PGUSER=${target.user}`,
  ...(target.password ? ['PGPASSWORD=<secret>'] : []),
  target.tools === '' ? tool : joined(target.machine, target.tools, tool),
];
const connectTo = (name: string): string => `--dbname=dbname='${name}'`;

function dumped(target: PostgresTarget, id: string): string[] {
  const { machine } = target;
  const place = joined(machine, target.backups, id);
  return [
    on(
      machine,
      ...program(target, 'pg_dump'),
      '--no-password',
      '--format=directory',
      `--jobs=${target.jobs}`,
      '--compress=1',
      '--verbose',
      `--file=${place}.partial`,
      connectTo(target.name),
    ),
    listed(target, `${place}.partial`),
    hashed(machine, `${place}.partial`),
    renamed(machine, `${place}.partial`, place),
  ];
}

const listed = (target: PostgresTarget, place: string): string =>
  on(target.machine, ...program(target, 'pg_restore').slice(-1), '--format=directory', '--list', place);

function loaded(target: PostgresTarget, place: string, replace: boolean): string[] {
  const sql = dialectOf(target);
  const beside = `${target.name}_nk_<hash>`;
  return [
    hashed(target.machine, place),
    listed(target, place),
    sql.ask(`CREATE DATABASE ${sql.quote(beside)} <encoding and locale of the original>`),
    on(
      target.machine,
      ...program(target, 'pg_restore'),
      '--no-password',
      '--format=directory',
      `--jobs=${target.jobs}`,
      '--exit-on-error',
      '--verbose',
      // Only a superuser can give the old owners back.
      ...(replace ? [] : ['--no-owner', '--no-privileges']),
      connectTo(beside),
      place,
    ),
    sql.say('ANALYZE', beside),
    ...switched(target, beside),
  ];
}

/** In one transaction; the old one is dropped after it. */
function switched(target: PostgresTarget, from: string): string[] {
  const { ask, quote } = dialectOf(target);
  const aside = `${target.name}_old_<hash>`;
  return [
    ask(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = ANY ('{${target.name},${from}}')`),
    ask(`ALTER DATABASE ${quote(target.name)} RENAME TO ${quote(aside)}`),
    ask(`ALTER DATABASE ${quote(from)} RENAME TO ${quote(target.name)}`),
    ask(`COMMENT ON DATABASE ${quote(target.name)} IS 'nakat:…'`),
    ask(`DROP DATABASE IF EXISTS ${quote(aside)}`),
  ];
}

function backedUpByServer(target: SqlServerTarget, id: string): string[] {
  const { ask, quote, literal } = dialectOf(target);
  const file = `${target.backups}${target.backups.includes('\\') ? '\\' : '/'}${id}.bak`;
  return [
    ask(
      `BACKUP DATABASE ${quote(target.name)} TO DISK = ${literal(file)} WITH COPY_ONLY, INIT, FORMAT, CHECKSUM, COMPRESSION, NAME = ${literal(id)}, STATS = 5`,
    ),
    ...verified(target, file),
  ];
}

const verified = (target: SqlServerTarget, file: string): string[] => {
  const { ask, literal } = dialectOf(target);
  return [
    ask(`RESTORE HEADERONLY FROM DISK = ${literal(file)}`),
    ask(`RESTORE VERIFYONLY FROM DISK = ${literal(file)} WITH CHECKSUM, STATS = 5`),
  ];
};

function restoredByServer(target: SqlServerTarget, place: string, replace: boolean): string[] {
  const { ask, quote, literal } = dialectOf(target);
  const name = quote(target.name);
  return [
    ...verified(target, place),
    ask(`RESTORE FILELISTONLY FROM DISK = ${literal(place)}`),
    ...(replace ? [ask(`DROP DATABASE ${quote(`${target.name}_nakat_<hash>`)}`)] : []),
    ask(`ALTER DATABASE ${name} SET SINGLE_USER WITH ROLLBACK IMMEDIATE`),
    ask(
      `RESTORE DATABASE ${name} FROM DISK = ${literal(place)} WITH FILE = 1, MOVE <each file>, REPLACE, RECOVERY, CHECKSUM, STATS = 5`,
    ),
    ask(`ALTER DATABASE ${name} SET MULTI_USER`),
    ask(`EXEC ${name}.sys.sp_addextendedproperty @name = N'nakat', @value = …`),
  ];
}

/** MariaDB has no fast restore points. */
export function snapshotTaken(target: DatabaseTarget): string[] {
  if (target.engine === 'mariadb') return [];
  const { ask, quote } = dialectOf(target);
  if (target.engine === 'sqlserver')
    return [
      ask(
        `CREATE DATABASE ${quote(`${target.name}_nakat_<hash>`)} ON (NAME = <each file>, FILENAME = …) AS SNAPSHOT OF ${quote(target.name)}`,
      ),
    ];
  const copy = quote(`${target.name}_snap_<hash>`);
  return [
    ask(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = ANY ('{${target.name}}')`),
    ask(`CREATE DATABASE ${copy} TEMPLATE ${quote(target.name)}`),
    ask(`COMMENT ON DATABASE ${copy} IS 'nakat:…'`),
  ];
}

export function reverted(target: DatabaseTarget): string[] {
  if (target.engine === 'mariadb') return [];
  if (target.engine === 'postgres') return switched(target, `${target.name}_snap_<hash>`);
  const { ask, quote, literal } = dialectOf(target);
  return [
    ask(`ALTER DATABASE ${quote(target.name)} SET SINGLE_USER WITH ROLLBACK IMMEDIATE`),
    ask(`RESTORE DATABASE ${quote(target.name)} FROM DATABASE_SNAPSHOT = ${literal(`${target.name}_nakat_<hash>`)}`),
    ask(`ALTER DATABASE ${quote(target.name)} SET MULTI_USER`),
    ask(`EXEC ${quote(target.name)}.sys.sp_addextendedproperty @name = N'nakat', @value = …`),
  ];
}

export function snapshotDropped(target: DatabaseTarget): string[] {
  if (target.engine === 'mariadb') return [];
  const { ask, quote } = dialectOf(target);
  return [
    target.engine === 'postgres'
      ? ask(`DROP DATABASE IF EXISTS ${quote(`${target.name}_snap_<hash>`)}`)
      : ask(`DROP DATABASE ${quote(`${target.name}_nakat_<hash>`)}`),
  ];
}

export function integrityChecked(target: DatabaseTarget): string[] {
  if (target.engine === 'mariadb') return checkedByServer(target);
  if (target.engine === 'sqlserver')
    return [dialectOf(target).ask(`DBCC CHECKDB (${dialectOf(target).quote(target.name)}) WITH NO_INFOMSGS`)];
  const argv = [...program(target, 'pg_amcheck'), '--no-password', `dbname='${target.name}'`];
  return [on(target.machine, ...argv)];
}

/** `model` is a small system database: the same statement, account and folder as the real backup. */
export function backupFolderProbed(target: DatabaseTarget): string[] {
  if (target.engine !== 'sqlserver') {
    const file = joined(target.machine, target.backups, '.nakat-probe-<hash>');
    return [`${target.machine.name}: write ${file}`, removed(target.machine, file)];
  }
  const { ask, literal } = dialectOf(target);
  const file = literal(`${target.backups}${target.backups.includes('\\') ? '\\' : '/'}nakat-probe.bak`);
  return [
    ask(`BACKUP DATABASE [model] TO DISK = ${file} WITH COPY_ONLY, INIT, FORMAT, CHECKSUM`),
    ask(`EXEC master.dbo.xp_delete_file 0, ${file}`),
  ];
}
