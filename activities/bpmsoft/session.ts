/**
 * A logged-in session. Rules of log-in, cookies and CSRF: Creatio Academy, "AuthService.svc"; when a session counts as
 * lost: clio, ReauthExecutor.cs; the prefix `/0` of the framework layout: clio, ServiceUrlBuilder.cs.
 */
import { CookieJar } from 'tough-cookie';
import { z } from 'zod';
import { NakatError } from '../../runbook/errors/index.ts';
import type { SiteTarget } from '../../runbook/targets/index.ts';
import type { StepContext } from '../step.ts';
import { httpConnections, type HttpReply } from './http.ts';

export interface Call {
  readonly method?: 'GET' | 'POST';
  readonly json?: unknown;
  readonly body?: Buffer;
  readonly headers?: Readonly<Record<string, string>>;
  /** Seconds without a byte; default 100; `null`: as long as the step may take. */
  readonly timeout?: number | null;
  /** The call must not be sent twice: a lost session is reported (SITE_SESSION_LOST) instead of renewed. */
  readonly once?: boolean;
}

export interface Session {
  /** Status and text of a service below the prefix, `ServiceModel/…`; a lost session is renewed once. */
  text(path: string, call?: Call): Promise<string>;
  /** The same, parsed; HTML throws SITE_NOT_BPMSOFT. */
  json(path: string, call?: Call): Promise<unknown>;
  /** Without log-in, at a full address; redirects stay on the host. */
  visit(url: string): Promise<HttpReply & { url: string }>;
  /** Address below the site's root (not below the prefix). */
  readonly root: (path: string) => string;
}

const loginReply = z.object({
  Code: z.number(),
  Message: z.string().nullish(),
  PasswordChangeUrl: z.string().nullish(),
});
const lostMessage = z.object({ Message: z.literal('Authentication failed.') });

