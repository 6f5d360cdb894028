/**
 * The practice ground: a BPMSoft site with its database, a 1C infobase with its cluster and web service, and the Windows-like
 * machine on which they live, all with real state. Every start makes a fresh one in its folder; only the PostgreSQL cluster
 * is used again. What it stands for and what each part follows is said in the parts themselves.
 */
import { randomBytes } from 'node:crypto';
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import pg from 'pg';
import { openSiteDatabase, type DatabaseEngine } from './bpmsoft/database.ts';
import { buildConnectorPackage } from './bpmsoft/package.ts';
import { connectorPackage, seedBpmsoft } from './bpmsoft/seed.ts';
import { bpmsoftSite, type Breakages } from './bpmsoft/site.ts';
import { OneCCluster } from './onec/cluster.ts';
import { startScheduledJob } from './onec/jobs.ts';
import { onecPrograms } from './onec/programs.ts';
import { seedInfobase } from './onec/seed.ts';
import { startOnecService } from './onec/service.ts';
import type { Cluster } from './postgres/cluster.ts';
import { failOnce } from './breaks.ts';
import { freePorts } from './ports.ts';
import { startWindowsHost } from './windows/start.ts';
import { openWindow } from './window.ts';

export interface GroundOptions {
  /** Emptied at the start. */
  readonly dir: string;
  readonly cluster: Cluster;
  /** Of BPMSoft; the infobase always has PostgreSQL. Default `postgres`. */
  readonly database?: DatabaseEngine;
  /** Before every database name, so that several grounds share a cluster. Default none. */
  readonly prefix?: string;
  /** May be changed while the ground stands. */
  readonly breakages?: Breakages;
  /** The first restore of production's infobase fails. */
  readonly restoreOnce?: boolean;
  /** Milliseconds that an installation and a dump take at least. Default 1000. */
  readonly slowness?: number;
}

export interface Ground {
  /** For the `${…}` of `examples/bpmsoft-connector.yaml`, or of `bpmsoft-connector-sqlserver.yaml`. */
  readonly variables: Readonly<Record<string, string>>;
  /** For the plan's `{ env: … }`. */
  readonly secrets: Readonly<Record<string, string>>;
  /** Effects by name and place: `install production`, `integration test Orders`. Counted where they happen. */
  readonly counts: ReadonlyMap<string, number>;
  readonly breakages: Breakages;
  /** As PostgreSQL names them. */
  readonly databases: {
    readonly production: string;
    readonly test: string;
    readonly infobase: string;
    readonly testInfobase: string;
  };
  readonly onec: OneCCluster;
  /** Real path of a path on the Windows-like machine. */
  real(windowsPath: string): string;
  readonly backups: string;
  stop(): Promise<void>;
}

const platform = 'C:\\Program Files\\1cv8\\8.3.25.1560\\bin';
const exchange = { name: 'exchange', password: 'exchange' };

