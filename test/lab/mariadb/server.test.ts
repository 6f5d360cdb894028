import { execFileSync } from 'node:child_process';
import { chown, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mysql from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { installedMariaDb } from '../../../lab/mariadb/programs.ts';
import { startMariaDb, type MariaDbServer } from '../../../lab/mariadb/server.ts';
import { serverAccount } from '../../../lab/postgres/account.ts';
import { requireReal } from '../../helpers/real.ts';

const found = requireReal('MariaDB', await installedMariaDb());

const ask = async (server: MariaDbServer, sql: string, login: { user?: string; password?: string } = {}) => {
  const { host, port, user, password } = server;
  const connection = await mysql.createConnection({ host, port, user, password, ...login });
  return (await connection.query(sql).finally(() => connection.end()))[0];
};

describe.skipIf(!found)('a MariaDB server of the practice ground', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nakat-mariadb-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('starts, keeps its data, and recovers from being killed', async () => {
    const dir = join(folder, 'a b ж');
    const first = await startMariaDb({ dir });
    await first.createDatabase('one `ж"');
    await ask(first, 'CREATE TABLE `one ``ж"`.t AS SELECT 42 AS n');
    expect(await ask(first, "SELECT LOWER('ПРИВЕТ') AS low")).toEqual([{ low: 'привет' }]);
    await first.dropDatabase('nothing');
    await expect(ask(first, 'SELECT 1', { password: 'wrong' })).rejects.toMatchObject({ errno: 1045 });
    await expect(ask(first, 'SELECT 1', { user: 'root', password: '' })).rejects.toMatchObject({ errno: 1045 });
    await expect(ask(first, 'SELECT 1', { user: 'nobody', password: '' })).rejects.toMatchObject({ errno: 1045 });
    expect((await stat(join(dir, 'password'))).mode & 0o077).toBe(0);
    expect(execFileSync('ps', ['-ww', '-p', String(first.pid), '-o', 'args='], { encoding: 'utf8' })).not.toContain(
      first.password,
    );

    // Left running by a run that was killed: the next one stops it first.
    const second = await startMariaDb({ dir });
    await expect(ask(first, 'SELECT 1')).rejects.toThrow();
    expect(await ask(second, 'SELECT n FROM `one ``ж"`.t')).toEqual([{ n: 42 }]);
    process.kill(second.pid, 'SIGKILL');
    const third = await startMariaDb({ dir });
    expect(await ask(third, 'SELECT n FROM `one ``ж"`.t')).toEqual([{ n: 42 }]);
    await third.stop();

    // A stale pid file whose number belongs to another program by now: that one is left alone.
    await writeFile(join(dir, 'pid'), `${process.pid}\n`);
    const fourth = await startMariaDb({ dir });
    expect(await readFile(join(dir, 'pid'), 'utf8')).toBe(`${fourth.pid}\n`);
    await fourth.stop();
    await expect(ask(fourth, 'SELECT 1')).rejects.toThrow();
  });

  it('leaves the temporary tables of other servers alone', async () => {
    const others = join(tmpdir(), `#sql-temptable-${process.pid}-1-1.MAI`);
    await writeFile(others, '');
    const account = await serverAccount('mysql');
    if (account) await chown(others, account.uid, account.gid);
    onTestFinished(() => rm(others, { force: true }));
    const server = await startMariaDb({ dir: join(folder, 'beside') });
    await server.stop();
    await stat(others);
  });
});
