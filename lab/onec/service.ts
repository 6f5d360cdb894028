/**
 * An infobase's publication on a web server: one HTTP service, `exchange`, through which the connector reads orders and
 * writes contacts. Every call is a session of the infobase while it lasts (app-id HTTPServiceConnection).
 * Follows: `{publication}/hs/{root}/…`, HTTP Basic with a 1C user; the words of a denied session as the web server's
 * extension gives them (403 with «Начало сеанса с информационной базой запрещено», seen in a public test of an OData gate).
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { Client } from 'pg';
import { OnecRefusal, type OneCCluster } from './cluster.ts';
import { passwordHash, withClient } from './data.ts';
import { infobaseTables } from './seed.ts';

export interface OnecServiceOptions {
  readonly cluster: OneCCluster;
  /** The infobase's name in the cluster. */
  readonly infobase: string;
  /** 0: any free one. */
  readonly port?: number;
  /** Path of the publication. Default: the infobase's name in lower case, `/trade`. */
  readonly base?: string;
  /** Told of every call that got in: `orders` or `contacts`, and how many rows. */
  readonly count?: (event: string, detail: string) => void;
}

export interface OnecService {
  /** `http://127.0.0.1:40123/trade` */
  readonly url: string;
  readonly port: number;
  stop(): Promise<void>;
}

const { contacts, orders } = infobaseTables;
const bodyLimit = 10_000_000;

export async function startOnecService(options: OnecServiceOptions): Promise<OnecService> {
  const base = options.base ?? `/${options.infobase.toLowerCase()}`;
  const server: Server = createServer((request, response) => {
    serve(options, base, request).then(
      ({ status, body }) => reply(response, status, body),
      (error: unknown) =>
        reply(response, statusOf(error), { error: error instanceof Error ? error.message : String(error) }),
    );
  });
  server.listen(options.port ?? 0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}${base}`,
    port,
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close').catch(() => undefined);
    },
  };
}

class HttpError extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const statusOf = (error: unknown): number =>
  error instanceof HttpError ? error.status : error instanceof OnecRefusal ? 403 : 500;

function reply(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    ...(status === 401 ? { 'www-authenticate': 'Basic realm="1C:Enterprise 8.3"' } : {}),
  });
  response.end(JSON.stringify(body));
}

async function serve(
  options: OnecServiceOptions,
  base: string,
  request: IncomingMessage,
): Promise<{ status: number; body: unknown }> {
  const path = (request.url ?? '').split('?')[0];
  const call = `${request.method} ${path}`;
  const known = { [`GET ${base}/hs/exchange/orders`]: 'orders', [`POST ${base}/hs/exchange/contacts`]: 'contacts' }[
    call
  ];
  if (known === undefined) throw new HttpError(404, `Ресурс не найден: ${path}`);
  const [user, password] = credentials(request);
  const text = await readBody(request);
  const session = options.cluster.open(options.infobase, { user, app: 'HTTPServiceConnection', host: 'WEB01' });
  try {
    return await withClient(options.cluster.find(options.infobase).database, async (client) => {
      const found = await client.query('SELECT 1 FROM v8users WHERE name = $1 AND data = $2', [
        user,
        passwordHash(password),
      ]);
      if (found.rowCount === 0) throw new HttpError(401, 'Идентификация пользователя не выполнена');
      const body = known === 'orders' ? await readOrders(client) : await writeContacts(client, text);
      options.count?.(known, String(body.length));
      return { status: 200, body };
    });
  } finally {
    options.cluster.close(session.session);
  }
}

function credentials(request: IncomingMessage): [string, string] {
  const match = /^Basic (.+)$/i.exec(request.headers.authorization ?? '');
  const text = match ? Buffer.from(match[1]!, 'base64').toString('utf8') : '';
  const colon = text.indexOf(':');
  if (colon < 0) throw new HttpError(401, 'Требуется авторизация');
  return [text.slice(0, colon), text.slice(colon + 1)];
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > bodyLimit) throw new HttpError(413, 'Слишком большое тело запроса');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

async function readOrders(client: Client): Promise<unknown[]> {
  const result = await client.query(
    `SELECT o._idrref AS ref, o._number AS number, coalesce(c._description, '') AS name, to_char(o._date_time, 'YYYY-MM-DD"T"HH24:MI:SS') AS changed
     FROM ${orders} o LEFT JOIN ${contacts} c ON c._idrref = o._fld21rref ORDER BY o._number`,
  );
  return result.rows;
}

/** Contacts with a `ref` are changed or made under it, those without get one; the answer names every ref. */
async function writeContacts(client: Client, text: string): Promise<{ ref: string }[]> {
  const given = parse(text);
  await client.query('BEGIN');
  await client.query(`LOCK TABLE ${contacts} IN EXCLUSIVE MODE`);
  const refs: { ref: string }[] = [];
  for (const { ref = randomUUID(), name, email } of given) {
    await client.query(
      `INSERT INTO ${contacts} SELECT $1, lpad((coalesce(max(_code::int), 0) + 1)::text, 9, '0'), $2, $3 FROM ${contacts}
       ON CONFLICT (_idrref) DO UPDATE SET _description = excluded._description, _fld11 = excluded._fld11`,
      [ref, name, email],
    );
    refs.push({ ref });
  }
  await client.query('COMMIT');
  return refs;
}

function parse(text: string): { ref?: string; name: string; email: string }[] {
  try {
    const list: unknown = JSON.parse(text);
    if (Array.isArray(list) && list.every((one) => typeof one?.name === 'string' && typeof one.email === 'string'))
      return list;
  } catch {
    // Said below.
  }
  throw new HttpError(400, 'Ошибка разбора тела запроса: ожидается массив контактов');
}
