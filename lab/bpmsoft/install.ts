/**
 * What installing the connector does to the database, in phases with log lines, as an administrator sees it happen.
 * Follows the vendor's update instruction: the record layout of SmrSyncHistory changes, and "use for deduplication" has to
 * be set again. The final words of the log are those that clio looks for (BasePackageInstaller.cs); a damaged archive is
 * called InvalidGZipArchiveException there. The layout is the practice ground's: one more column, null in old rows.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from 'pg';
import { readConnectorPackage } from './package.ts';
import { connectorPackage } from './seed.ts';

export interface Installation {
  readonly file: string;
  readonly archive: Buffer;
  readonly pool: Pool;
  /** Milliseconds for all of it. */
  readonly duration: number;
  readonly breaks: (
    kind: 'install' | 'install-silent' | 'install-no-verdict' | 'install-log-late' | 'install-log-kept' | 'settings',
  ) => boolean;
  /** Aborted when the site stops: the installation dies with its process, wherever it is. */
  readonly signal: AbortSignal;
}

export async function installLog(pool: Pool): Promise<string> {
  const { rows } = await pool.query<{ Text: string }>('select "Text" from "SysPackageInstallLog" where "Id" = 1');
  return rows[0]?.Text ?? '';
}

/** Resolves to the reply of the service. */
export async function install({
  file,
  archive,
  pool,
  duration,
  breaks,
  signal,
}: Installation): Promise<{ success: boolean; message: string }> {
  const log = (line: string) =>
    pool.query('update "SysPackageInstallLog" set "Text" = "Text" || $1 where "Id" = 1', [`${line}\n`]);
  const phase = async (line: string, change?: () => Promise<unknown>) => {
    signal.throwIfAborted();
    await log(line);
    await change?.();
    await sleep(duration / 5, undefined, { signal });
  };
  const start = `Started installing packages from archive ${file}\n`;
  if (breaks('install-log-late')) await sleep(duration, undefined, { signal });
  if (breaks('install-log-kept')) await log(start);
  else
    await pool.query(
      'insert into "SysPackageInstallLog" values (1, $1) on conflict ("Id") do update set "Text" = excluded."Text"',
      [start],
    );
  let packages: { name: string; version: string }[];
  try {
    packages = await readConnectorPackage(archive);
    if (packages.length === 0) throw new Error('no package found');
  } catch (error) {
    await log(`InvalidGZipArchiveException: ${error instanceof Error ? error.message : String(error)}`);
    await log('Package installation failed');
    return { success: false, message: 'InvalidGZipArchiveException' };
  }
  for (const { name, version } of packages) {
    const connector = name === connectorPackage;
    await phase(`Installing package "${name}" ${version}: validation`);
    await phase(`Installing package "${name}": schemas`, async () => {
      if (connector)
        await pool.query('alter table "SmrSyncHistory" add column if not exists "IntegrationObjectId" uuid');
    });
    if (breaks('install')) {
      await log(
        'System.InvalidOperationException: Table structure for the "SmrIntegrationObject" schema was not updated',
      );
      await log('Package installation failed');
      return { success: false, message: 'Table structure for the "SmrIntegrationObject" schema was not updated' };
    }
    await phase(`Installing package "${name}": data`, async () => {
      if (connector) await pool.query('update "SmrIntegrationObject" set "UseForDeduplication" = false');
      if (connector && breaks('settings'))
        await pool.query(
          `update "SmrIntegrationSetting" set "Value" = '50', "ModifiedOn" = clock_timestamp() where "Code" = 'BatchSize'`,
        );
    });
    await phase(`Installing package "${name}": scripts`, async () => {
      if (breaks('install-silent')) return;
      await pool.query(
        `insert into "SysPackage" ("Id", "UId", "Name", "Version", "Maintainer", "InstallType") values (gen_random_uuid(), gen_random_uuid(), $1, $2, 'Customer', 1)
         on conflict ("Name") do update set "Version" = excluded."Version"`,
        [name, version],
      );
    });
  }
  await phase('Generating static content');
  if (!breaks('install-no-verdict')) await log('Application installed successfully');
  return { success: true, message: '' };
}

/** The new layout is there: an installation has run on this database, if only in part. */
export async function isNewLayout(pool: Pool): Promise<boolean> {
  const { rowCount } = await pool.query(
    `select 1 from information_schema.columns where table_name = 'SmrSyncHistory' and column_name = 'IntegrationObjectId'`,
  );
  return (rowCount ?? 0) > 0;
}
