import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { connectMariaDb } from '../../../activities/mariadb/connect.ts';
import { derivedName } from '../../../activities/mariadb/names.ts';
import { toolsOf } from '../../../activities/mariadb/tools.ts';
import { machineFor } from '../../../activities/machines/pool.ts';
import { startMariaDb } from '../../../lab/mariadb/server.ts';
import type { Backup } from '../../../runbook/results.ts';
import type { MariaDbTarget } from '../../../runbook/targets/index.ts';
import { testContext } from '../databases/context.ts';
import { contacts, refusal, state } from '../databases/seeds.ts';
import { hasMariaDb, startMariaDbFixture, type MariaDbFixture } from './fixture.ts';

describe.skipIf(!hasMariaDb)('MariaDB backups', () => {
  let fixture: MariaDbFixture;
  beforeAll(async () => {
    fixture = await startMariaDbFixture();
  });
  afterAll(() => fixture.close());
  afterEach(() => fixture.remove('b_shop'));

  const run = promisify(execFile);
  const connect = (changes: Partial<MariaDbTarget> = {}) =>
    connectMariaDb({ ...fixture.target('b_shop'), ...changes }, testContext().context);
  /** A folder with programs of ours under the names of the real ones. */
  const programs = async (folder: string, scripts: Readonly<Record<string, string>>): Promise<string> => {
    const tools = join(fixture.folder, folder);
    await mkdir(tools);
    for (const [name, script] of Object.entries(scripts)) {
      await writeFile(join(tools, name), `#!/bin/sh\n${script}\n`);
      await chmod(join(tools, name), 0o755);
    }
    return tools;
  };

  it('a full disk is said to be full, and nothing is left on it', async ({ skip }) => {
    if (process.getuid?.() !== 0) return skip('mounting needs root');
    await fixture.create('b_shop', [contacts]);
    await fixture.query('b_shop', 'CREATE TABLE many AS SELECT seq AS n, REPEAT(MD5(seq), 4) AS t FROM seq_1_to_20000');
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

  describe('a dump is data', () => {
    /** As somebody who may write in the backup folder, and knows the manifest: only the digest in the run's record is not his. */
    const poisoned = async (backup: Backup, clean: string, poison: string): Promise<Backup> => {
      const file = join(backup.place, 'tables.sql');
      const content = clean.replace('-- Dumping data for table', () => `${poison}\n-- Dumping data for table`);
      await writeFile(file, content);
      const path = join(backup.place, 'manifest.json');
      const manifest = JSON.parse(await readFile(path, 'utf8')) as { files: { path: string }[] };
      const sha256 = createHash('sha256').update(content).digest('hex');
      manifest.files = manifest.files.map((one) =>
        one.path === 'tables.sql' ? { path: one.path, size: Buffer.byteLength(content), sha256 } : one,
      );
      const text = JSON.stringify(manifest);
      await writeFile(path, text);
      return { ...backup, sha256: createHash('sha256').update(text).digest('hex') };
    };
    const poisons = (canary: string, script: string): string[] => [
      `\\! touch ${canary}`,
      `system touch ${canary}`,
      `SELECT 1 \\! touch ${canary}`,
      `/*!999999 \n\\! touch ${canary}\n*/;`,
      `source ${script}`,
      `\\. ${script}`,
      `tee ${canary}`,
      `\\T ${canary}`,
      `pager cat >${canary}\nSELECT 1;`,
      `delimiter ;;\n\\! touch ${canary}\n;;`,
    ];

    it('and never a program, also where it was signed again', async () => {
      await fixture.create('b_shop', [contacts]);
      const database = await connect();
      const before = await state(database);
      const canary = join(fixture.folder, 'canary');
      const script = join(fixture.folder, 'evil.sql');
      await writeFile(script, 'DROP TABLE b_shop.Contact;');
      const backup = await database.backUp('db-poison');
      // Without its first line, by which the dump itself asks the client for the sandbox.
      const dump = await readFile(join(backup.place, 'tables.sql'), 'utf8');
      const clean = dump.replace(/^.*enable the sandbox mode.*\n/, '');
      expect(clean).not.toBe(dump);
      for (const [index, poison] of poisons(canary, script).entries()) {
        const forged = await poisoned(backup, clean, poison);
        if (index === 0) await refusal(database.restore(`p-${index}`, backup, { replace: true }), 'BACKUP_DAMAGED');
        await database.restore(`p-${index}`, forged, { replace: true }).catch((error: unknown) => {
          expect(error, poison).toMatchObject({ code: 'RESTORE_FAILED' });
        });
        expect(await readdir(fixture.folder), poison).not.toContain('canary');
        expect(await state(database), poison).toEqual(before);
      }
    });
  });

  it('a schema changed while it was dumped is no backup', async () => {
    await fixture.create('b_shop', [contacts]);
    const { host, port, user } = fixture.server;
    const change = `MYSQL_PWD="$MYSQL_PWD" /usr/bin/mariadb --no-defaults -h${host} -P${port} -u${user} b_shop -e 'ALTER TABLE Contact ADD more int'`;
    const tools = await programs('changing', {
      'mariadb-dump': `case "$*" in *result-file*) /usr/bin/mariadb-dump "$@" || exit; ${change};; *) exec /usr/bin/mariadb-dump "$@";; esac`,
      mariadb: 'exec /usr/bin/mariadb "$@"',
    });
    const failure = await (await connect({ tools })).backUp('db-change').catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'BACKUP_FAILED', failure: { passing: true } });
    await (await connect()).verify(await (await connect()).backUp('db-change'));
  });

  it('programs that are missing or too old are named', async () => {
    await fixture.create('b_shop', [contacts]);
    const none = await programs('none', {});
    await refusal((await connect({ tools: none })).facts(), 'CLIENT_TOOLS_MISSING');
    const old = await programs('old', {
      mysqldump: "echo 'mysqldump  Ver 10.13 Distrib 5.5.68-MariaDB, for Linux (x86_64)'",
      mysql: "echo 'mysql  Ver 15.1 Distrib 5.5.68-MariaDB, for Linux (x86_64) using readline 5.1'",
    });
    await expect((await connect({ tools: old })).facts()).rejects.toMatchObject({
      code: 'CLIENT_TOOLS_TOO_OLD',
      failure: { values: { version: '5.5.68' } },
    });
  });

  it('a failed dump is reported with its own words and without the password', async () => {
    await fixture.create('b_shop', [contacts]);
    const tools = await programs('failing', {
      'mariadb-dump': `case "$*" in *result-file*) echo "mariadb-dump: Got error: out of luck" >&2; exit 2;; *) exec /usr/bin/mariadb-dump "$@";; esac`,
      mariadb: 'exec /usr/bin/mariadb "$@"',
    });
    const failure = await (await connect({ tools })).backUp('db-fail').catch((error: unknown) => error);
    expect(failure).toMatchObject({
      code: 'BACKUP_FAILED',
      failure: { vendor: expect.stringContaining('out of luck') as string },
    });
    expect(JSON.stringify(failure)).not.toContain(fixture.server.password);
    expect((await readdir(fixture.target('b_shop').backups)).filter((name) => name.startsWith('db-fail'))).toEqual([]);
  });

  it('an account that may not do it is told so', async () => {
    await fixture.create('b_shop', [contacts]);
    const file = join(fixture.folder, 'weak');
    await writeFile(file, 'weak\n');
    await fixture.query(null, `CREATE USER weak@'%' IDENTIFIED BY 'weak'; GRANT SELECT ON b_shop.* TO weak@'%'`);
    const weak = await connect({ user: 'weak', password: { file } });
    expect(await weak.count('Contact')).toBe(4);
    await refusal(weak.clear('Contact'), 'DATABASE_PERMISSION_DENIED');
    const backup = await (await connect()).backUp('db-weak');
    await refusal(weak.restore('r', backup, { replace: true }), 'DATABASE_PERMISSION_DENIED');
    await fixture.query(null, `DROP USER weak@'%'`);
  });

  it('a server without encryption is refused where encryption is asked for', async () => {
    await refusal((await connect({ tls: 'trust' })).tables(), 'DATABASE_UNREACHABLE');
  });

  it('encryption: any certificate where that is said, else only one that is vouched for', async () => {
    const [certificate, key] = [join(fixture.folder, 'cert.pem'), join(fixture.folder, 'key.pem')];
    const about = ['-days', '2', '-subj', '/CN=localhost', '-keyout', key, '-out', certificate];
    await run('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', ...about]);
    await chmod(key, 0o644);
    const dir = join(fixture.folder, 'encrypted');
    const settings = { 'ssl-cert': certificate, 'ssl-key': key, 'require-secure-transport': 'OFF' };
    const encrypted = await startMariaDb({ dir, settings });
    try {
      await encrypted.createDatabase('b_shop');
      const at = {
        port: encrypted.port,
        password: { file: encrypted.passwordFile },
        backups: join(fixture.folder, 'e'),
      };
      const trusting = await connect({ ...at, tls: 'trust' });
      await trusting.restore('r', await trusting.backUp('db-tls'), { replace: true });
      await refusal((await connect({ ...at, tls: 'on' })).tables(), 'DATABASE_UNREACHABLE');
      const tools = toolsOf(
        { ...fixture.target('b_shop'), ...at, tls: 'on' },
        await machineFor(fixture.target('b_shop').machine, testContext().context),
        testContext().context,
      );
      const client = await tools.program('client');
      const result = await tools.job('tls', [client.path, ...tools.connection(client), '-e', 'SELECT 1'], {}, 0);
      expect(result).toMatchObject({ code: 1, stderr: expect.stringMatching(/certificate/i) as string });
    } finally {
      await encrypted.stop();
    }
  });

  it('names are shortened with a hash, and refused where nobody could', async () => {
    const long = 'ж'.repeat(64);
    expect(derivedName(long, 'nk', 'x').length).toBe(64);
    expect(derivedName(long, 'nk', 'a')).not.toBe(derivedName(long, 'nk', 'b'));
    expect(derivedName(`${long}1`, 'nk', 'a')).not.toBe(derivedName(`${long}2`, 'nk', 'a'));
    for (const name of ['x'.repeat(65), '', 'a\0b', 'space ', '🎄'])
      await expect(connectMariaDb(fixture.target(name), testContext().context)).rejects.toMatchObject({
        code: 'DATABASE_NAME_INVALID',
      });
    for (const id of ['../up', 'a/b', '', 'x.partial', '-rf'])
      await refusal((await connect()).backUp(id), 'DATABASE_NAME_INVALID');
  });
});
