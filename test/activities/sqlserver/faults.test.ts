import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../../activities/databases/database.ts';
import type { Progress } from '../../../activities/step.ts';
import { refusal, stage, state } from '../databases/seeds.ts';
import { startStandInFixture, type StandInFixture } from './fixture.ts';

/** What dies in the middle, and what the next attempt makes of it. Windows paths, as most servers have them. */
describe('SQL Server: interrupted work', () => {
  let fixture: StandInFixture;
  const on = stage(() => fixture);
  beforeAll(async () => {
    fixture = await startStandInFixture({ backupsAs: 'D:\\Резервные копии' });
  });
  afterAll(async () => fixture.close());
  const big = async (name: string): Promise<Database> => {
    const database = await on.seeded(name);
    await fixture.query(
      name,
      `INSERT INTO "Contact" SELECT n, repeat('ж', 50), NULL, NULL FROM generate_series(100, 30000) n`,
    );
    return database;
  };
  const cut = (command: 'BACKUP DATABASE' | 'RESTORE DATABASE'): void => {
    fixture.server.faults.cut = { command, percent: 40 };
  };

  it('a backup whose connection broke is made again, and its half file is never used', async () => {
    const database = await big('f_backup');
    cut('BACKUP DATABASE');
    await refusal(database.backUp('db-cut'), 'DATABASE_UNREACHABLE');
    fixture.server.faults.cut = null;
    const half = (await stat(join(fixture.backups, 'db-cut.bak'))).size;
    expect(half).toBeGreaterThan(0);
    const backup = await database.backUp('db-cut');
    expect(backup.place).toBe('D:\\Резервные копии\\db-cut.bak');
    expect(backup.bytes).toBeGreaterThan(half);
    await database.verify(backup);

    // Finished, known to the server, and damaged since: the same id is made again.
    await fixture.damages['flipped byte']!(backup);
    await refusal(database.verify(backup), 'BACKUP_DAMAGED');
    await database.verify(await database.backUp('db-cut'));
  });

  it('a restore that broke leaves RESTORING, which the next attempt restores, and never somebody else', async () => {
    const database = await big('f_restore');
    const before = await state(database);
    const backup = await database.backUp('db-restore');
    const copy = await on.connect('f_copy');
    cut('RESTORE DATABASE');
    await refusal(copy.restore('r-1', backup, { replace: false }), 'DATABASE_UNREACHABLE');
    await refusal(database.restore('r-2', backup, { replace: true }), 'DATABASE_UNREACHABLE');
    fixture.server.faults.cut = null;
    expect(await copy.exists()).toBe(true);
    await expect(copy.count('Contact')).rejects.toThrow('927');
    // RESTORING, but it was there before nakat: only with leave.
    await refusal(database.restore('r-3', backup, { replace: false }), 'DATABASE_EXISTS');
    await fixture.restart();
    const [again, copyAgain] = [await on.connect('f_restore'), await on.connect('f_copy')];
    await copyAgain.restore('r-1', backup, { replace: false });
    await again.restore('r-2', backup, { replace: true });
    expect(await state(again)).toEqual(before);
    expect(await state(copyAgain)).toEqual(before);
    await copyAgain.drop();
  });

  it('shows how far it is, can be cancelled, and a running backup of the same id is followed, not doubled', async () => {
    const database = await big('f_progress');
    fixture.server.faults.slow = 20;
    const seen: Progress[] = [];
    const cancel = new AbortController();
    const cancelled = database.backUp('db-one', {
      signal: cancel.signal,
      progress: (progress) => {
        seen.push(progress);
        if ((progress.done ?? 0) > 20) cancel.abort(new Error('enough'));
      },
    });
    await expect(cancelled).rejects.toThrow('enough');
    expect(seen.map((one) => one.note)).toContain('backup');
    expect(Math.max(...seen.map((one) => one.done ?? 0))).toBeLessThan(90);

    const other = await on.connect('f_progress');
    const first = database.backUp('db-two');
    const running = await fixture.application('master');
    const needle = 'BACKUP DATABASE [f_progress]';
    const poll = `SELECT CONVERT(float, r.percent_complete) AS done FROM sys.dm_exec_requests AS r CROSS APPLY sys.dm_exec_sql_text(r.sql_handle) AS t
      WHERE r.session_id <> @@SPID AND CHARINDEX(@needle, t.text) > 0`;
    await expect
      .poll(async () => (await running.request().input('needle', needle).query(poll)).recordset.length, {
        timeout: 20_000,
      })
      .toBe(1);
    const second = other.backUp('db-two');
    expect(await second).toEqual(await first);
    fixture.server.faults.slow = 0;
    await running.close();
    expect(await fixture.history('db-two')).toBe(1);
  });

  it('a thread that updates statistics does not take the single seat, and is switched on again', async () => {
    const database = await big('f_statistics');
    const backup = await database.backUp('db-statistics');
    const point = await database.snapshot('snap-statistics');
    const before = await state(database);
    const theirs = await fixture.application('master');
    await theirs.request().batch('ALTER DATABASE [f_statistics] SET AUTO_UPDATE_STATISTICS_ASYNC ON');
    await database.clear('Contact');
    await database.revert('revert-statistics', point);
    expect(await state(database)).toEqual(before);
    await database.clear('Contact');
    await database.restore('r-statistics', backup, { replace: true });
    expect(await state(database)).toEqual(before);
    const asked = `SELECT d.state_desc AS state, d.user_access_desc AS access, d.is_auto_update_stats_async_on AS async FROM sys.databases AS d WHERE d.name = @name`;
    const { recordset } = await theirs.request().input('name', 'f_statistics').query(asked);
    expect(recordset).toEqual([{ state: 'ONLINE', access: 'MULTI_USER', async: true }]);
    await theirs.close();
  });

  it('bits are read as true and false, and set by either way of writing them', async () => {
    const database = await on.seeded('f_bits');
    await fixture.query('f_bits', `ALTER TABLE "Contact" ADD "Active" boolean DEFAULT false`);
    const read = async (): Promise<unknown> => (await database.rows('Contact', ['Active'], { Id: '1' }))[0]?.Active;
    expect(await read()).toBe('false');
    await database.update('Contact', { Active: 'true' }, { Id: '1' });
    expect(await read()).toBe('true');
    await database.update('Contact', { Active: '0' }, { Id: '1' });
    expect(await read()).toBe('false');
  });

  it('says when the disk is full, when pages are damaged, and when somebody else’s snapshot is in the way', async () => {
    const database = await big('f_errors');
    fixture.server.faults.backupRoom = 100_000;
    await refusal(database.backUp('db-full'), 'DISK_FULL');
    fixture.server.faults.backupRoom = null;
    fixture.server.faults.corrupt.add('f_errors');
    await refusal(database.checkIntegrity(), 'DATABASE_CORRUPT');
    fixture.server.faults.corrupt.delete('f_errors');
    await database.checkIntegrity();

    const backup = await database.backUp('db-theirs');
    const theirs = await fixture.application('master');
    await theirs
      .request()
      .batch(`CREATE DATABASE [theirs] ON (NAME = [f_errors], FILENAME = N'C:\\x.ss') AS SNAPSHOT OF [f_errors]`);
    await theirs.close();
    const failed = database.restore('r-theirs', backup, { replace: true });
    await expect(failed).rejects.toMatchObject({
      code: 'RESTORE_FAILED',
      failure: { vendor: expect.stringContaining('snapshot "theirs"') as string },
    });
    // Refused before it began: open for everybody again.
    expect(await database.count('Contact')).toBe(29905);
    await (await fixture.session('f_errors')).close();
  });
});

describe('SQL Server Express', () => {
  it('is backed up without compression', async () => {
    const fixture = await startStandInFixture({ edition: 'express' });
    await fixture.create('e_small', []);
    const database = await fixture.connect(fixture.target('e_small'));
    expect((await database.facts()).edition).toContain('Express');
    expect((await database.backUp('db-express')).bytes).toBeGreaterThan(0);
    await database.close();
    await fixture.close();
  });
});