export function openSession(target: SiteTarget, context: StepContext): Session {
  const connections = httpConnections();
  context.onEnd(() => connections.close());
  const site = target.name;
  const base = target.url.replace(/\/+$/, '');
  const root = (path: string): string => `${base}/${path}`;
  const service = (path: string): string => root(target.layout === 'framework' ? `0/${path}` : path);
  let jar = new CookieJar();
  let loggedIn: Promise<void> | undefined;

  async function send(url: string, call: Call, headers: Record<string, string> = {}): Promise<HttpReply> {
    const cookie = await jar.getCookieString(url);
    const reply = await connections
      .send(new URL(url), {
        method: call.method ?? 'POST',
        headers: {
          ...headers,
          ...call.headers,
          ...(cookie ? { cookie } : {}),
          ...(call.json === undefined ? {} : { 'content-type': 'application/json' }),
        },
        body: call.body ?? (call.json === undefined ? undefined : JSON.stringify(call.json)),
        timeout: call.timeout === null ? undefined : (call.timeout ?? 100) * 1000,
        signal: context.signal,
      })
      .catch((cause: unknown) => {
        context.signal.throwIfAborted();
        throw new NakatError('SITE_UNREACHABLE', {
          values: { site, url: base },
          vendor: cause instanceof Error ? cause.message : String(cause),
          where: site,
          cause,
        });
      });
    for (const line of reply.cookies) await jar.setCookie(line, url, { ignoreError: true });
    return reply;
  }

  const csrf = async (): Promise<string | undefined> =>
    (await jar.getCookies(root(''))).find(({ key }) => key === 'BPMCSRF')?.value;

  async function logIn(): Promise<void> {
    jar = new CookieJar();
    const url = root('ServiceModel/AuthService.svc/Login');
    const reply = await send(
      url,
      { json: { UserName: target.user, UserPassword: await context.secret(target.password) } },
      { ForceUseSession: 'true' },
    );
    const values = { site, user: target.user };
    if (reply.status === 401 || reply.status === 403)
      throw new NakatError('SITE_LOGIN_REFUSED', { values, vendor: title(reply.body), where: site });
    // The service answers 200 to a wrong password too; only the code tells.
    const parsed = loginReply.safeParse(parse(reply, 'Login'));
    if (!parsed.success) throw notBpmsoft('Login', reply.body);
    const { Code, Message, PasswordChangeUrl } = parsed.data;
    if (Code !== 0)
      throw new NakatError(PasswordChangeUrl ? 'SITE_PASSWORD_EXPIRED' : 'SITE_LOGIN_REFUSED', {
        values,
        vendor: Message ?? '',
        where: site,
      });
    if (!(await csrf())) await send(root(''), { method: 'GET' });
    if (!(await csrf())) throw new NakatError('SITE_CSRF_MISSING', { values: { site }, where: site });
  }

  async function authenticated(path: string, call: Call): Promise<HttpReply> {
    for (let renewed = false; ; renewed = true) {
      // Of several calls at once the first logs in and the others wait for it.
      const current = (loggedIn ??= logIn());
      await current.catch((error: unknown) => {
        if (loggedIn === current) loggedIn = undefined;
        throw error;
      });
      const reply = await send(service(path), call, { ForceUseSession: 'true', BPMCSRF: (await csrf()) ?? '' });
      if (!lost(reply)) return reply;
      if (loggedIn === current) loggedIn = undefined;
      if (renewed || call.once)
        throw new NakatError('SITE_SESSION_LOST', { values: { site, operation: nameOf(path) }, where: site });
    }
  }

  function parse(reply: HttpReply, operation: string): unknown {
    if (reply.status >= 300 && reply.status < 400)
      throw notBpmsoft(operation, `redirects to ${reply.location ?? 'nowhere'}`);
    if (reply.status >= 502 && reply.status <= 504)
      throw new NakatError('SITE_UNREACHABLE', {
        values: { site, url: base },
        vendor: `HTTP ${reply.status} ${title(reply.body)}`,
        where: site,
      });
    if (reply.status >= 400 && reply.status !== 404)
      throw new NakatError('SITE_CALL_FAILED', {
        values: { site, operation, status: reply.status },
        vendor: title(reply.body),
        where: site,
      });
    try {
      return JSON.parse(reply.body.replace(/^\uFEFF/, ''));
    } catch {
      throw notBpmsoft(operation, `HTTP ${reply.status} ${title(reply.body)}`);
    }
  }

  const notBpmsoft = (operation: string, vendor: string): NakatError =>
    new NakatError('SITE_NOT_BPMSOFT', { values: { url: base, operation }, vendor: title(vendor), where: site });

  return {
    root,
    async text(path, call = {}) {
      const reply = await authenticated(path, call);
      if (reply.status !== 200 || reply.body.startsWith('<'))
        throw notBpmsoft(nameOf(path), `HTTP ${reply.status} ${title(reply.body)}`);
      return reply.body;
    },
    json: async (path, call = {}) => parse(await authenticated(path, call), nameOf(path)),
    async visit(url) {
      const host = new URL(url).hostname;
      for (let redirects = 0; ; redirects++) {
        const reply = await send(url, { method: 'GET' });
        if (reply.status < 300 || reply.status > 399 || reply.location === undefined || redirects === 5)
          return { ...reply, url };
        const next = new URL(reply.location, url);
        if (next.hostname !== host) throw notBpmsoft('GET', `redirects to ${next.origin}`);
        url = next.href;
      }
    },
  };
}

function lost({ status, location, body }: HttpReply): boolean {
  if (status === 401) return true;
  if (status >= 300 && status < 400) return /^\/([^/]|$)/.test(location ?? '') && /login/i.test(location ?? '');
  if (body.startsWith('<')) return body.includes('/Login/') || body.includes('bootstrap.login');
  if (!body.includes('Authentication failed.')) return false;
  try {
    return lostMessage.safeParse(JSON.parse(body)).success;
  } catch {
    return false;
  }
}

const nameOf = (path: string): string => path.split('?')[0]?.split('/').at(-1) ?? path;

/** An HTML page says what it is in its title; anything else is its own message. */
export const title = (body: string): string =>
  (/<title>\s*([^<]+?)\s*<\/title>/i.exec(body)?.[1] ?? body.replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ')).slice(
    0,
    500,
  );
