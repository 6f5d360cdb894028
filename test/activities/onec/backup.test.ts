import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { leftover } from '../../../lab/onec/exclusive-open.ts';
import { codeOf, startBench, type Bench } from './bench.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await startBench();
});
afterAll(() => bench.stop());
beforeEach(() => {
  bench.counted.length = 0;
  bench.machine.started.length = 0;
});

const files = (): string[] => readdirSync(bench.machine.real('C:\\backups')).sort();
const count = (what: string): number => bench.counted.filter((one) => one === what).length;
const dumpRunning = async (job: string, file: string): Promise<void> => {
  await expect
    .poll(async () => (await bench.machine.jobStatus(job)).state === 'running' && existsSync(bench.machine.real(file)))
    .toBe(true);
};

describe.each(['designer', 'ibcmd'] as const)('backing up by %s', (backup) => {
  it('makes one verified file with a manifest, and gives the same one again', async () => {
    const infobase = bench.open(bench.target('trade', { backup }));
    const made = await infobase.backUp(`a-${backup}`);
    expect(made).toMatchObject({ system: 'infobase', place: `C:\\backups\\a-${backup}.dt`, machine: 'app01' });
    expect(JSON.parse(readFileSync(bench.machine.real(`C:\\backups\\a-${backup}.json`), 'utf8'))).toMatchObject({
      sha256: made.sha256,
      bytes: made.bytes,
      source: 'server:app01:trade',
    });
    expect(files().filter((name) => name.includes('partial'))).toEqual([]);
    const runs = bench.counted.length;
    expect(await infobase.backUp(`a-${backup}`)).toEqual(made);
    expect(bench.counted.length).toBe(runs);
    expect(bench.machine.jobs.size).toBe(0);
    await infobase.verify(made);
  });

  it('removes the half file of a lost job and never uses it', async () => {
    const id = `half-${backup}`;
    const infobase = bench.open(bench.target('trade', { backup }));
    const first = infobase.backUp(id).catch(() => undefined);
    await dumpRunning(`${id}-dump`, `C:\\backups\\${id}.dt.partial`);
    const half = bench.machine.lose(`${id}-dump`);
    await Promise.all([first, half]);
    // A failed run is put away by the first attempt: what a power cut leaves is put there by hand.
    writeFileSync(bench.machine.real(`C:\\backups\\${id}.dt.partial`), '1CIBDmpF3 half');
    writeFileSync(bench.machine.real(`C:\\backups\\${id}.dt`), '1CIBDmpF3 half');
    const made = await infobase.backUp(id);
    expect(made.bytes).toBeGreaterThan(1000);
    await infobase.verify(made);
  });

  it('follows the job of a worker that went away', async () => {
    const id = `follow-${backup}`;
    const worker = new AbortController();
    const first = bench
      .open(bench.target('trade', { backup }), { signal: worker.signal, stopping: () => true })
      .backUp(id);
    await dumpRunning(`${id}-dump`, `C:\\backups\\${id}.dt.partial`);
    worker.abort();
    await expect(first).rejects.toThrow();
    await bench.open(bench.target('trade', { backup })).backUp(id);
    expect(count(backup === 'designer' ? '/DumpIB' : 'infobase dump')).toBe(1);
  });

  it('is not taken in by a file that was changed afterwards', async () => {
    const infobase = bench.open(bench.target('trade', { backup }));
    const made = await infobase.backUp(`b-${backup}`);
    const file = bench.machine.real(made.place);
    const bytes = readFileSync(file);
    bytes[bytes.length - 40] = bytes[bytes.length - 40]! ^ 1;
    writeFileSync(file, bytes);
    expect(await codeOf(infobase.verify(made))).toBe('INFOBASE_BACKUP_DAMAGED');
    expect(await codeOf(infobase.backUp(made.id))).toBe('INFOBASE_BACKUP_DAMAGED');
    expect(
      await codeOf(bench.open(bench.target('trade_test', { backup })).restore('r1', made, { replace: true })),
    ).toBe('INFOBASE_BACKUP_DAMAGED');
    rmSync(file);
    expect(await codeOf(infobase.verify(made))).toBe('INFOBASE_BACKUP_DAMAGED');
  });

  it('restores all rows once, over a test infobase only when that is allowed', async () => {
    const made = await bench.open(bench.target('trade', { backup })).backUp(`c-${backup}`);
    const test = bench.open(bench.target('trade_test', { backup }));
    await bench.query(
      'trade_test',
      "DELETE FROM _reference10 WHERE false; INSERT INTO _inforg30 (_fld31) VALUES ('own')",
    );
    rmSync(bench.machine.real('C:\\backups\\restored-trade_test.json'), { force: true });
    expect(await codeOf(test.restore('r2', made, { replace: false }))).toBe('INFOBASE_EXISTS');
    expect(await codeOf(bench.open(bench.target('trade', { backup })).restore('r2', made, { replace: false }))).toBe(
      'INFOBASE_IS_SOURCE',
    );
    writeFileSync(bench.machine.real('C:\\backups\\restored-trade_test.json'), '1');
    await test.restore(`r3-${backup}`, made, { replace: false });
    expect(await bench.query('trade_test', 'SELECT count(*)::int AS n FROM _inforg30')).toEqual([{ n: 0 }]);
    expect(await bench.query('trade_test', 'SELECT * FROM _document20 ORDER BY 1')).toEqual(
      await bench.query('trade', 'SELECT * FROM _document20 ORDER BY 1'),
    );
    // Once: what happened since stays. And what nakat filled it may fill again.
    await bench.query('trade_test', "INSERT INTO _inforg30 (_fld31) VALUES ('later')");
    await test.restore(`r3-${backup}`, made, { replace: true });
    expect(await bench.query('trade_test', 'SELECT count(*)::int AS n FROM _inforg30')).toEqual([{ n: 1 }]);
    await test.restore(`r4-${backup}`, made, { replace: false });
    expect(await bench.query('trade_test', 'SELECT count(*)::int AS n FROM _inforg30')).toEqual([{ n: 0 }]);
  });

  it('loads an empty infobase, follows a load that a worker left, and begins a lost one anew', async () => {
    const made = await bench.open(bench.target('trade', { backup })).backUp(`d-${backup}`);
    await bench.query('empty', 'DROP SCHEMA public CASCADE; CREATE SCHEMA public');
    rmSync(bench.machine.real('C:\\backups\\restored-empty.json'), { force: true });
    const id = `r6-${backup}`;
    const leave = async (): Promise<void> => {
      const worker = new AbortController();
      const first = bench
        .open(bench.target('empty', { backup }), { signal: worker.signal, stopping: () => true })
        .restore(id, made, { replace: false });
      await expect.poll(async () => (await bench.machine.jobStatus(`${id}-load`)).state).toBe('running');
      worker.abort();
      await expect(first).rejects.toThrow();
    };
    await leave();
    await bench.machine.lose(`${id}-load`);
    await leave();
    await bench.open(bench.target('empty', { backup })).restore(id, made, { replace: false });
    expect(count(backup === 'designer' ? '/RestoreIB' : 'infobase restore')).toBe(2);
    expect(await bench.query('empty', 'SELECT * FROM _reference10 ORDER BY 1')).toEqual(
      await bench.query('trade', 'SELECT * FROM _reference10 ORDER BY 1'),
    );
  });

  it('works on a file infobase, into a folder that is not there yet, and refuses an open one', async () => {
    const file = bench.open(bench.fileTarget('trade', { backup }));
    const made = await file.backUp(`f-${backup}`);
    const fresh = bench.open(bench.fileTarget(`copy-${backup}`, { backup }));
    await fresh.restore('r5', made, { replace: false });
    expect(await fresh.generation('g1')).toBe(await file.generation('g2'));
    const open = bench.machine.real('C:\\bases\\trade\\1Cv8.1CL');
    writeFileSync(open, '');
    expect(await codeOf(file.backUp(`g-${backup}`))).toBe('INFOBASE_BUSY');
    expect(await codeOf(file.lock('x'))).toBe('INFOBASE_BUSY');
    // What a client that was ended hard leaves behind stops nothing, and nakat removes nothing.
    writeFileSync(open, leftover);
    expect(await file.lock('x')).toEqual({ sessionsDenied: false, jobsDenied: false });
    expect(readFileSync(open, 'utf8')).toBe(leftover);
    await file.backUp(`h-${backup}`);
    writeFileSync(open, leftover);
    await file.restore(`r7-${backup}`, made, { replace: true });
    rmSync(open, { force: true });
    expect(await file.lock('x')).toEqual({ sessionsDenied: false, jobsDenied: false });
    await file.unlock(undefined);
  });
});

