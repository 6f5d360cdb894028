/**
 * A Zeta-like web site: HTTP from a real tree of files, a database of its own whose address stands in `config.ini`, a page that
 * names its version, a door that lets only the administration in, the switch of the exchange among its settings, and the exchange itself. The vendor
 * publishes none of these, so paths and names are this lab's own, and settings in nakat's plan.
 *
 * Follows: the database migrates by itself once the files are new (the vendor's update procedure, point 9); CommerceML
 * (`endpoint.ts`). Files are read at every request, as a web server does.
 */
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { buffer } from 'node:stream/consumers';
import iconv from 'iconv-lite';
import { openZetaDatabase, type ZetaDatabaseAddress } from './database.ts';
import { exchangeEndpoint } from './endpoint.ts';
import { migrate } from './migrate.ts';

/** What can be broken, in production alone. */
export type SiteBreakage = 'migration' | 'layout' | 'exchange' | 'version-stuck';

export interface ZetaSiteOptions {
  /** Real folder; it may be made later. */
  readonly folder: string;
  /** 0: any free one. */
  readonly port: number;
  /** Of the administration: sees the site also while it is closed. */
  readonly admin: { readonly user: string; readonly password: string };
  readonly exchange: { readonly user: string; readonly password: string };
  readonly broken: (what: SiteBreakage) => boolean;
  readonly count: (event: string) => void;
  /** Milliseconds per statement of a migration. */
  readonly slowness: number;
  readonly zip?: boolean;
}

export interface ZetaSite {
  readonly port: number;
  readonly url: string;
  stop(): Promise<void>;
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css',
  '.js': 'text/javascript',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
};

interface Reply {
  readonly status: number;
  readonly type: string;
  readonly body: string | Buffer;
}

