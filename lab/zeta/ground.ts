/**
 * The practice ground of Zeta Web: a 1C infobase with its cluster on a Windows-like machine, the web site with its own database
 * on MariaDB (PostgreSQL where none is installed), its files behind a real OpenSSH (in-process SSH where none is installed) or
 * vsftpd, and an exchange that 1C's scheduled job runs all the time. Every start makes a fresh one in its folder; only the database
 * servers are used again.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { installedMariaDb } from '../mariadb/programs.ts';
import { startMariaDb } from '../mariadb/server.ts';
import type { OnecBreakages } from '../onec/breakages.ts';
import { OneCCluster } from '../onec/cluster.ts';
import { withClient } from '../onec/data.ts';
import { readModel } from '../onec/model.ts';
import { onecPrograms } from '../onec/programs.ts';
import type { Cluster } from '../postgres/cluster.ts';
import { startWindowsHost } from '../windows/start.ts';
import { importXml, offersXml } from './commerceml.ts';
import { seedZetaInfobase, writeUpdateFiles } from './configuration.ts';
import { openZetaDatabase, type ZetaDatabaseAddress } from './database.ts';
import { startExchangeJob } from './job.ts';
import { startPerson, type Person } from './person.ts';
import { reachFiles, windowsKey, type ZetaWay } from './reach.ts';
import { schemaOf, writeReleaseArchive } from './release.ts';
import { catalogue, configIni, seedSiteDatabase, seedSiteFolder } from './seed.ts';
import { startZetaSite, type SiteBreakage, type ZetaSite } from './site.ts';
import { openWindow } from '../window.ts';

/** Each of production alone: the rehearsal goes well. `customized`: configuration and schema are not the vendor's. */
export type ZetaBreakage = SiteBreakage | 'handlers' | 'upload-cut' | 'customized';

export interface ZetaGroundOptions {
  /** Emptied at the start. */
  readonly dir: string;
  readonly cluster: Cluster;
  /** Before every database name, so that several grounds share a server. Default none. */
  readonly prefix?: string;
  readonly break?: ZetaBreakage | undefined;
  /** How the files of the site are reached; default `sftp`. */
  readonly way?: ZetaWay;
  /** Where the site has its database; default MariaDB, PostgreSQL where none is installed. */
  readonly siteDatabase?: ZetaDatabaseAddress['engine'];
  /** Milliseconds that an update of 1C and a migration take at least. Default 1000. */
  readonly slowness?: number;
}

export interface ZetaGround {
  /** For the `${…}` of `examples/zeta-web.yaml`. */
  readonly variables: Readonly<Record<string, string>>;
  /** For the plan's `{ env: … }`. */
  readonly secrets: Readonly<Record<string, string>>;
  /** Effects by name and place: `migrate production`, `1cv8 /UpdateCfg`. Counted where they happen. */
  readonly counts: ReadonlyMap<string, number>;
  readonly onec: OneCCluster;
  /** Of production; real paths. */
  readonly folders: {
    readonly site: string;
    readonly testSite: string;
    readonly store: string;
    readonly backups: string;
  };
  readonly databases: {
    readonly site: ZetaDatabaseAddress;
    readonly infobase: string;
    readonly all: readonly string[];
  };
  readonly sites: { readonly production: ZetaSite; readonly test: ZetaSite };
  /** Real path of a path on the Windows-like machine. */
  real(windowsPath: string): string;
  /** From now on; `upload-cut` and `customized` only from the start. */
  breakIt(what: ZetaBreakage | undefined): void;
  /** The person who does on the site what nakat cannot (way `manual`). */
  readonly person: Person;
  stop(): Promise<void>;
}

const platform = 'C:\\Program Files\\1cv8\\8.3.25.1560\\bin';
const password = (): string => randomBytes(9).toString('base64url');

