/**
 * Asking a stranger over HTTP: nothing of what comes back is believed. Answers and files are bounded in size and time, redirects
 * are followed by hand and only to hosts that the plan names, a step down from TLS is refused, and what the service is told to
 * know its customer by goes to the service itself and to nobody else.
 */
import { NakatError } from '../../runbook/errors/index.ts';
import type { Authentication, WebService } from '../../runbook/plan/watch.ts';
import type { ReadSecret } from '../notify/sending.ts';
import { plain } from './text.ts';

const redirects = 5;
/** A service or a mirror that sends nothing for so long is gone. Milliseconds. */
const silence = 60_000;

export interface Asked {
  readonly url: URL;
  readonly method?: 'GET' | 'POST';
  readonly body?: string;
  /** Content type of the body. */
  readonly type?: string;
  readonly accept?: string;
  /** Who we are, and the origin that may know it; default: the service’s own, told to the service alone. */
  readonly login?: { readonly as: Authentication; readonly at: string };
}

export interface Answered {
  /** Where it came from in the end. */
  readonly url: URL;
  readonly type: string;
  /** Bytes as the other side announces them; null: it does not. */
  readonly length: number | null;
  /** Throws the error of the caller when more than so many bytes come. */
  chunks(limit: number, tooMany: () => NakatError): AsyncGenerator<Uint8Array>;
}

/** Throws SERVICE_UNREACHABLE, SERVICE_DENIED, SERVICE_FAILED, SERVICE_LEADS_AWAY. */
export async function open(
  service: WebService,
  asked: Asked,
  secret: ReadSecret,
  signal: AbortSignal,
): Promise<Answered> {
  const home = new URL(service.url);
  const login = asked.login ?? { as: service.authentication, at: home.origin };
  let { url, method = 'GET', body } = asked;
  for (let hop = 0; ; hop++) {
    allowed(service, home, url);
    const quiet = new AbortController();
    let timer = setTimeout(() => quiet.abort(), Math.min(service.timeout * 1000, silence));
    const alive = (): void => {
      clearTimeout(timer);
      timer = setTimeout(() => quiet.abort(), silence);
    };
    const stop = AbortSignal.any([signal, quiet.signal]);
    const headers: Record<string, string> = {
      'user-agent': '1C+Enterprise/8.3',
      'accept-encoding': 'identity',
      ...(asked.accept ? { accept: asked.accept } : {}),
      ...(body !== undefined && asked.type ? { 'content-type': asked.type } : {}),
      ...(url.origin === login.at ? await credentials(login.as, secret) : {}),
    };
    let response: Response;
    try {
      response = await fetch(url, {
        method,
        headers,
        redirect: 'manual',
        signal: stop,
        ...(body === undefined ? {} : { body }),
      });
    } catch (error) {
      clearTimeout(timer);
      throw unreachable(service, url, error);
    }
    if (response.status >= 300 && response.status < 400 && response.status !== 304) {
      clearTimeout(timer);
      await response.body?.cancel();
      const to = response.headers.get('location');
      const next = to !== null && URL.canParse(to, url.href) ? new URL(to, url) : null;
      if (next === null || hop === redirects)
        throw new NakatError('SERVICE_FAILED', {
          values: { service: service.name, status: response.status },
          where: url.host,
        });
      // What was posted may hold a key: it does not go on to somebody else.
      if (next.origin !== url.origin || response.status === 303) [method, body] = ['GET', undefined];
      url = next;
      continue;
    }
    if (!response.ok) {
      const said = await beginning(response).finally(() => clearTimeout(timer));
      const { status } = response;
      const denied = [401, 402, 403, 407].includes(status);
      throw new NakatError(denied ? 'SERVICE_DENIED' : 'SERVICE_FAILED', {
        values: { service: service.name, status },
        where: url.host,
        vendor: said,
        passing: status === 429 || status >= 500,
      });
    }
    const announced = Number(response.headers.get('content-length') ?? Number.NaN);
    return {
      url,
      type: (response.headers.get('content-type') ?? '').toLowerCase(),
      length: Number.isSafeInteger(announced) ? announced : null,
      chunks: async function* (limit, tooMany) {
        let bytes = 0;
        try {
          for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
            alive();
            bytes += chunk.byteLength;
            if (bytes > limit) throw tooMany();
            yield chunk;
          }
        } catch (error) {
          throw error instanceof NakatError ? error : unreachable(service, url, error);
        } finally {
          clearTimeout(timer);
          quiet.abort();
        }
      },
    };
  }
}

/** What the other side says about its refusal. */
async function beginning(response: Response): Promise<string> {
  let text = '';
  try {
    for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
      text += Buffer.from(chunk).toString('utf8');
      if (text.length > 4000) break;
    }
  } catch {
    // The status says enough.
  }
  return plain(text, 300);
}

/** The whole answer as text, UTF-8 with or without mark. Throws what `open` throws, and SERVICE_TOO_BIG. */
export async function ask(
  service: WebService,
  asked: Asked,
  limit: number,
  secret: ReadSecret,
  signal: AbortSignal,
): Promise<string> {
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(service.timeout * 1000)]);
  const answer = await open(service, asked, secret, deadline);
  const parts: Uint8Array[] = [];
  const tooMany = (): NakatError =>
    new NakatError('SERVICE_TOO_BIG', { values: { service: service.name, limit }, where: answer.url.host });
  for await (const chunk of answer.chunks(limit, tooMany)) parts.push(chunk);
  return new TextDecoder('utf-8', { ignoreBOM: false }).decode(Buffer.concat(parts));
}

function allowed(service: WebService, home: URL, to: URL): void {
  const named = 'files' in service && to.host === new URL(service.files).host;
  const known = to.host === home.host || named || service.hosts.includes(to.host);
  const safe = to.protocol === 'https:' || (to.protocol === 'http:' && service.plain);
  if (known && safe && to.username === '') return;
  throw new NakatError('SERVICE_LEADS_AWAY', {
    values: { service: service.name, to: `${to.protocol}//${to.host}`.slice(0, 200) },
  });
}

async function credentials(authentication: Authentication, secret: ReadSecret): Promise<Record<string, string>> {
  switch (authentication.kind) {
    case 'none':
      return {};
    case 'basic': {
      const pair = `${authentication.user}:${await secret(authentication.password)}`;
      return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
    }
    case 'bearer':
      return { authorization: `Bearer ${await secret(authentication.token)}` };
    case 'header':
      return { [authentication.header.toLowerCase()]: await secret(authentication.value) };
  }
}

/** `fetch` says only "fetch failed"; the cause has the system's code. Never the address: it may hold a key. */
function unreachable(service: WebService, url: URL, error: unknown): NakatError {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const vendor =
    cause instanceof Error
      ? (('code' in cause && typeof cause.code === 'string' ? cause.code : '') || cause.name) +
        (cause.message === '' ? '' : `: ${cause.message.slice(0, 200)}`)
      : String(cause);
  return new NakatError('SERVICE_UNREACHABLE', { values: { service: service.name }, where: url.host, vendor });
}
