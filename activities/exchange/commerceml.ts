/**
 * The exchange of 1C with a site in CommerceML, spoken as 1C speaks it: the site answers plain text, line by line, often in
 * windows-1251. Sources: 1C-Bitrix's documentation of the exchange (checkauth, init, file, import), public site modules that
 * follow it (nested replies `sessid=…`, `timestamp=…`), the data processor of 1C's configurations on the other side.
 */
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { buffer } from 'node:stream/consumers';
import iconv from 'iconv-lite';
import yazl from 'yazl';
import { isNakatError, NakatError } from '../../runbook/errors/index.ts';
import { note } from '../../runbook/messages/progress.ts';
import type { SiteExchange, WebSite } from '../../runbook/targets/index.ts';
import { httpConnections } from '../bpmsoft/http.ts';
import { title } from '../bpmsoft/session.ts';
import type { StepContext } from '../step.ts';
import { basic } from '../website/web.ts';

type Endpoint = NonNullable<SiteExchange['endpoint']>;

/** First line and the rest. */
interface Answer {
  readonly verdict: string;
  readonly lines: readonly string[];
}

export interface ExchangeSession {
  /** Sends the files and has each imported; comes back when the last one is in. */
  send(files: readonly string[]): Promise<void>;
}

const patience = 120_000;
/** A site that says `progress` for ever would hold the step until its own time-out; each such answer is a new request. */
const mostRounds = 100_000;

/** @throws EXCHANGE_LOGIN_REFUSED, EXCHANGE_NOT_UNDERSTOOD: account, password, path or type are not those of the site. */
export async function demandEntry(site: WebSite, endpoint: Endpoint, context: StepContext): Promise<void> {
  await logIn(site, endpoint, context);
}

/** Whether the endpoint lets anybody in. Its refusal is in words, by status, or a page of its own. */
export async function letsIn(site: WebSite, endpoint: Endpoint, context: StepContext): Promise<boolean> {
  try {
    await logIn(site, endpoint, context);
    return true;
  } catch (error) {
    if (isNakatError(error) && ['EXCHANGE_LOGIN_REFUSED', 'EXCHANGE_NOT_UNDERSTOOD'].includes(error.code)) return false;
    throw error;
  }
}

export async function openExchange(site: WebSite, endpoint: Endpoint, context: StepContext): Promise<ExchangeSession> {
  const ask = await logIn(site, endpoint, context);
  const failed = (stage: string, { lines }: Answer): NakatError =>
    new NakatError('EXCHANGE_FAILED', {
      values: { site: site.name, stage },
      vendor: lines.join(' ').trim(),
      where: site.name,
    });

  const settings = await ask('init', {});
  const setting = (name: string): string | undefined =>
    [settings.verdict, ...settings.lines]
      .map((line) => new RegExp(`^${name}=(.+)$`).exec(line)?.[1])
      .find((value) => value !== undefined);
  const limit = Number(setting('file_limit'));
  if (!Number.isInteger(limit) || limit <= 0)
    throw notUnderstood(site, 'init', [settings.verdict, ...settings.lines].join(' '));

  async function upload(filename: string, content: Buffer): Promise<void> {
    for (let at = 0; at === 0 || at < content.length; at += limit) {
      const answer = await ask('file', { filename }, content.subarray(at, at + limit));
      if (answer.verdict !== 'success') throw failed(`file ${filename}`, answer);
      context.progress({ done: Math.min(at + limit, content.length), total: content.length, note: filename });
    }
  }

  async function importFile(filename: string): Promise<void> {
    for (let round = 0; round < mostRounds; round++) {
      const answer = await ask('import', { filename });
      if (answer.verdict === 'success') return;
      if (answer.verdict !== 'progress') throw failed(`import ${filename}`, answer);
      const [said] = answer.lines;
      context.progress({ note: said === undefined ? note('onTheWay', { name: filename }) : `${filename}: ${said}` });
    }
    throw failed(`import ${filename}`, { verdict: 'progress', lines: [`${mostRounds} × progress`] });
  }

  return {
    async send(files) {
      const contents: [string, Buffer][] = [];
      for (const file of files)
        contents.push([
          basename(file),
          await readFile(file).catch((cause: unknown) => {
            throw new NakatError('EXCHANGE_FILE_MISSING', {
              values: { site: site.name, file },
              vendor: String(cause),
              cause,
            });
          }),
        ]);
      if (setting('zip') === 'yes') await upload('import.zip', await zipped(contents));
      else for (const [name, content] of contents) await upload(name, content);
      for (const [name] of contents) await importFile(name);
    },
  };
}