/** What was started before a failure is ended, so that the process can end. */
export async function startZetaGround(options: ZetaGroundOptions): Promise<ZetaGround> {
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

async function openGround(
  options: ZetaGroundOptions,
  started: (() => Promise<void>)[],
): Promise<Omit<ZetaGround, 'stop'>> {
  const { dir, cluster, prefix = '', slowness = 1000, way = 'sftp' } = options;
  await rm(dir, { recursive: true, force: true });
  await mkdir(join(dir, 'backups'), { recursive: true });
  const counts = new Map<string, number>();
  const count = (event: string): void => void counts.set(event, (counts.get(event) ?? 0) + 1);
  const secrets = {
    NAKAT_1C_PASSWORD: password(),
    NAKAT_1C_HOST_PASSWORD: password(),
    NAKAT_WEB_PASSWORD: password(),
    NAKAT_EXCHANGE_PASSWORD: password(),
  };

  const infobases = { production: `${prefix}zeta_1c`, test: `${prefix}zeta_1c_test` };
  const onec = await startInfobases(options, infobases, [{ name: 'nakat', password: secrets.NAKAT_1C_PASSWORD }]);
  let broken = options.break;
  const breakages: OnecBreakages = {};
  const breakIt = (what: ZetaBreakage | undefined): void => {
    broken = what;
    breakages.handlers = what === 'handlers' ? 'zeta' : undefined;
  };
  breakIt(broken);
  const programs = onecPrograms({
    platform,
    cluster: onec,
    breakages,
    duration: slowness / 5,
    count: (program, command) => count(`${program} ${command}`),
  });
  const host = await startWindowsHost({
    disk: join(dir, 'app01'),
    user: 'nakat',
    password: secrets.NAKAT_1C_HOST_PASSWORD,
    authorizedKeys: [windowsKey(dir).line],
    programs,
    runSite: () => Promise.reject(new Error('this machine serves no sites')),
  });
  started.push(() => host.stop());

  const isUpdated = async (): Promise<boolean> =>
    (await readModel({ kind: 'server', database: onec.find('zeta').database })).dataVersion === '3.2.1';
  // Longer than a step is tried: until the restore has locked the infobase.
  let asked: number | undefined;
  const asksOfCluster = (): number =>
    [...counts].reduce((sum, [event, many]) => sum + (event.startsWith('rac ') ? many : 0), 0);
  const cut = { from: isUpdated, mended: () => asksOfCluster() > (asked ??= asksOfCluster()) };
  const reach = await reachFiles(way, {
    dir,
    host: async () => host,
    cut: options.break === 'upload-cut' ? cut : null,
    started,
  });
  const databases = await startSiteDatabases(options, started);
  const site = (which: 'production' | 'test', folder: string): Promise<ZetaSite> =>
    startZetaSite({
      folder,
      port: 0,
      admin: { user: 'admin', password: secrets.NAKAT_WEB_PASSWORD },
      exchange: { user: '1c', password: secrets.NAKAT_EXCHANGE_PASSWORD },
      broken: (what) => which === 'production' && broken === what,
      count: (event) => count(`${event} ${which}`),
      slowness: slowness / 10,
    });
  const sites = {
    production: await site('production', reach.real('zeta')),
    test: await site('test', reach.real('zeta-test')),
  };
  started.push(() => sites.production.stop());
  started.push(() => sites.test.stop());
  await seedSiteFolder(reach.real('zeta'), databases.production);
  await seedSiteDatabase(databases.production, sites.production.url);
  if (options.break === 'customized') await customizeSchema(databases.production);
  // The test site is installed once, by hand, with a database of its own; nakat fills both where it reaches production's files.
  await mkdir(reach.real('zeta-test'), { recursive: true });
  if (way === 'manual') await seedSiteFolder(reach.real('zeta-test'), databases.test);
  else await writeFile(join(reach.real('zeta-test'), 'config.ini'), configIni(databases.test));
  for (const name of ['zeta', 'zeta-test']) reach.own(name);

  const job = startExchangeJob({
    cluster: onec,
    infobase: 'zeta',
    target: { url: `${sites.production.url}/exchange/1c.php`, user: '1c', password: secrets.NAKAT_EXCHANGE_PASSWORD },
    every: 1500,
  });
  started.push(() => job.stop());

  const files = await writeUpdate(join(dir, 'update'));
  return {
    variables: {
      ...files,
      ...reach.variables,
      LAB_1C_HOST: '127.0.0.1',
      LAB_1C_PORT: String(host.port),
      LAB_1C_HOST_KEY: host.hostKey,
      LAB_WORK: join(dir, 'work'),
      LAB_BACKUPS: join(dir, 'backups'),
      LAB_STORE: join(dir, 'store'),
      LAB_DESK: join(dir, 'desk'),
      LAB_REMEMBERED: join(dir, 'remembered'),
      LAB_PICTURES: join(dir, 'pictures'),
      LAB_DB_HOST: cluster.host,
      LAB_DB_PORT: String(cluster.port),
      LAB_DB_USER: cluster.user,
      LAB_DB_TLS: 'off',
      LAB_DB_TOOLS: cluster.bin ?? '',
      LAB_1C_DB: infobases.production,
      LAB_1C_TEST_DB: infobases.test,
      LAB_URL: sites.production.url,
      LAB_TEST_URL: sites.test.url,
      ...webVariables(databases.production, databases.tools, databases.test.name),
      LAB_SETTLE: '1s',
      ...openWindow(),
      LAB_HEARTBEAT: '10s',
      LAB_RETRY: '1s',
      LAB_RESTORE_RETRY: '5s',
    },
    secrets: {
      ...secrets,
      ...reach.secrets,
      NAKAT_DB_PASSWORD: cluster.password,
      NAKAT_WEB_DB_PASSWORD: databases.production.password,
    },
    counts,
    onec,
    folders: {
      site: reach.real('zeta'),
      testSite: reach.real('zeta-test'),
      store: join(dir, 'store'),
      backups: join(dir, 'backups'),
    },
    databases: { site: databases.production, infobase: infobases.production, all: databases.all },
    sites,
    real: (path) => host.real(path),
    breakIt,
    person: startPerson({ site: reach.real('zeta'), store: join(dir, 'store'), saved: join(dir, 'saved') }),
  };
}

async function startInfobases(
  { dir, cluster, break: what }: ZetaGroundOptions,
  names: { production: string; test: string },
  users: { name: string; password: string }[],
): Promise<OneCCluster> {
  const onec = new OneCCluster(join(dir, 'onec-cluster.json'));
  for (const [name, database] of [
    ['zeta', names.production],
    ['zeta_test', names.test],
  ] as const) {
    await dropLike(cluster, database);
    await cluster.createDatabase(database);
    const at = {
      host: cluster.host,
      port: cluster.port,
      user: cluster.user,
      password: cluster.password,
      name: database,
    };
    // The test infobase is registered, and empty: nakat fills it.
    if (name === 'zeta') await withClient(at, (client) => seedZetaInfobase(client, users, what === 'customized'));
    onec.register(name, at);
  }
  onec.open('zeta', { app: '1CV8C', user: 'Менеджер', host: 'PC-07' });
  return onec;
}

/** Also what a killed run has left beside it. */
async function dropLike(cluster: Cluster, name: string): Promise<void> {
  const { host, port, user, password } = cluster;
  const found = await withClient({ host, port, user, password, name: 'postgres' }, (client) =>
    client.query<{ datname: string }>(
      `SELECT datname FROM pg_database WHERE NOT datistemplate AND datname <> 'postgres' AND datname ~ ('^' || $1 || '($|[^a-z0-9_]|_nakat|_[0-9a-f]{6})')`,
      [name],
    ),
  );
  for (const { datname } of found.rows) await cluster.dropDatabase(datname);
}

interface SiteDatabases {
  readonly production: ZetaDatabaseAddress;
  readonly test: ZetaDatabaseAddress;
  readonly tools: string;
  readonly all: readonly string[];
}

async function startSiteDatabases(
  { dir, cluster, prefix = '', siteDatabase = 'mariadb' }: ZetaGroundOptions,
  started: (() => Promise<void>)[],
): Promise<SiteDatabases> {
  const [name, test] = [`${prefix}zeta_site`, `${prefix}zeta_site_test`];
  if (siteDatabase === 'postgres' || (await installedMariaDb()) === null) {
    await dropLike(cluster, name);
    await dropLike(cluster, test);
    await cluster.createDatabase(name);
    const at: ZetaDatabaseAddress = {
      engine: 'postgres',
      host: cluster.host,
      port: cluster.port,
      user: cluster.user,
      password: cluster.password,
      name,
    };
    return { production: at, test: { ...at, name: test }, tools: cluster.bin ?? '', all: [name, test] };
  }
  const server = await startMariaDb({ dir: join(dirname(dir), `${basename(dir)}-mariadb`) });
  started.push(() => server.stop());
  await server.dropDatabase(name);
  await server.dropDatabase(test);
  await server.createDatabase(name);
  const at: ZetaDatabaseAddress = {
    engine: 'mariadb',
    host: server.host,
    port: server.port,
    user: server.user,
    password: server.password,
    name,
  };
  return { production: at, test: { ...at, name: test }, tools: '', all: [name, test] };
}

const webVariables = (at: ZetaDatabaseAddress, tools: string, test: string): Record<string, string> => ({
  LAB_WEB_DB_ENGINE: at.engine,
  LAB_WEB_DB_HOST: at.host,
  LAB_WEB_DB_PORT: String(at.port),
  LAB_WEB_DB_USER: at.user,
  LAB_WEB_DB_TOOLS: tools,
  LAB_WEB_DB: at.name,
  LAB_WEB_TEST_DB: test,
});

async function customizeSchema(at: ZetaDatabaseAddress): Promise<void> {
  const database = await openZetaDatabase(at);
  await database.query('ALTER TABLE orders ADD COLUMN manager varchar(50)').finally(() => database.close());
}

const template = (version: string): string => join(version.replaceAll('.', '_'), '1cv8.cfu');

async function writeUpdate(folder: string): Promise<Record<string, string>> {
  await mkdir(folder, { recursive: true });
  const at = (name: string): string => join(folder, name);
  await writeReleaseArchive(at('zeta-web-4.2.0.zip'), '4.2.0');
  await writeReleaseArchive(at('zeta-web-4.3.0.zip'), '4.3.0');
  writeUpdateFiles((version) => at(template(version)));
  for (const version of ['4.2.0', '4.3.0'] as const)
    await writeFile(at(`schema-${version}.json`), JSON.stringify(schemaOf[version]));
  await writeFile(at('import.xml'), importXml(catalogue(35)));
  await writeFile(at('offers.xml'), offersXml(catalogue(35)));
  return {
    LAB_ARCHIVE: at('zeta-web-4.3.0.zip'),
    LAB_PREVIOUS: at('zeta-web-4.2.0.zip'),
    LAB_CFU_315: at(template('3.1.5')),
    LAB_CFU_321: at(template('3.2.1')),
    LAB_SCHEMA_BEFORE: at('schema-4.2.0.json'),
    LAB_SCHEMA_AFTER: at('schema-4.3.0.json'),
    LAB_IMPORT: at('import.xml'),
    LAB_OFFERS: at('offers.xml'),
  };
}
