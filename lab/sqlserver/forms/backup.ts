/** BACKUP, the RESTORE statements that only read, and the history in msdb (Microsoft Learn, "BACKUP", "RESTORE HEADERONLY"). */
import { rm, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { isWhole, readHeader, writeDump } from '../../postgres/dump-file.ts';
import { exportDatabase } from '../../postgres/rows.ts';
import { SqlError, terminating } from '../errors.ts';
import { list, optional, type Form } from '../grammar.ts';
import { openDatabase, type FileState } from '../instance.ts';
import { serverName } from '../identity.ts';
import type { Call } from '../session.ts';
import { table, text } from './server.ts';
import type { Run } from './index.ts';

export interface BackupHeader {
  readonly format: 'stand-in backup 1';
  readonly name: string | null;
  readonly database: string;
  readonly checksum: boolean;
  readonly copyOnly: boolean;
  readonly files: readonly FileState[];
}

const openFailed = (path: string, number: number, why: string): SqlError =>
  new SqlError(3201, `Cannot open backup device '${path}'. Operating system error ${number}(${why}).`);

export function realPath(call: Call, path: string): string {
  const real = call.instance.real(path);
  if (real === null) throw openFailed(path, 3, 'The system cannot find the path specified.');
  return real;
}

const systemFailure = (path: string, error: unknown): SqlError => {
  const code = (error as { code?: string }).code;
  if (code === 'ENOENT') return openFailed(path, 2, 'The system cannot find the file specified.');
  return openFailed(path, 5, 'Access is denied.');
};

/** The header of a backup; refused with 3241 when it is none. */
export async function headerOf(call: Call, path: string): Promise<{ real: string; header: BackupHeader }> {
  const real = realPath(call, path);
  const header = await readHeader(real).catch((error: unknown) => {
    throw systemFailure(path, error);
  });
  if (header === null || typeof header !== 'object' || !('format' in header) || header.format !== 'stand-in backup 1') {
    throw new SqlError(
      3241,
      `The media family on device '${path}' is incorrectly formed. SQL Server cannot process this media family.`,
    );
  }
  return { real, header: header as unknown as BackupHeader };
}

/** Reads the whole file, as WITH CHECKSUM does. */
export async function checkWhole(path: string, real: string): Promise<void> {
  if (!(await isWhole(real)))
    throw new SqlError(
      3183,
      `RESTORE detected an error on page (1:1) in database "${path}" as read from the backup set.`,
    );
}

/** Percent complete, STATS messages, and the faults that strike in the middle. */
export const progressOf = (call: Call, command: string) => {
  let told = 0;
  return async (done: number, total: number): Promise<void> => {
    const percent = total === 0 ? 100 : (done / total) * 100;
    call.running.percent = percent;
    const { cut, slow } = call.instance.faults;
    if (slow > 0) await sleep(slow, undefined, { signal: call.running.signal });
    call.running.signal.throwIfAborted();
    if (cut?.command === command && percent >= cut.percent) {
      call.session.kill();
      throw new SqlError(596, 'Cannot continue the execution because the session is in the kill state.', 21);
    }
    if (percent - told >= 5) call.info(3211, `${(told = Math.floor(percent))} percent processed.`);
  };
};

async function backUp(
  call: Call,
  options: { database: string; path: string; name: string | null; compressed: boolean; checksum: boolean },
): Promise<null> {
  const { instance } = call;
  const system = options.database.toLowerCase() === 'model';
  const state = system ? null : await openDatabase(instance, call.session, options.database);
  if (options.compressed && instance.options.edition === 'express') {
    throw new SqlError(1844, 'BACKUP DATABASE WITH COMPRESSION is not supported on Express Edition (64-bit).');
  }
  const real = realPath(call, options.path);
  // FORMAT: whatever was in the file is gone from here on.
  await writeFile(real, '').catch((error: unknown) => {
    throw systemFailure(options.path, error);
  });
  const database = state?.name ?? options.database;
  const header = {
    format: 'stand-in backup 1',
    name: options.name,
    database,
    checksum: options.checksum,
    copyOnly: true,
    files: state === null ? [] : (await instance.files(state)).map((file) => ({ ...file })),
  };
  const room = instance.faults.backupRoom ?? Infinity;
  const lines = async function* (): AsyncGenerator<string> {
    if (state === null) {
      yield* [JSON.stringify({ before: [], tables: [], after: [] }), JSON.stringify({ rows: 0 })];
      return;
    }
    const client = await instance.connect(state.pg);
    try {
      let written = 0;
      let progress: [number, number] = [0, 0];
      const step = progressOf(call, 'BACKUP DATABASE');
      for await (const line of exportDatabase(client, (...now) => (progress = now))) {
        written += line.length;
        if (written > room)
          throw new SqlError(3202, `Write on "${options.path}" failed: 112(There is not enough space on the disk.)`);
        yield line;
        if (progress[1] > 0) await step(...progress);
      }
    } finally {
      await client.end();
    }
  };
  const bytes = await writeDump(real, header, lines(), call.running.signal);
  await instance.query('INSERT INTO backupset (database, name, path, bytes) VALUES ($1, $2, $3, $4)', [
    database,
    options.name,
    options.path,
    bytes,
  ]);
  call.info(3014, `BACKUP DATABASE successfully processed ${Math.ceil(bytes / 8192)} pages in 0.1 seconds.`);
  return null;
}

const orTerminate =
  (command: string, run: Run): Run =>
  async (found, call) => {
    try {
      return await run(found, call);
    } catch (error) {
      throw error instanceof SqlError && error.number !== 911 ? terminating(command, error) : error;
    }
  };

const headerColumns = [
  'BackupName',
  'BackupType',
  'Compressed',
  'Position',
  'DatabaseName',
  'ServerName',
  'IsCopyOnly',
  'HasBackupChecksums',
  'IsDamaged',
];
const numeric = new Set(['BackupType', 'Compressed', 'Position']);

export const backupForms: readonly Form<Run>[] = [
  {
    patterns: [
      "BACKUP DATABASE {db} TO DISK = {'path} WITH COPY_ONLY, INIT, FORMAT, CHECKSUM",
      optional('compressed', ', COMPRESSION'),
      optional('named', ", NAME = {'name}"),
      optional('stats', ', STATS = {#percent}'),
    ],
    run: orTerminate('BACKUP DATABASE', (found, call) =>
      backUp(call, {
        database: found.text('db'),
        path: found.text('path'),
        name: found.value('name'),
        compressed: found.has('compressed'),
        checksum: true,
      }),
    ),
  },
  {
    patterns: ["RESTORE HEADERONLY FROM DISK = {'path}"],
    run: orTerminate('RESTORE HEADERONLY', async (found, call) => {
      const { header } = await headerOf(call, found.text('path'));
      const values = [header.name, 1, 0, 1, header.database, serverName, header.copyOnly, header.checksum, false];
      return table(
        headerColumns.map((name) => ({
          name,
          type: numeric.has(name) ? 'int' : /^(Is|Has)/.test(name) ? 'bit' : 'nvarchar',
        })),
        [values],
      );
    }),
  },
  {
    patterns: ["RESTORE FILELISTONLY FROM DISK = {'path}"],
    run: orTerminate('RESTORE FILELISTONLY', async (found, call) => {
      const { header } = await headerOf(call, found.text('path'));
      return table(
        [text('LogicalName'), text('PhysicalName'), text('Type'), { name: 'FileId', type: 'bigint' }],
        header.files.map((file) => [file.logical, file.physical, file.type === 'LOG' ? 'L' : 'D', file.id]),
      );
    }),
  },
  {
    patterns: ["RESTORE VERIFYONLY FROM DISK = {'path} WITH CHECKSUM", optional('stats', ', STATS = {#percent}')],
    run: orTerminate('VERIFY DATABASE', async (found, call) => {
      const path = found.text('path');
      const { real } = await headerOf(call, path);
      await progressOf(call, 'RESTORE VERIFYONLY')(0, 1);
      await checkWhole(path, real);
      call.running.percent = 100;
      call.info(3262, 'The backup set on file 1 is valid.');
      return null;
    }),
  },
  {
    patterns: [
      `SELECT TOP (1) s.backup_size AS size, s.compressed_backup_size AS compressed FROM msdb.dbo.backupset AS s JOIN msdb.dbo.backupmediafamily AS m ON m.media_set_id = s.media_set_id
       WHERE s.database_name = {@database} AND m.physical_device_name = {@path} AND s.name = {@id} AND s.type = N'D' AND s.is_copy_only = 1 AND s.has_backup_checksums = 1 AND s.is_damaged = 0
       ORDER BY s.backup_set_id DESC`,
    ],
    run: async (found, { instance }) => {
      const rows = await instance.query<{ bytes: string }>(
        'SELECT bytes FROM backupset WHERE lower(database) = lower($1) AND path = $2 AND name = $3 AND NOT damaged ORDER BY id DESC LIMIT 1',
        [found.value('database'), found.value('path'), found.value('id')],
      );
      return table(
        [
          { name: 'size', type: 'bigint' },
          { name: 'compressed', type: 'bigint' },
        ],
        rows.map(({ bytes }) => [bytes, bytes]),
      );
    },
  },
  {
    // Deletes only what is a backup.
    patterns: ['EXEC master.dbo.xp_delete_file 0,', list('files', ',', "{'path}")],
    run: async (found, call) => {
      for (const file of found.many('files')) await rm((await headerOf(call, file.text('path'))).real);
      return null;
    },
  },
];