export async function startZetaSite(options: ZetaSiteOptions): Promise<ZetaSite> {
  const { folder } = options;
  const endpoint = exchangeEndpoint({
    folder, ...options.exchange, zip: options.zip ?? false, fileLimit: 4096, pause: options.slowness / 4, count: options.count, broken: () => options.broken('exchange') && isNew(folder),
  }); // prettier-ignore
  let migrating = false;
  let firstVersion: string | undefined;

  const filesVersion = async (): Promise<string> =>
    String((JSON.parse(await readFile(join(folder, 'core/version.json'), 'utf8')) as { version: string }).version);

  async function serve(request: IncomingMessage): Promise<Reply> {
    const url = new URL(request.url ?? '/', 'http://site');
    const body = await buffer(request);
    const address = databaseOf(await readFile(join(folder, 'config.ini'), 'utf8'));
    const isAdmin =
      request.headers.authorization ===
      `Basic ${Buffer.from(`${options.admin.user}:${options.admin.password}`).toString('base64')}`;
    if (url.pathname === '/exchange/1c.php') {
      const { status, text } = await endpoint(
        {
          query: url.searchParams,
          method: request.method ?? 'GET',
          authorization: request.headers.authorization ?? '',
          cookie: request.headers.cookie ?? '',
          body,
        },
        address,
      );
      return { status, type: 'text/plain; charset=windows-1251', body: iconv.encode(text, 'win1251') };
    }
    const version = await filesVersion();
    // An opcode cache that never looks at the files again.
    firstVersion ??= version;
    if (url.pathname === '/version')
      return {
        status: 200,
        type: 'application/json',
        body: JSON.stringify({
          product: 'Zeta Web',
          version: options.broken('version-stuck') ? firstVersion : version,
        }),
      };
    if (url.pathname === '/admin/exchange')
      return isAdmin
        ? administer(request.method ?? 'GET', body.toString(), address)
        : page(401, 'Требуется авторизация');
    const found = types[extname(url.pathname)] === undefined ? undefined : await readStatic(url.pathname);
    if (found)
      return options.broken('layout') && url.pathname === '/css/site.css' && isNew(folder)
        ? page(403, 'Forbidden')
        : found;
    if (types[extname(url.pathname)] !== undefined) return page(404, 'Not Found');
    if (!isAdmin && (await settingOf(address, 'maintenance')) === '1') return page(401, 'Сайт на обслуживании');
    if (migrating) return page(503, 'Обновление базы данных, подождите');
    migrating = true;
    try {
      await migrate({
        folder,
        address,
        version,
        pause: options.slowness,
        breaks: options.broken('migration'),
        count: options.count,
      });
    } finally {
      migrating = false;
    }
    return render(url.pathname, address);
  }

  const readStatic = async (path: string): Promise<Reply | undefined> => {
    const name = normalize(decodeURIComponent(path));
    if (name.startsWith('..')) return undefined;
    return readFile(join(folder, name)).then(
      (body) => ({ status: 200, type: types[extname(name)] ?? 'application/octet-stream', body }),
      () => undefined,
    );
  };

  async function render(path: string, address: ZetaDatabaseAddress): Promise<Reply> {
    const file = { '/': 'index.html', '/account': 'account/profile.html' }[path];
    if (file === undefined) return page(404, 'Страница не найдена');
    const template = await readFile(join(folder, file), 'utf8');
    const database = await openZetaDatabase(address);
    try {
      const goods = await database.query('SELECT name, price FROM goods ORDER BY article LIMIT 12');
      const list = goods
        .map(
          (one) =>
            `<article><h2>${String(one['name'])}</h2><p class="price">${Number(one['price']).toFixed(2)}</p></article>`,
        )
        .join('');
      return { status: 200, type: types['.html'] ?? '', body: template.replace('{{goods}}', list) };
    } finally {
      await database.close();
    }
  }

  const server = createServer((request, response) => {
    serve(request).then(
      (reply) => send(response, reply),
      (error: unknown) => send(response, page(500, error instanceof Error ? error.message : String(error))),
    );
  });
  server.listen(options.port, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** The switch of the exchange as the administration shows and takes it. */
async function administer(method: string, body: string, address: ZetaDatabaseAddress): Promise<Reply> {
  const wanted = new URLSearchParams(body).get('enabled');
  if (method === 'POST' && (wanted === '0' || wanted === '1')) {
    const database = await openZetaDatabase(address);
    await database
      .query(`UPDATE settings SET value = ? WHERE name = 'exchange'`, [wanted])
      .finally(() => database.close());
  }
  const now = (await settingOf(address, 'exchange')) === '1';
  return {
    status: 200,
    type: types['.html'] ?? '',
    body: `<title>Обмен с 1С</title><p class="state">${now ? 'Обмен включён' : 'Обмен выключен'}</p>`,
  };
}

async function settingOf(address: ZetaDatabaseAddress, name: string): Promise<string> {
  const database = await openZetaDatabase(address);
  return database
    .query('SELECT value FROM settings WHERE name = ?', [name])
    .then((rows) => String(rows[0]?.['value'] ?? ''))
    .finally(() => database.close());
}

/** `name = value` lines; sections only for people. */
export function databaseOf(config: string): ZetaDatabaseAddress {
  const values = Object.fromEntries(
    [...config.matchAll(/^(\w+)\s*=\s*(.*)$/gm)].map((match) => [match[1] ?? '', (match[2] ?? '').trim()]),
  );
  return {
    engine: values['engine'] === 'mariadb' ? 'mariadb' : 'postgres',
    host: values['host'] ?? '',
    port: Number(values['port']),
    name: values['name'] ?? '',
    user: values['user'] ?? '',
    password: values['password'] ?? '',
  };
}

const isNew = (folder: string): boolean => readFileSync(join(folder, 'core/version.json'), 'utf8').includes('4.3.0');
const page = (status: number, words: string): Reply => ({
  status,
  type: types['.html'] ?? '',
  body: `<title>${words}</title><h1>${words}</h1>`,
});

function send(response: ServerResponse, { status, type, body }: Reply): void {
  response.writeHead(status, {
    'content-type': type,
    'cache-control': 'no-store',
    ...(status === 401 ? { 'www-authenticate': 'Basic realm="Zeta"' } : {}),
  });
  response.end(body);
}
