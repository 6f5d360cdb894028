/** A BPMSoft site on a real PostgreSQL, and a 1C that only keeps what it was sent. */
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHash, randomUUID } from 'node:crypto';
import pg from 'pg';
import type { StepContext } from '../../../activities/step.ts';
import { buildConnectorPackage, type ConnectorPackage } from '../../../lab/bpmsoft/package.ts';
import { connectorPackage, labOrder, seedBpmsoft } from '../../../lab/bpmsoft/seed.ts';
import { bpmsoftSite, type Breakages } from '../../../lab/bpmsoft/site.ts';
import { startCluster, type Cluster } from '../../../lab/postgres/cluster.ts';
import { freePort } from '../../../lab/ports.ts';
import type { Archive, SiteTarget } from '../../../runbook/targets/index.ts';

export const password = 'S3cret-of-the-site';

export interface Ground {
  readonly target: SiteTarget;
  readonly db: pg.Pool;
  readonly breakages: Breakages;
  readonly folder: string;
  /** Effects by name. */
  readonly counts: Map<string, number>;
  readonly onec: {
    readonly orders: { ref: string; number: string; name: string; changed: string }[];
    readonly contacts: { ref?: string }[];
  };
  archive(options?: Partial<ConnectorPackage>): Promise<Archive>;
  stopSite(): Promise<void>;
  startSite(): Promise<void>;
  stop(): Promise<void>;
}

/** The server's own account has to get into the folder. */
export async function testCluster(): Promise<Cluster> {
  const folder = await mkdtemp(join(tmpdir(), 'nakat-cluster-'));
  await chmod(folder, 0o755);
  const cluster = await startCluster({ dir: join(folder, 'pg') });
  return {
    ...cluster,
    async stop() {
      await cluster.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export async function ground(server: Cluster, layout: 'framework' | 'core' = 'framework'): Promise<Ground> {
  const folder = await mkdtemp(join(tmpdir(), 'nakat-bpmsoft-'));
  const database = `site_${createHash('md5').update(folder).digest('hex').slice(0, 8)}`;
  await server.createDatabase(database);
  const { host, port, user } = server;
  const db = new pg.Pool({ host, port, user, password: server.password, database });
  const onec = await startOnec();
  const client = await db.connect();
  await seedBpmsoft(client, {
    version: '2.1.0',
    user: 'Supervisor',
    password,
    siteUrl: 'https://crm.customer.example',
    onec: { url: onec.url, user: 'exchange', password: 'exchange' },
  }).finally(() => client.release());

  const root = join(folder, 'site');
  await mkdir(root);
  await writeFile(
    join(root, 'ConnectionStrings.config'),
    `<?xml version="1.0"?><connectionStrings><add name="db" connectionString="Server=${host};Port=${port};Database=${database};User ID=${user};password=${server.password};CommandTimeout=400" />
     <add name="redis" connectionString="host=localhost;db=1;port=6379" /></connectionStrings>`,
  );
  const sitePort = await freePort();
  const breakages: Breakages = {};
  const counts = new Map<string, number>();
  const run = bpmsoftSite({
    production: 'crm',
    breakages,
    installDuration: 400,
    count: (event) => counts.set(event, (counts.get(event) ?? 0) + 1),
  });
  const running = {
    name: 'crm',
    pool: 'crm',
    bindings: [`http/*:${sitePort}:`],
    folders: { '/': root, ...(layout === 'framework' ? { '/0': root } : {}) },
    isServing: () => true,
    hold: () => {},
  };
  let site = await run(running);
  const url = `http://127.0.0.1:${sitePort}`;
  const target: SiteTarget = {
    name: 'crm',
    url,
    publicUrl: url,
    layout,
    user: 'Supervisor',
    password: { env: 'SITE_PASSWORD' },
    machine: { via: 'local', name: 'here', os: 'linux', work: folder },
    appcmd: 'appcmd',
    pool: 'crm',
    folder: root,
    binding: '',
    maintenanceBinding: '',
    redisDb: 1,
    backups: folder,
  };
  return {
    target,
    db,
    breakages,
    folder,
    counts,
    onec,
    async archive(options = {}) {
      const { name, version, ...rest } = { name: connectorPackage, version: '3.0.0', ...options };
      const content = await buildConnectorPackage({ name, version, ...rest });
      const path = join(folder, `${name}-${version}-${rest.break ?? 'good'}.zip`);
      await writeFile(path, content);
      return { path, sha256: createHash('sha256').update(content).digest('hex'), name, version };
    },
    stopSite: () => site.stop(),
    async startSite() {
      site = await run(running);
    },
    async stop() {
      await site.stop();
      await db.end();
      onec.server.closeAllConnections();
      onec.server.close();
      await server.dropDatabase(database);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A context whose messages are kept, so that a test can look for what must not be in them. */
export function contextOf(step: string, attempt = 1): StepContext & { said: string[]; end(): Promise<void> } {
  const said: string[] = [];
  const closes: (() => void | Promise<void>)[] = [];
  return {
    run: '1a2b3c4d',
    system: 'crm',
    step,
    attempt,
    said,
    signal: new AbortController().signal,
    stopping: () => false,
    progress: (progress) => void said.push(JSON.stringify(progress)),
    secret: (ref) => Promise.resolve('env' in ref && ref.env === 'SITE_PASSWORD' ? password : 'wrong'),
    log: (message, details) => void said.push(message + JSON.stringify(details ?? {})),
    onEnd: (close) => void closes.unshift(close),
    async end() {
      for (const close of closes) await close();
    },
  };
}

/** The 1C end, with the orders that the seeded site knows and one that is new. */
async function startOnec() {
  const orders = Array.from({ length: 60 }, (_, at) => ({ ...labOrder(at + 1), changed: '2025-03-01T10:00:00Z' }));
  const contacts: { ref?: string }[] = [];
  const server = http.createServer((request, response) => {
    if (request.headers.authorization !== `Basic ${Buffer.from('exchange:exchange').toString('base64')}`)
      return void response.writeHead(401).end();
    if (request.method === 'GET' && request.url === '/hs/exchange/orders')
      return void response.end(JSON.stringify(orders));
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const given = JSON.parse(Buffer.concat(parts).toString()) as { ref?: string }[];
      contacts.push(...given);
      response.end(JSON.stringify(given.map(({ ref }) => ({ ref: ref ?? randomUUID() }))));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, orders, contacts, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}
