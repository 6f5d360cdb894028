/**
 * A BPMSoft site of the practice ground: the HTTP interface of the product over a real PostgreSQL database.
 * Follows: log-in, cookies and CSRF of Creatio Academy ("AuthService.svc"); the prefix `/0` of the framework layout, upload
 * in chunks, InstallPackage, GetLogFile, Rebuild, GetApplicationInfo, health pages of clio (ServiceUrlBuilder.cs,
 * PackageInstaller.cs, PackageBuilder.cs, HealthCheckCommand.cs, ReauthExecutor.cs) and creatioclient (CreatioClient.cs).
 * Which of these a given BPMSoft release changes is not public.
 */
import { once } from 'node:events';
import http from 'node:http';
import pg from 'pg';
import type { RunningSite, SiteRunner } from '../windows/host.ts';
import { readBinding, readSiteConfig, type SqlServerBehind } from './config.ts';
import { route, type Request, type SiteState } from './routes.ts';

/** Where a breakage applies. */
export type Where = 'production' | 'test' | 'everywhere';

export const breakageKinds = [
  /** A schema with compile errors. */
  'compile',
  /** Compiling closes the connection without a reply, and goes on. */
  'compile-drop',
  /** An installation fails midway, the schema changed in part. */
  'install',
  /** Reports success, but the version does not move. */
  'install-silent',
  /** The log ends without a verdict. */
  'install-no-verdict',
  /** The log of the last installation stands for a while after the next one has begun. */
  'install-log-late',
  /** The log goes on behind that of the last installation. */
  'install-log-kept',
  /** The connection is closed as soon as the installation has begun. */
  'install-drop',
  /** An integration fails once the new layout is there. */
  'integrations',
  /** An installation changes an integration setting. */
  'settings',
  /** Once: the session has expired. */
  'session',
  /** Log-in sets no CSRF cookie; the root page does. */
  'csrf-late',
  /** No CSRF cookie at all. */
  'csrf',
  /** Every service answers with a page. */
  'html',
  /** The start page is an error page, served with status 200. */
  'start-page',
] as const;
export type Breakage = (typeof breakageKinds)[number];
/** May be changed while the site runs. */
export type Breakages = Partial<Record<Breakage, Where>>;

export interface BpmsoftSiteOptions {
  /** Name of production's IIS site; every other one is a test site. */
  readonly production: string;
  readonly breakages?: Breakages;
  /** Called for every effect: `login`, `login-refused`, `generate`, `compile`, `upload`, `install`, `integration`, `update`, `restart`. */
  readonly count?: (event: string, detail: Readonly<Record<string, string>>) => void;
  readonly sqlserver?: SqlServerBehind;
  /** Milliseconds of an installation; default 1000. */
  readonly installDuration?: number;
}

export function bpmsoftSite(options: BpmsoftSiteOptions): SiteRunner {
  const { breakages = {}, count = () => undefined, installDuration = 1000 } = options;
  // As in Redis: sessions outlive the site, and sites with the same Redis database share them.
  const redis = new Map<string, Map<string, string>>();

  return async (site: RunningSite) => {
    const root = site.folders['/'];
    if (root === undefined) throw new Error(`site ${site.name} has no root folder`);
    const config = await readSiteConfig(root, options.sqlserver);
    const pool = new pg.Pool({ ...config.database, max: 5, idleTimeoutMillis: 2000 });
    // A database that is restored under the site ends its connections; the next request opens new ones.
    pool.on('error', () => undefined);
    // Also in the middle of a transaction, where nobody else listens.
    pool.on('connect', (client) => void client.on('error', () => undefined));
    const sessions = redis.get(config.redis) ?? new Map<string, string>();
    redis.set(config.redis, sessions);

    const ending = new AbortController();
    const place = site.name === options.production ? 'production' : 'test';
    const state: SiteState = {
      pool,
      sessions,
      prefix: site.folders['/0'] === undefined ? '' : '/0',
      uploads: new Map(),
      running: new Set(),
      installDuration,
      signal: ending.signal,
      broken: (kind) => breakages[kind] === place || breakages[kind] === 'everywhere',
      mend: (kind) => delete breakages[kind],
      count: (event, detail = {}) => count(event, { site: site.name, database: config.database.database, ...detail }),
    };

    const bindings = site.bindings.map(readBinding);
    const servers: http.Server[] = [];
    const stop = async (): Promise<void> => {
      ending.abort();
      for (const server of servers) {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      }
      await Promise.allSettled(state.running);
      await pool.end();
    };
    try {
      for (const port of new Set(bindings.map((binding) => binding.port))) {
        const hosts = bindings.filter((binding) => binding.port === port).map(({ host }) => host);
        const server = http.createServer((request, response) => {
          const host = (request.headers.host ?? '').replace(/:\d+$/, '').toLowerCase();
          if (hosts.includes('') || hosts.includes(host)) void serve(state, request, response);
          else response.writeHead(404).end('<html><title>404 - File or directory not found.</title></html>');
        });
        servers.push(server);
        server.listen(port, '127.0.0.1');
        await once(server, 'listening');
      }
    } catch (error) {
      await stop();
      throw error;
    }
    return { stop };
  };
}

async function serve(state: SiteState, incoming: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
  try {
    const parts: Buffer[] = [];
    for await (const part of incoming as AsyncIterable<Buffer>) parts.push(part);
    const url = new URL(incoming.url ?? '/', 'http://site');
    const cookies = new Map(
      (incoming.headers.cookie ?? '')
        .split(/;\s*/)
        .map((pair): [string, string] => [pair.split('=')[0] ?? '', pair.split('=').slice(1).join('=')]),
    );
    const request: Request = {
      method: incoming.method ?? 'GET',
      url,
      headers: incoming.headers,
      cookies,
      body: Buffer.concat(parts),
    };
    const reply = await route(state, request);
    if (reply === 'drop') return void incoming.socket.destroy();
    response.writeHead(reply.status ?? 200, {
      'content-type': reply.type ?? 'application/json; charset=utf-8',
      'set-cookie': reply.cookies ?? [],
      ...(reply.location ? { location: reply.location } : {}),
    });
    response.end(typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body ?? null));
  } catch (error) {
    if (!response.headersSent) response.writeHead(500, { 'content-type': 'text/html' });
    response.end(`<html><title>Runtime Error: ${error instanceof Error ? error.message : 'unknown'}</title></html>`);
  }
}
