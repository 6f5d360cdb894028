/**
 * Releases of the practice ground's web part: what its vendor ships, as files by path. The migration of a release is a file of
 * SQL that the site carries out by itself; words are those that MariaDB and PostgreSQL share.
 */
import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import yazl from 'yazl';

export type ReleaseVersion = '4.2.0' | '4.3.0';

const page = (title: string, body: string, head = ''): string => `<!doctype html>
<html lang="ru">
<head><meta charset="utf-8"><title>${title}</title><link rel="stylesheet" href="/css/site.css"><link rel="stylesheet" href="/custom/custom.css">${head}</head>
<body>
<header><img src="/upload/logo.svg" alt="" width="120" height="40"><nav><a href="/">Каталог</a> <a href="/account">Личный кабинет</a></nav></header>
${body}
<footer>Zeta Web</footer>
<script src="/js/site.js"></script>
</body>
</html>
`;

const css = `body { margin: 0; font: 16px/1.5 sans-serif; color: #222; }
header { display: flex; gap: 24px; align-items: center; padding: 12px 24px; background: #123a5c; color: #fff; }
header a { color: #fff; }
main { padding: 24px; }
.goods { display: grid; grid-template-columns: repeat(3, 1fr); gap: 16px; }
.goods article { border: 1px solid #ccd; padding: 12px; }
.price { font-weight: bold; }
footer { padding: 12px 24px; border-top: 1px solid #ccd; }
`;

/** Statements end with `;` at the end of a line. */
export const migrations: Readonly<Record<ReleaseVersion, string>> = {
  '4.2.0': `CREATE TABLE goods (id varchar(40) PRIMARY KEY, article varchar(60) NOT NULL, name varchar(200) NOT NULL, price numeric(15,2) NOT NULL, stock numeric(15,3) NOT NULL);
CREATE TABLE exchange_log (id integer PRIMARY KEY, started varchar(30) NOT NULL, status varchar(20) NOT NULL, message varchar(500) NOT NULL, goods integer NOT NULL);
CREATE TABLE orders (id integer PRIMARY KEY, customer varchar(200) NOT NULL, total numeric(15,2) NOT NULL);
`,
  '4.3.0': `ALTER TABLE goods ADD COLUMN slug varchar(200);
UPDATE goods SET slug = lower(article);
CREATE TABLE pictures (id varchar(40) PRIMARY KEY, goods varchar(40) NOT NULL, file varchar(200) NOT NULL);
CREATE INDEX pictures_goods ON pictures (goods);
ALTER TABLE goods ADD COLUMN reserved numeric(15,3);
`,
};

/** Columns by table, as the vendor documents them. */
export const schemaOf: Readonly<Record<ReleaseVersion, Readonly<Record<string, readonly string[]>>>> = {
  '4.2.0': {
    settings: ['name', 'value'],
    goods: ['id', 'article', 'name', 'price', 'stock'],
    exchange_log: ['id', 'started', 'status', 'message', 'goods'],
    orders: ['id', 'customer', 'total'],
  },
  '4.3.0': {
    settings: ['name', 'value'],
    goods: ['id', 'article', 'name', 'price', 'stock', 'slug', 'reserved'],
    exchange_log: ['id', 'started', 'status', 'message', 'goods'],
    orders: ['id', 'customer', 'total'],
    pictures: ['id', 'goods', 'file'],
  },
};

export function releaseFiles(version: ReleaseVersion): Record<string, string> {
  const next = version === '4.3.0';
  const modules = Array.from({ length: 40 }, (_, at): [string, string] => [
    `modules/module-${at}.js`,
    // Every third one is new.
    `// module ${at} of ${next && at % 3 === 0 ? '4.3.0' : '4.2.0'}\n`.repeat(30),
  ]);
  return {
    'index.html': page('Каталог', '<main><h1>Каталог</h1><div class="goods">{{goods}}</div></main>'),
    'account/profile.html': page(
      'Личный кабинет',
      '<main>\n<h1>Личный кабинет</h1>\n<p>Здесь ваши заказы.</p>\n</main>',
      next ? '<meta name="release" content="4.3.0">' : '',
    ),
    'css/site.css': next ? `${css}.goods article img { width: 100%; }\n` : css,
    'js/site.js': `window.zeta = '${version}';\n`,
    'core/version.json': `${JSON.stringify({ product: 'Zeta Web', version })}\n`,
    ...(next ? { 'js/pictures.js': 'window.pictures = [];\n' } : { 'js/legacy.js': 'window.legacy = true;\n' }),
    'migrations/4.2.0.sql': migrations['4.2.0'],
    ...(next ? { 'migrations/4.3.0.sql': migrations['4.3.0'] } : {}),
    ...Object.fromEntries(modules),
  };
}

/** A zip as the vendor sends it: the site's files lie below `web/`. */
export async function writeReleaseArchive(file: string, version: ReleaseVersion): Promise<void> {
  const zip = new yazl.ZipFile();
  const options = { mtime: new Date('2026-01-15T00:00:00Z'), mode: 0o100644 };
  zip.addBuffer(Buffer.from(`Zeta Web ${version}\n`), 'readme.txt', options);
  for (const [path, text] of Object.entries(releaseFiles(version)))
    zip.addBuffer(Buffer.from(text), `web/${path}`, options);
  zip.end();
  await pipeline(zip.outputStream, createWriteStream(file));
}
