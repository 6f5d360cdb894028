/** A Zeta-like site as it is before the update: the vendor's files of the old release, the customer's own, and data. */
import { randomBytes } from 'node:crypto';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Goods } from './commerceml.ts';
import { openZetaDatabase, type ZetaDatabaseAddress } from './database.ts';
import { migrations, releaseFiles } from './release.ts';

export const configIni = (at: ZetaDatabaseAddress): string =>
  `; Написано при установке\n[database]\nengine = ${at.engine}\nhost = ${at.host}\nport = ${at.port}\nname = ${at.name}\nuser = ${at.user}\npassword = ${at.password}\n`;

const logo =
  '<svg xmlns="http://www.w3.org/2000/svg" width="120" height="40"><rect width="120" height="40" fill="#e8a33d"/></svg>\n';

/** `folder`: a real path. */
export async function seedSiteFolder(folder: string, address: ZetaDatabaseAddress): Promise<void> {
  const vendor = releaseFiles('4.2.0');
  const files: Record<string, string | Buffer> = {
    ...vendor,
    // Edited by the customer.
    'account/profile.html': (vendor['account/profile.html'] ?? '').replace('ваши заказы', 'ваши заказы и бонусы'),
    'config.ini': configIni(address),
    'custom/custom.css': 'header { background: #2f5d3a; }\n',
    'custom/Памятка для менеджера.html': '<p>Позвоните клиенту</p>\n',
    'upload/logo.svg': logo,
    'upload/photo.bin': randomBytes(20_000),
  };
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
    await chmod(join(folder, name), 0o644);
  }
}

/** Of the 1C side; the site has them from earlier exchanges. */
export const catalogue = (many: number): Goods[] =>
  Array.from({ length: many }, (_, at) => ({
    id: `10000000-0000-4000-8000-${String(at).padStart(12, '0')}`,
    article: `A-${String(at + 1).padStart(4, '0')}`,
    name: `Товар ${at + 1}`,
    price: 100 + at * 10.5,
    stock: at % 7,
  }));

export async function seedSiteDatabase(address: ZetaDatabaseAddress, url: string): Promise<void> {
  const database = await openZetaDatabase(address);
  try {
    await database.query('CREATE TABLE settings (name varchar(40) PRIMARY KEY, value varchar(400) NOT NULL)');
    for (const statement of migrations['4.2.0'].split(/;\s*\n/).filter((one) => one.trim() !== ''))
      await database.query(statement);
    const settings = {
      schema: '4.2.0',
      exchange: '1',
      maintenance: '0',
      site_url: url,
      smtp_host: 'smtp.production.example',
    };
    for (const pair of Object.entries(settings))
      await database.query('INSERT INTO settings (name, value) VALUES (?, ?)', pair);
    // Older than what 1C has: the exchange really changes the site, so a restore that leaves it out can be seen.
    for (const one of catalogue(30))
      await database.query('INSERT INTO goods (id, article, name, price, stock) VALUES (?, ?, ?, ?, ?)', [
        one.id,
        one.article,
        one.name,
        one.price - 1,
        one.stock,
      ]);
    for (let at = 1; at <= 25; at++)
      await database.query('INSERT INTO orders (id, customer, total) VALUES (?, ?, ?)', [
        at,
        `Покупатель ${at}`,
        at * 250,
      ]);
  } finally {
    await database.close();
  }
}