describe('what 1C refuses', () => {
  it('tells a wrong password, a busy and a denied infobase apart, and keeps the password to itself', async () => {
    const wrong = bench.target('trade', { password: { env: 'CLUSTER' } });
    expect(await codeOf(bench.open(wrong).backUp('w1'))).toBe('INFOBASE_LOGIN');
    expect(await codeOf(bench.open({ ...wrong, backup: 'ibcmd' }).backUp('w2'))).toBe('INFOBASE_LOGIN');
    expect(await codeOf(bench.open(wrong).state())).toBe('INFOBASE_LOGIN');
    const session = bench.cluster.open('trade', { app: '1CV8C', user: 'Кассир' });
    const busy = await bench
      .open(bench.target('trade'))
      .backUp('w3')
      .catch((error: unknown) => error as Error);
    expect(busy).toMatchObject({ code: 'INFOBASE_BUSY', failure: { passing: true } });
    expect(String(busy)).toContain('Тонкий клиент');
    expect(String(busy)).not.toContain('Секрет');
    bench.cluster.close(session.session);
    // The next attempt starts a new run instead of reading the failed one again.
    expect(await codeOf(bench.open(bench.target('trade')).backUp('w3'))).toBe('fine');
    bench.cluster.change(({ infobases }) =>
      Object.assign(infobases[0]!.properties, { 'sessions-deny': 'on', 'permission-code': 'other' }),
    );
    expect(await codeOf(bench.open(bench.target('trade')).generation('w4'))).toBe('INFOBASE_DENIED');
    bench.cluster.change(({ infobases }) =>
      Object.assign(infobases[0]!.properties, { 'sessions-deny': 'off', 'permission-code': '' }),
    );
    expect(bench.notes.join('\n')).not.toContain('Секрет');
  });

  it('takes exit code 0 with an error in the log for a failure', async () => {
    const machine = bench.machine;
    const before = machine.job;
    machine.job = async (name, argv, options) => {
      const result = await before.call(machine, name, argv, options);
      const log = argv[argv.indexOf('/Out') + 1]!;
      await machine.writeFile(log, 'Ошибка записи файла выгрузки');
      return result;
    };
    expect(await codeOf(bench.open(bench.target('trade')).backUp('z1'))).toBe('ONEC_FAILED');
    machine.job = async (name, argv, options) => {
      const result = await before.call(machine, name, argv, options);
      await machine.remove(argv[argv.indexOf('/DumpResult') + 1]!);
      return result;
    };
    expect(await codeOf(bench.open(bench.target('trade')).backUp('z2'))).toBe('ONEC_FAILED');
    machine.job = before;
    expect(files().filter((name) => name.startsWith('z'))).toEqual([]);
  });

  it('gives the database password to ibcmd in no argument', async () => {
    await bench.open(bench.target('trade', { backup: 'ibcmd' })).backUp('p1');
    expect(bench.machine.started.length).toBeGreaterThan(1);
    expect(JSON.stringify(bench.machine.started)).not.toContain(bench.postgres.password);
    expect(existsSync(bench.machine.real('C:\\nakat\\onec\\p1-dump'))).toBe(false);
  });

  it('finds a program that is missing', async () => {
    expect(await codeOf(bench.open(bench.target('trade', { platform: 'C:\\1cv8\\8.3.1.1' })).versions())).toBe(
      'ONEC_PROGRAM_MISSING',
    );
    expect(await bench.open(bench.target('trade')).versions()).toEqual({ platform: '8.3.25.1560', rac: '8.3.25.1560' });
  });
});
