/** Pages and administration requests of a web site. Redirects are followed on its own host only: a password goes nowhere else. */
import { NakatError } from '../../runbook/errors/index.ts';
import type { WebRequest, WebSite } from '../../runbook/targets/index.ts';
import { httpConnections, type HttpReply } from '../bpmsoft/http.ts';
import { title } from '../bpmsoft/session.ts';
import type { StepContext } from '../step.ts';

export interface Web {
  /** Any status. Throws WEBSITE_UNREACHABLE when there is no answer at all. */
  look(path: string): Promise<HttpReply>;
  /** Its body. Throws WEBSITE_REFUSED for a status of 400 and more; 502–504 are passing. */
  page(path: string): Promise<string>;
  /** The same, once. */
  ask(request: WebRequest): Promise<string>;
}

const patience = 60_000;

export async function openWeb(site: WebSite, context: StepContext): Promise<Web> {
  const connections = httpConnections();
  context.onEnd(() => connections.close());
  const password = site.password && (await context.secret(site.password));
  const credentials: Record<string, string> =
    site.user === '' ? {} : { authorization: basic(site.user, password ?? '') };

  const send = async (path: string, request: Pick<WebRequest, 'method' | 'body' | 'type'>): Promise<HttpReply> => {
    let url = new URL(path, site.url);
    const { host } = new URL(site.url);
    for (let redirects = 0; ; redirects++) {
      const headers = { ...credentials, ...(request.type === '' ? {} : { 'content-type': request.type }) };
      const first = redirects === 0;
      const reply = await connections
        .send(url, {
          method: first ? request.method : 'GET',
          headers,
          ...(first && request.body !== '' ? { body: request.body } : {}),
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
      if (reply.status < 300 || reply.status > 399 || reply.location === undefined || redirects === 5) return reply;
      const next = new URL(reply.location, url);
      if (next.host !== host)
        throw refused(site, `${request.method} ${path}`, { ...reply, body: `redirects to ${next.origin}` });
      url = next;
    }
  };
  const good = async (request: WebRequest): Promise<string> => {
    const reply = await send(request.path, request);
    if (reply.status >= 300) throw refused(site, `${request.method} ${request.path}`, reply);
    return reply.body;
  };
  return {
    look: (path) => send(path, get),
    page: (path) => good({ ...get, path }),
    ask: good,
  };
}

const get = { method: 'GET', body: '', type: '' } as const;

export const basic = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${password}`, 'utf8').toString('base64')}`;

const refused = (site: WebSite, request: string, { status, body }: HttpReply): NakatError =>
  new NakatError('WEBSITE_REFUSED', {
    values: { site: site.name, request, status },
    vendor: title(body),
    where: site.name,
    passing: status >= 502 && status <= 504,
  });