type Ask = (mode: string, parameters: Readonly<Record<string, string>>, body?: Buffer) => Promise<Answer>;

async function logIn(site: WebSite, endpoint: Endpoint, context: StepContext): Promise<Ask> {
  const connections = httpConnections();
  context.onEnd(() => connections.close());
  const authorization = basic(endpoint.user, await context.secret(endpoint.password));
  let cookie = '';
  let more: Record<string, string> = {};

  const ask: Ask = async (mode, parameters, body) => {
    const url = new URL(endpoint.path, site.url);
    for (const [name, value] of Object.entries({ type: endpoint.type, mode, ...more, ...parameters }))
      url.searchParams.set(name, value);
    const headers = {
      authorization,
      ...(cookie === '' ? {} : { cookie }),
      ...(body ? { 'content-type': 'application/octet-stream' } : {}),
    };
    const reply = await connections
      .send(url, {
        method: body ? 'POST' : 'GET',
        headers,
        ...(body ? { body } : {}),
        timeout: patience,
        signal: context.signal,
      })
      .catch((cause: unknown) => {
        context.signal.throwIfAborted();
        throw new NakatError('WEBSITE_UNREACHABLE', {
          values: { site: site.name, url: url.origin },
          vendor: cause instanceof Error ? cause.message : String(cause),
          where: site.name,
          cause,
        });
      });
    const text = decoded(reply.bytes);
    if (reply.status === 401 || reply.status === 403)
      throw new NakatError('EXCHANGE_LOGIN_REFUSED', {
        values: { site: site.name, user: endpoint.user },
        vendor: title(text),
        where: site.name,
      });
    const [verdict = '', ...lines] = text
      .replace(/^\uFEFF/, '')
      .trim()
      .split(/\r?\n/)
      .map((line) => line.trim());
    if (reply.status !== 200 || verdict.startsWith('<'))
      throw notUnderstood(site, mode, `HTTP ${reply.status} ${title(text)}`);
    return { verdict, lines };
  };

  const { verdict, lines } = await ask('checkauth', {});
  if (verdict !== 'success')
    throw new NakatError('EXCHANGE_LOGIN_REFUSED', {
      values: { site: site.name, user: endpoint.user },
      vendor: [verdict, ...lines].join(' '),
      where: site.name,
    });
  const [name, value, ...extra] = lines;
  if (!name || value === undefined) throw notUnderstood(site, 'checkauth', lines.join(' '));
  cookie = `${name}=${value}`;
  more = Object.fromEntries(
    extra
      .map((line) => /^(sessid|timestamp)=(.+)$/.exec(line))
      .filter((match) => match !== null)
      .map((match) => [match[1] ?? '', match[2] ?? '']),
  );
  return ask;
}

const notUnderstood = (site: WebSite, mode: string, vendor: string): NakatError =>
  new NakatError('EXCHANGE_NOT_UNDERSTOOD', { values: { site: site.name, mode }, vendor, where: site.name });

/** Text that is no UTF-8 is windows-1251: site modules of that time write nothing else. */
function decoded(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  return text.includes('\uFFFD') ? iconv.decode(bytes, 'win1251') : text;
}

async function zipped(contents: readonly (readonly [string, Buffer])[]): Promise<Buffer> {
  const zip = new yazl.ZipFile();
  for (const [name, content] of contents) zip.addBuffer(content, name);
  zip.end();
  return buffer(zip.outputStream);
}
