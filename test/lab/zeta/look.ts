/** Production seen from outside nakat. */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readModel } from '../../../lab/onec/model.ts';
import { openZetaDatabase } from '../../../lab/zeta/database.ts';
import type { ZetaGround } from '../../../lab/zeta/ground.ts';

/** Names and contents of every file; without `upload`, where the exchange leaves its own. */
export async function siteFiles(folder: string): Promise<string> {
  const lines: string[] = [];
  const walk = async (below: string): Promise<void> => {
    for (const entry of await readdir(join(folder, below), { withFileTypes: true })) {
      const path = join(below, entry.name);
      if (path === 'upload') continue;
      if (entry.isDirectory()) await walk(path);
      else
        lines.push(
          `${path} ${createHash('sha256')
            .update(await readFile(join(folder, path)))
            .digest('hex')}`,
        );
    }
  };
  await walk('');
  return createHash('sha256').update(lines.sort().join('\n')).digest('hex');
}

/** All of production that an update changes. */
export async function stateOf(ground: ZetaGround): Promise<Record<string, unknown>> {
  const database = await openZetaDatabase(ground.databases.site);
  const read = async (sql: string): Promise<unknown> =>
    Object.values((await database.query(sql))[0] ?? {})
      .map(String)
      .join(' ');
  try {
    const model = await readModel({ kind: 'server', database: ground.onec.find('zeta').database });
    const { properties } = ground.onec.find('zeta');
    return {
      configuration: model.database.version,
      data: model.dataVersion,
      initialData: model.constants['ВерсияНачальныхДанных'],
      pending: model.pending,
      job: model.jobs.map(({ use }) => use),
      locked: [properties['sessions-deny'], properties['scheduled-jobs-deny']],
      schema: await read(`SELECT value FROM settings WHERE name = 'schema'`),
      exchange: await read(`SELECT value FROM settings WHERE name = 'exchange'`),
      maintenance: await read(`SELECT value FROM settings WHERE name = 'maintenance'`),
      orders: await read('SELECT count(*) AS n, sum(total) AS total FROM orders'),
      page: (await fetch(ground.sites.production.url)).status,
      version: ((await (await fetch(`${ground.sites.production.url}/version`)).json()) as { version: string }).version,
      files: await siteFiles(ground.folders.site),
    };
  } finally {
    await database.close();
  }
}