/** What was started before a failure is ended, so that the process can end. */
export async function startGround(options: GroundOptions): Promise<Ground> {
  const started: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const end of started.splice(0).reverse()) await end();
  };
  try {
    return { ...(await openGround(options, started)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function openGround(options: GroundOptions, started: (() => Promise<void>)[]): Promise<Omit<Ground, 'stop'>> {
  const { dir, cluster, prefix = '', breakages = {}, slowness = 1000 } = options;
  await rm(dir, { recursive: true, force: true });
  await mkdir(join(dir, 'backups'), { recursive: true });
  await dropLeftovers(cluster, prefix);
  const bpmsoft = await openSiteDatabase(options.database ?? 'postgres', { cluster, prefix, dir });
  started.push(bpmsoft.stop);
  const databases = {
    production: bpmsoft.production,
    test: bpmsoft.test,
    infobase: `${prefix}trade`,
    testInfobase: `${prefix}trade_test`,
  };
  const secrets = {
    ...bpmsoft.secrets,
    NAKAT_WEB_PASSWORD: randomBytes(9).toString('base64url'),
    NAKAT_BPMSOFT_PASSWORD: randomBytes(9).toString('base64url'),
    NAKAT_1C_PASSWORD: randomBytes(9).toString('base64url'),
    NAKAT_DB_PASSWORD: cluster.password,
  };
  const [publicPort, maintenancePort, testPort] = await freePorts(3);
  const url = `http://127.0.0.1:${publicPort}`;
  const counts = new Map<string, number>();
  const count = (event: string): void => void counts.set(event, (counts.get(event) ?? 0) + 1);

  const onec = new OneCCluster(join(dir, 'onec-cluster.json'));
  for (const [name, database] of [
    ['trade', databases.infobase],
    ['trade_test', databases.testInfobase],
  ] as const) {
    await cluster.createDatabase(database);
    // The test infobase is registered, and empty: nakat fills it.
    if (name === 'trade')
      await withDatabase(cluster, database, (client) =>
        seedInfobase(client, { users: [{ name: 'nakat', password: secrets.NAKAT_1C_PASSWORD }, exchange] }),
      );
    onec.register(name, {
      host: cluster.host,
      port: cluster.port,
      user: cluster.user,
      password: cluster.password,
      name: database,
    });
  }
  onec.open('trade', { app: '1CV8C', user: 'Кассир', host: 'PC-12' });
  onec.open('trade', { app: 'WebClient', user: 'Менеджер', host: 'PC-07' });
  const job = startScheduledJob(onec, 'trade', 500);
  started.push(() => job.stop());
  const service = await startOnecService({
    cluster: onec,
    infobase: 'trade',
    count: (event) => count(`1c production ${event}`),
  });
  started.push(() => service.stop());
  const testService = await startOnecService({
    cluster: onec,
    infobase: 'trade_test',
    count: (event) => count(`1c test ${event}`),
  });
  started.push(() => testService.stop());

  await cluster.createDatabase(databases.production);
  await withDatabase(cluster, databases.production, (client) =>
    seedBpmsoft(client, {
      version: '2.1.0',
      user: 'Supervisor',
      password: secrets.NAKAT_BPMSOFT_PASSWORD,
      siteUrl: url,
      onec: { url: service.url, user: exchange.name, password: exchange.password },
    }).then(() =>
      // Newer on the site than in 1C: the exchange really changes the infobase, so a restore that leaves it out shows.
      client.query(
        `UPDATE "Contact" SET "Email" = 'new@example.com' WHERE "Id" = (SELECT min("Id"::text)::uuid FROM "Contact")`,
      ),
    ),
  );

  const programs = onecPrograms({
    platform,
    cluster: onec,
    duration: slowness / 5,
    count: (program, command) => count(`${program} ${command}`),
  });
  if (options.restoreOnce)
    failOnce(
      programs,
      `${platform}\\ibcmd.exe`,
      (argv) => argv.includes('restore') && (counts.get('install production') ?? 0) > 0,
    );
  const disk = join(dir, 'web');
  const host = await startWindowsHost({
    disk,
    user: 'nakat',
    password: secrets.NAKAT_WEB_PASSWORD,
    programs,
    runSite: bpmsoftSite({
      production: 'BPMSoft',
      breakages,
      sqlserver: bpmsoft.behind,
      installDuration: slowness,
      count: (event, detail) =>
        count(
          [event, detail['site'] === 'BPMSoft' ? 'production' : 'test', detail['integration']]
            .filter(Boolean)
            .join(' '),
        ),
    }),
  });
  started.push(() => host.stop());
  const folder = host.real('C:\\inetpub\\bpmsoft');
  await makeSiteFolder(folder, bpmsoft.connectionString);
  await host.addSite({
    name: 'BPMSoft',
    pool: 'BPMSoft',
    binding: `http/*:${publicPort}:`,
    folder: 'C:\\inetpub\\bpmsoft',
    applications: { '/0': 'C:\\inetpub\\bpmsoft\\BPMSoft.WebApp' },
  });

  const archive = join(dir, 'SmrConnector1C.zip');
  await writeFile(archive, await buildConnectorPackage({ name: connectorPackage, version: '3.2.0' }));

  const variables = {
    LAB_PACKAGE: archive,
    LAB_SSH_HOST: '127.0.0.1',
    LAB_SSH_PORT: String(host.port),
    LAB_SSH_USER: 'nakat',
    LAB_SSH_HOST_KEY: host.hostKey,
    LAB_WORK: join(dir, 'work'),
    LAB_BACKUPS: join(dir, 'backups'),
    LAB_URL: url,
    LAB_BINDING: `http/*:${publicPort}:`,
    LAB_MAINTENANCE_URL: `http://127.0.0.1:${maintenancePort}`,
    LAB_MAINTENANCE_BINDING: `http/*:${maintenancePort}:`,
    LAB_TEST_URL: `http://127.0.0.1:${testPort}`,
    LAB_TEST_BINDING: `http/*:${testPort}:`,
    LAB_DB_HOST: cluster.host,
    LAB_DB_PORT: String(cluster.port),
    LAB_DB_USER: cluster.user,
    LAB_DB_TLS: 'off',
    LAB_DB_TOOLS: cluster.bin ?? '',
    ...bpmsoft.variables,
    LAB_1C_DB: databases.infobase,
    LAB_1C_TEST_DB: databases.testInfobase,
    LAB_1C_URL: service.url,
    LAB_1C_TEST_URL: testService.url,
    ...openWindow(),
    LAB_HEARTBEAT: '10s',
    LAB_RETRY: '1s',
    LAB_RESTORE_RETRY: '5s',
  };
  return {
    variables,
    secrets,
    counts,
    breakages,
    databases,
    onec,
    backups: join(dir, 'backups'),
    real: (path) => host.real(path),
  };
}

/** What an IIS site of BPMSoft in the framework layout has, in small. */
async function makeSiteFolder(folder: string, connectionString: string): Promise<void> {
  const files: Record<string, string | Buffer> = {
    'ConnectionStrings.config': `<?xml version="1.0" encoding="utf-8"?>
<connectionStrings>
  <add name="db" connectionString="${connectionString}" />
  <add name="redis" connectionString="host=localhost;db=1;port=6379;maxReadPoolSize=10;maxWritePoolSize=500" />
  <add name="tempDirectoryPath" connectionString="%TEMP%/BPMSoft" />
</connectionStrings>
`,
    'Web.config': '<?xml version="1.0" encoding="utf-8"?>\n<configuration />\n',
    'bin/BPMSoft.Common.dll': randomBytes(40_000),
    'BPMSoft.WebApp/Web.config': '<?xml version="1.0" encoding="utf-8"?>\n<configuration />\n',
    'BPMSoft.WebApp/bin/BPMSoft.Common.dll': randomBytes(60_000),
    'BPMSoft.WebApp/conf/content/Страница с пробелами.js': 'define([], () => ({}));\n',
    'BPMSoft.WebApp/Resources/empty.css': '',
  };
  for (let at = 0; at < 60; at++) files[`BPMSoft.WebApp/Resources/ui/module-${at}.js`] = `// module ${at}\n`.repeat(50);
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
    await chmod(join(folder, name), 0o644);
  }
}

async function withDatabase<T>(cluster: Cluster, database: string, act: (client: pg.Client) => Promise<T>): Promise<T> {
  const { host, port, user, password } = cluster;
  const client = new pg.Client({ host, port, user, password, database });
  await client.connect();
  return act(client).finally(() => client.end());
}

/** Every database of an earlier ground with this prefix: its own four, and what a killed run has left beside them. */
async function dropLeftovers(cluster: Cluster, prefix: string): Promise<void> {
  const names = await withDatabase(cluster, 'postgres', (client) =>
    client.query<{ datname: string }>(
      `SELECT datname FROM pg_database WHERE NOT datistemplate AND datname <> 'postgres' AND starts_with(datname, $1)`,
      [prefix],
    ),
  );
  for (const { datname } of names.rows) await cluster.dropDatabase(datname);
}
