import { execFile, execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCluster, type Cluster } from '../../../lab/postgres/cluster.ts';
import { embeddedPrograms, installedPrograms, type Programs } from '../../../lab/postgres/programs.ts';

const ask = async (
  cluster: Cluster,
  database: string,
  sql: string,
  password = cluster.password,
): Promise<unknown[]> => {
  const client = new pg.Client({ ...cluster, password, database });
  await client.connect();
  return (await client.query<Record<string, unknown>>(sql).finally(() => client.end())).rows;
};
const pidOf = async (dir: string): Promise<number> =>
  Number.parseInt(await readFile(join(dir, 'data', 'postmaster.pid'), 'utf8'), 10);
/** A zombie that nobody waits for (a container's init may not) has ended too. */
const isAlive = async (pid: number): Promise<boolean> => {
  const { stdout } = await promisify(execFile)('ps', ['-p', String(pid), '-o', 'stat=']).catch(() => ({ stdout: '' }));
  return stdout.trim() !== '' && !stdout.startsWith('Z');
};

const kinds: [string, () => Promise<Programs | null>][] = [
  ['installed', async () => (await installedPrograms())[0] ?? null],
  ['embedded', embeddedPrograms],
];

describe.each(kinds)('a cluster of the %s PostgreSQL', (kind, find) => {
  let programs: Programs | null;
  let dir: string;
  beforeAll(async () => {
    programs = await find();
    dir = await mkdtemp(join(tmpdir(), 'nakat-cluster-'));
  });
  afterAll(() => rm(dir, { recursive: true, force: true }));

  it('starts, keeps its data, and recovers from being killed', async ({ skip }) => {
    if (!programs) return skip(`no ${kind} PostgreSQL here`);
    const options = { dir: join(dir, 'a b ж'), programs };
    const first = await startCluster(options);
    expect(first.bin === null).toBe(kind === 'embedded');
    await first.createDatabase('one "ж"');
    await ask(first, 'one "ж"', 'CREATE TABLE t AS SELECT 42 AS n');
    await first.createDatabase('two', 'one "ж"');
    expect(await ask(first, 'two', 'SELECT n, lower($$ПРИВЕТ$$) AS low FROM t')).toEqual([{ n: 42, low: 'привет' }]);
    await first.dropDatabase('two');
    await first.dropDatabase('two');
    await expect(ask(first, 'one "ж"', 'SELECT', 'wrong')).rejects.toMatchObject({ code: '28P01' });
    expect((await stat(join(options.dir, 'password'))).mode & 0o077).toBe(0);
    const pid = await pidOf(options.dir);
    if (process.platform === 'linux')
      expect(execFileSync('ps', ['-ww', '-p', String(pid), '-o', 'args='], { encoding: 'utf8' })).not.toContain(
        first.password,
      );

    // Left running by a run that was killed: the next one stops it first.
    const second = await startCluster(options);
    expect(await isAlive(pid)).toBe(false);
    expect(await ask(second, 'one "ж"', 'SELECT n FROM t')).toEqual([{ n: 42 }]);

    process.kill(await pidOf(options.dir), 'SIGKILL');
    const third = await startCluster(options);
    expect(await ask(third, 'one "ж"', 'SELECT n FROM t')).toEqual([{ n: 42 }]);
    await third.stop();

    // A stale pid file whose number belongs to another program by now: that one is left alone.
    await writeFile(join(options.dir, 'data', 'postmaster.pid'), `${process.pid}\n${join(options.dir, 'data')}\n`);
    const fourth = await startCluster(options);
    expect(await ask(fourth, 'one "ж"', 'SELECT n FROM t')).toEqual([{ n: 42 }]);
    await fourth.stop();
    await expect(ask(fourth, 'postgres', 'SELECT')).rejects.toThrow();
  });
});
