/** Who may ask what: log-in, session, CSRF, and the pages without log-in. Sources: see `site.ts`. */
import { randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Pool } from 'pg';
import { hashPassword } from './seed.ts';
import { service } from './services.ts';
import type { Breakage } from './site.ts';

export interface SiteState {
  readonly pool: Pool;
  /** CSRF token by session id. */
  readonly sessions: Map<string, string>;
  /** `/0` for the framework layout. */
  readonly prefix: string;
  readonly uploads: Map<string, Buffer>;
  /** Work that goes on although its client is gone. */
  readonly running: Set<Promise<unknown>>;
  readonly installDuration: number;
  readonly signal: AbortSignal;
  broken(kind: Breakage): boolean;
  mend(kind: Breakage): void;
  count(event: string, detail?: Readonly<Record<string, string>>): void;
}

export interface Request {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
  readonly cookies: ReadonlyMap<string, string>;
  readonly body: Buffer;
}

/** `drop`: the connection is closed without a reply. */
export type Reply = 'drop' | { status?: number; type?: string; location?: string; cookies?: string[]; body?: unknown };

export const page = (title: string, body = '', status = 200): Reply => ({
  status,
  type: 'text/html; charset=utf-8',
  body: `<!DOCTYPE html><html><head><title>${title}</title></head><body>${body}</body></html>`,
});
const loginPage = page(
  'BPMSoft',
  '<form action="/ServiceModel/AuthService.svc/Login"><input name="UserName"><script src="/Login/bootstrap.login.js"></script></form>',
);
const csrfCookie = (token: string): string => `BPMCSRF=${token}; path=/; SameSite=Lax`;
/** As a directory often is configured: the account is locked after so many wrong passwords. */
const mostAttempts = 5;

export async function route(state: SiteState, request: Request): Promise<Reply> {
  const path = request.url.pathname;
  if (state.broken('html') && path !== '/') return page('Welcome to nginx!');
  if (path === '/ServiceModel/AuthService.svc/Login' && request.method === 'POST') return logIn(state, request);
  // Below the prefix the framework layout knows no log-in service.
  if (path === '/0/ServiceModel/AuthService.svc/Login')
    return { status: 401, type: 'text/html', body: '<html><title>401</title></html>' };
  if (path === '/healthz') {
    await state.pool.query('select 1');
    return { type: 'text/plain', body: 'Healthy' };
  }
  if (request.method === 'GET' && path === '/') {
    const known = state.sessions.get(request.cookies.get('BPMSESSIONID') ?? '');
    return {
      status: 302,
      type: 'text/html',
      body: '',
      location: '/Login/NuiLogin.aspx?ReturnUrl=%2f',
      cookies: known && !state.broken('csrf') ? [csrfCookie(known)] : [],
    };
  }
  if (request.method === 'GET' && path.startsWith('/Login/'))
    return state.broken('start-page') ? page('Runtime Error', `Server Error in '/' Application.`) : loginPage;
  if (!path.startsWith(`${state.prefix}/`)) return page('404 - File or directory not found.', '', 404);

  const session = request.cookies.get('BPMSESSIONID') ?? '';
  if (state.broken('session')) {
    state.mend('session');
    state.sessions.delete(session);
  }
  const token = state.sessions.get(session);
  // The framework layout sends to the log-in page, the other one answers in JSON.
  if (token === undefined)
    return state.prefix
      ? loginPage
      : {
          status: 401,
          body: {
            Message: 'Authentication failed.',
            StackTrace: null,
            ExceptionType: 'System.InvalidOperationException',
          },
        };
  if (request.method !== 'GET' && request.headers['bpmcsrf'] !== token)
    return page('403 - Forbidden', 'CSRF token is missing or wrong', 403);
  return service(state, request, path.slice(state.prefix.length + 1));
}

async function logIn(state: SiteState, request: Request): Promise<Reply> {
  const { UserName, UserPassword } = JSON.parse(request.body.toString()) as {
    UserName?: string;
    UserPassword?: string;
  };
  const { rows } = await state.pool.query<{
    Id: string;
    UserPassword: string;
    Active: boolean;
    LoginAttemptCount: number;
  }>('select * from "SysAdminUnit" where "Name" = $1', [UserName]);
  const user = rows[0];
  const locked = user !== undefined && user.LoginAttemptCount >= mostAttempts;
  if (!user?.Active || locked || user.UserPassword !== hashPassword(UserPassword ?? '')) {
    state.count('login-refused', { user: UserName ?? '' });
    if (user && !locked)
      await state.pool.query(
        'update "SysAdminUnit" set "LoginAttemptCount" = "LoginAttemptCount" + 1 where "Id" = $1',
        [user.Id],
      );
    const Message = locked
      ? 'Учетная запись заблокирована.'
      : 'Вы ввели неверный логин или пароль, или учетная запись неактивна.';
    return { body: { Code: 1, Message, Exception: null, PasswordChangeUrl: null, RedirectUrl: null } };
  }
  // Nothing is written for an ordinary log-in: it must not change the fingerprint of a restored database.
  if (user.LoginAttemptCount > 0)
    await state.pool.query('update "SysAdminUnit" set "LoginAttemptCount" = 0 where "Id" = $1', [user.Id]);
  const [session, token] = [randomBytes(12).toString('hex'), randomBytes(12).toString('hex')];
  state.sessions.set(session, token);
  state.count('login', { user: UserName ?? '' });
  const cookies = [
    'BPMLOADER=1; path=/; HttpOnly',
    `.ASPXAUTH=${session}; path=/; HttpOnly`,
    `BPMSESSIONID=${session}; path=/; HttpOnly`,
    `UserName=${encodeURIComponent(UserName ?? '')}; path=/`,
  ];
  if (!state.broken('csrf') && !state.broken('csrf-late')) cookies.push(csrfCookie(token));
  return { body: { Code: 0, Message: '', Exception: null, PasswordChangeUrl: null, RedirectUrl: null }, cookies };
}
