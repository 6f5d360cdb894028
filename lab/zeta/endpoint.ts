/**
 * The site's side of the exchange, strict: log-in by HTTP Basic, then the cookie; parts of a file are appended; an import is
 * done bit by bit and says `progress` until the last record is in. Answers are plain text in windows-1251, as those of sites of
 * that kind. Source: 1C-Bitrix's documentation of the exchange with 1C, public modules that follow it.
 * Files of an exchange lie in `upload/1c_exchange/<session>`, which `init` empties.
 */
import { randomBytes } from 'node:crypto';
import { appendFile, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import yauzl from 'yauzl';
import { readCommerceMl, type Record1C } from './commerceml.ts';
import { inTransaction, openZetaDatabase, type ZetaDatabase, type ZetaDatabaseAddress } from './database.ts';

export interface EndpointOptions {
  readonly folder: string;
  readonly user: string;
  readonly password: string;
  readonly zip: boolean;
  /** Bytes per request. */
  readonly fileLimit: number;
  /** Milliseconds per part of an import. */
  readonly pause: number;
  readonly count: (event: string) => void;
  /** Asked at every import. */
  readonly broken: () => boolean;
}

export interface EndpointRequest {
  readonly query: URLSearchParams;
  readonly method: string;
  readonly authorization: string;
  readonly cookie: string;
  readonly body: Buffer;
}

export interface EndpointReply {
  readonly status: number;
  /** Lines. */
  readonly text: string;
}

interface Session {
  readonly folder: string;
  /** Row of `exchange_log`. */
  entry: number;
  /** Records of the file that is being imported, and how many of them are in. */
  readonly imports: Map<string, { records: Record1C[]; done: number }>;
}

const cookieName = 'ZETASESSION';
const recordsPerRequest = 15;
const reply = (...lines: string[]): EndpointReply => ({ status: 200, text: lines.join('\n') });
const failure = (reason: string, status = 200): EndpointReply => ({ status, text: `failure\n${reason}` });

export function exchangeEndpoint(
  options: EndpointOptions,
): (request: EndpointRequest, address: ZetaDatabaseAddress) => Promise<EndpointReply> {
  const sessions = new Map<string, Session>();

  async function answer(request: EndpointRequest, database: ZetaDatabase): Promise<EndpointReply> {
    const { query } = request;
    const [type, mode] = [query.get('type'), query.get('mode')];
    if (type !== 'catalog') return failure('Неизвестный тип обмена');
    if ((await database.query(`SELECT value FROM settings WHERE name = 'exchange'`))[0]?.['value'] !== '1')
      return failure('Обмен с 1С выключен');
    if (mode === 'checkauth') {
      const expected = `Basic ${Buffer.from(`${options.user}:${options.password}`).toString('base64')}`;
      if (request.authorization !== expected) return failure('Неверный логин или пароль', 401);
      const id = randomBytes(12).toString('hex');
      sessions.set(id, { folder: join(options.folder, 'upload/1c_exchange', id), entry: 0, imports: new Map() });
      return reply('success', cookieName, id, `timestamp=${Math.floor(Date.now() / 1000)}`);
    }
    const session = sessions.get(new RegExp(`${cookieName}=(\\w+)`).exec(request.cookie)?.[1] ?? '');
    if (!session) return failure('Сессия не найдена', 401);
    if (mode === 'init') return init(session, database);
    const name = query.get('filename') ?? '';
    if (!/^[\w.-]+\.(xml|zip)$/.test(name)) return failure('Недопустимое имя файла');
    if (mode === 'file') return receive(session, name, request);
    if (mode === 'import') return importPart(session, name, database);
    return failure('Неизвестный режим');
  }

  async function init(session: Session, database: ZetaDatabase): Promise<EndpointReply> {
    await rm(session.folder, { recursive: true, force: true });
    await mkdir(session.folder, { recursive: true });
    session.imports.clear();
    const rows = await database.query('SELECT coalesce(max(id), 0) AS last FROM exchange_log');
    session.entry = Number(rows[0]?.['last'] ?? 0) + 1;
    await database.query('INSERT INTO exchange_log (id, started, status, message, goods) VALUES (?, ?, ?, ?, 0)', [
      session.entry,
      new Date().toISOString(),
      'running',
      '',
    ]);
    return reply(`zip=${options.zip ? 'yes' : 'no'}`, `file_limit=${options.fileLimit}`);
  }

  async function receive(session: Session, name: string, { method, body }: EndpointRequest): Promise<EndpointReply> {
    if (method !== 'POST' || session.entry === 0) return failure('Сначала mode=init');
    if (body.length > options.fileLimit) return failure(`Часть файла больше ${options.fileLimit} байт`);
    await appendFile(join(session.folder, name), body);
    return reply('success');
  }

  async function importPart(session: Session, name: string, database: ZetaDatabase): Promise<EndpointReply> {
    try {
      if (options.broken()) throw new Error('Неизвестный тип цены: Розничная');
      const running = session.imports.get(name) ?? { records: await readFileOf(session, name), done: 0 };
      session.imports.set(name, running);
      const part = running.records.slice(running.done, running.done + recordsPerRequest);
      await inTransaction(database, async () => {
        for (const one of part) await store(database, one);
      });
      running.done += part.length;
      await delay(options.pause);
      if (running.done < running.records.length)
        return reply('progress', `Обработано ${running.done} из ${running.records.length}`);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      await database.query('UPDATE exchange_log SET status = ?, message = ? WHERE id = ?', [
        'error',
        message,
        session.entry,
      ]);
      return failure(message);
    }
    if (name.startsWith('offers')) {
      const goods = session.imports.get(name)?.records.length ?? 0;
      await database.query('UPDATE exchange_log SET status = ?, message = ?, goods = ? WHERE id = ?', [
        'success',
        `Загружено товаров: ${goods}`,
        goods,
        session.entry,
      ]);
      options.count('exchange');
    }
    return reply('success');
  }

  return async (request, address) => {
    const database = await openZetaDatabase(address);
    return answer(request, database).finally(() => database.close());
  };
}

async function store(database: ZetaDatabase, one: Record1C): Promise<void> {
  const known = (await database.query('SELECT id FROM goods WHERE id = ?', [one.id])).length > 0;
  if (one.kind === 'goods') {
    if (known)
      await database.query('UPDATE goods SET article = ?, name = ? WHERE id = ?', [one.article, one.name, one.id]);
    else
      await database.query('INSERT INTO goods (id, article, name, price, stock) VALUES (?, ?, ?, 0, 0)', [
        one.id,
        one.article,
        one.name,
      ]);
  } else {
    if (!known) throw new Error(`Товар не найден: ${one.id}`);
    await database.query('UPDATE goods SET price = ?, stock = ? WHERE id = ?', [one.price, one.stock, one.id]);
  }
}

async function readFileOf(session: Session, name: string): Promise<Record1C[]> {
  const path = join(session.folder, name);
  const zip = join(session.folder, 'import.zip');
  if (!(await stat(path).catch(() => null)) && (await stat(zip).catch(() => null))) await unzip(zip, session.folder);
  const text = await readFile(path, 'utf8').catch(() => {
    throw new Error(`Файл ${name} не загружен`);
  });
  return readCommerceMl(text);
}

/** Names without folders only. */
async function unzip(file: string, folder: string): Promise<void> {
  const zip = await yauzl.openPromise(file);
  try {
    for await (const entry of zip.eachEntry()) {
      if (!/^[\w.-]+\.xml$/.test(entry.fileName)) throw new Error(`Недопустимое имя в архиве: ${entry.fileName}`);
      await writeFile(join(folder, entry.fileName), await buffer(await zip.openReadStreamPromise(entry)));
    }
  } finally {
    zip.close();
  }
}
