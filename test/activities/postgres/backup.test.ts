import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { connectPostgres } from '../../../activities/postgres/connect.ts';
import { connectionString, derivedName } from '../../../activities/postgres/names.ts';
import type { PostgresTarget } from '../../../runbook/targets/index.ts';
import { testContext } from '../databases/context.ts';
import { contacts, refusal, state } from '../databases/seeds.ts';
import { hasPostgres, startPostgresFixture, type PostgresFixture } from './fixture.ts';

describe.skipIf(!hasPostgres)('PostgreSQL backups', () => {
  let fixture: PostgresFixture;
  beforeAll(async () => {
    fixture = await startPostgresFixture();
  });
  afterAll(() => fixture.close());
  afterEach(() => fixture.remove('b_crm'));

  const run = promisify(execFile);
  const connect = (changes: Partial<PostgresTarget> = {}) =>
    connectPostgres({ ...fixture.target('b_crm'), ...changes }, testContext().context);
  const fill = async (): Promise<void> =>
    void (await fixture.query(
      'b_crm',
      `INSERT INTO "Contact" SELECT g, repeat(md5(random()::text || g), 8) FROM generate_series(100, 20000) g`,
    ));

  it('a full disk is said to be full, and nothing is left on it', async ({ skip }) => {
    if (process.getuid?.() !== 0) return skip('mounting needs root');
    await fixture.create('b_crm', [contacts]);
    await fill();
    const small = join(fixture.folder, 'small');
    await mkdir(small);
    await run('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', small]);
    try {
      const database = await connect({ backups: small });
      const before = await state(database);
      await refusal(database.backUp('db-full'), 'DISK_FULL');
      expect(await readdir(small)).toEqual([]);
      expect(await state(database)).toEqual(before);
    } finally {
      await run('umount', [small]);
    }
  });

  it('a plain dump is a program, and is never run', async () => {
    await fixture.create('b_crm', [contacts]);
    const database = await connect();
    const canary = join(fixture.folder, 'canary');
    const backup = await database.backUp('db-poison');
    // A dump whose manifest was rewritten with it, as by somebody who may write there.
    await writeFile(join(backup.place, 'toc.dat'), `\\! touch ${canary}\nDROP TABLE "Contact";\n`);
    await refusal(database.restore('r', backup, { replace: true }), 'BACKUP_DAMAGED');
    const manifest = JSON.parse(await readFile(join(backup.place, 'manifest.json'), 'utf8')) as {
      files: { path: string; size: number; sha256: string }[];
    };
    const toc = await readFile(join(backup.place, 'toc.dat'));
    manifest.files = manifest.files.map((file) =>
      file.path === 'toc.dat'
        ? { path: 'toc.dat', size: toc.length, sha256: createHash('sha256').update(toc).digest('hex') }
        : file,
    );
    const text = JSON.stringify(manifest);
    await writeFile(join(backup.place, 'manifest.json'), text);
    const forged = { ...backup, sha256: createHash('sha256').update(text).digest('hex') };
    await refusal(database.restore('r', forged, { replace: true }), 'BACKUP_DAMAGED');
    expect(await readdir(fixture.folder)).not.toContain('canary');
    expect(await database.count('Contact')).toBe(4);
  });

  it('programs that are missing or too old are named', async () => {
    await fixture.create('b_crm', [contacts]);
    const tools = join(fixture.folder, 'tools');
    await mkdir(tools);
    await refusal((await connect({ tools })).facts(), 'CLIENT_TOOLS_MISSING');
    for (const tool of ['pg_dump', 'pg_restore']) {
      await writeFile(join(tools, tool), `#!/bin/sh\necho '${tool} (PostgreSQL) 9.6.24'\n`);
      await chmod(join(tools, tool), 0o755);
    }
    await expect((await connect({ tools })).facts()).rejects.toMatchObject({
      code: 'CLIENT_TOOLS_TOO_OLD',
      failure: { values: { version: '9.6.24' } },
    });
  });

  it('a failed pg_dump is reported with its own words and without the password', async () => {
    await fixture.create('b_crm', [contacts]);
    const tools = join(fixture.folder, 'failing');
    await mkdir(tools);
    await writeFile(
      join(tools, 'pg_dump'),
      `#!/bin/sh\nfor last; do :; done\nmkdir -p "${join(fixture.target('b_crm').backups, 'db-fail.partial')}"\necho 'pg_dump: error: out of luck' >&2\nexit 1\n`,
    );
    await chmod(join(tools, 'pg_dump'), 0o755);
    const failure = await (await connect({ tools })).backUp('db-fail').catch((error: unknown) => error);
    expect(failure).toMatchObject({
      code: 'BACKUP_FAILED',
      failure: { vendor: expect.stringContaining('out of luck') },
    });
    expect(JSON.stringify(failure)).not.toContain(fixture.cluster.password);
    expect((await readdir(fixture.target('b_crm').backups)).filter((name) => name.startsWith('db-fail'))).toEqual([]);
  });

  it('names are shortened with a hash, and refused where nobody could', async () => {
    const long = 'ж'.repeat(31);
    expect(Buffer.byteLength(derivedName(long, 'snap', 'x'))).toBeLessThanOrEqual(63);
    expect(derivedName(long, 'nk', 'a')).not.toBe(derivedName(long, 'nk', 'b'));
    expect(derivedName(`${long}1`, 'nk', 'a')).not.toBe(derivedName(`${long}2`, 'nk', 'a'));
    expect(connectionString("a'\\ host=evil")).toBe(String.raw`dbname='a\'\\ host=evil'`);
    await expect(connectPostgres(fixture.target('x'.repeat(64)), testContext().context)).rejects.toMatchObject({
      code: 'DATABASE_NAME_INVALID',
    });
    for (const id of ['../up', 'a/b', '', 'x.partial', '-rf'])
      await refusal((await connect()).backUp(id), 'DATABASE_NAME_INVALID');
  });
});
