/** The 1C side of the practice ground: the installed configuration, and the vendor's files that lead to the new one. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ClientBase } from 'pg';
import { writeConfigurationFile, type Release } from '../onec/configuration.ts';
import { newModel, type Model } from '../onec/model.ts';
import { seedInfobase } from '../onec/seed.ts';
import { exchangeJob, goodsTable } from './job.ts';
import { catalogue } from './seed.ts';

const handlers = [
  { version: '3.1.5', name: 'Контакты_ЗаполнитьКод', deferred: false },
  { version: '3.1.5', name: 'Контакты_Нормализовать', deferred: false },
  { version: '3.2.1', name: 'Товары_ЗаполнитьРезерв', deferred: false },
  { version: '3.2.1', name: 'Товары_ПеренестиКартинки', deferred: false },
  { version: '3.2.1', name: 'Заказы_ПересчитатьИтоги', deferred: true },
];

const release = (version: string, initialData: string): Release => ({
  name: 'ZetaTrade',
  vendor: 'Zeta',
  version,
  objects: {
    'Справочник.Контакты': `content ${version}`,
    'Справочник.Товары': `content ${version}`,
    'Документ.Заказ': 'content 3.1.4',
    'ОбщийМодуль.ОбменССайтом': `content ${version}`,
  },
  handlers: handlers.filter((one) => one.version <= version),
  jobs: [exchangeJob],
  initialData,
});

/** The customer changed an object of the configuration, which is then no longer the vendor's. */
export function installedModel(changed: boolean): Model {
  const installed = release('3.1.4', '2026.1');
  const objects = changed
    ? { ...installed.objects, 'Документ.Заказ': 'content 3.1.4, скидка заказчика' }
    : installed.objects;
  return newModel({ ...installed, objects, support: { objects: installed.objects, editable: changed } });
}

/** As the vendor ships it: a folder of its own for each release, with the manifest of the template in it. */
function writeManifest(file: string, version: string): void {
  const lines = [
    'Vendor=Zeta',
    'Name=ZetaTrade',
    `Version=${version}`,
    'AppVersion=8.3.24.1467',
    '[Config1]',
    'Catalog=Zeta',
  ];
  writeFileSync(join(dirname(file), '1cv8.mft'), `\uFEFF${lines.join('\r\n')}\r\n`);
}

/** Two hops: 3.1.4 → 3.1.5 → 3.2.1. */
export function writeUpdateFiles(file: (version: string) => string): void {
  for (const version of ['3.1.5', '3.2.1']) {
    mkdirSync(dirname(file(version)), { recursive: true });
    writeManifest(file(version), version);
  }
  writeConfigurationFile(file('3.1.5'), { kind: 'cfu', release: release('3.1.5', '2026.1'), from: ['3.1.3', '3.1.4'] });
  writeConfigurationFile(file('3.2.1'), { kind: 'cfu', release: release('3.2.1', '2026.2'), from: ['3.1.5', '3.2.0'] });
}

export async function seedZetaInfobase(
  client: ClientBase,
  users: readonly { name: string; password: string }[],
  changed: boolean,
): Promise<void> {
  await seedInfobase(client, { users, model: installedModel(changed) });
  await client.query(
    `CREATE TABLE ${goodsTable} (_idrref uuid PRIMARY KEY, _code text NOT NULL UNIQUE, _description text NOT NULL, _fld41 numeric(15,2) NOT NULL, _fld42 numeric(15,3) NOT NULL)`,
  );
  for (const one of catalogue(40))
    await client.query(`INSERT INTO ${goodsTable} VALUES ($1, $2, $3, $4, $5)`, [
      one.id,
      one.article,
      one.name,
      one.price,
      one.stock,
    ]);
}
