/**
 * The practice ground of a 1C extension: a production infobase with an extension that runs out of safe mode, an empty one for the
 * copy, the Windows-like machine on which 1C lives, and two update services that have a newer version.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import type { OnecBreakages } from '../onec/breakages.ts';
import { OneCCluster } from '../onec/cluster.ts';
import { writeConfigurationFile, type ExtensionContent } from '../onec/configuration.ts';
import { startScheduledJob } from '../onec/jobs.ts';
import { newModel, readModel, type InstalledExtension } from '../onec/model.ts';
import { onecPrograms } from '../onec/programs.ts';
import { seedInfobase } from '../onec/seed.ts';
import type { Cluster } from '../postgres/cluster.ts';
import { startUpdateServices } from '../updates/service.ts';
import { startWindowsHost } from '../windows/start.ts';
import { openWindow } from '../window.ts';

/**
 * `service-lies`: the file is not the one whose digest is published. `session`: with the new version installed, no session of
 * production starts once users are let in.
 */
export type ExtensionBreak = 'applicability' | 'licence' | 'service-lies' | 'session';

export interface ExtensionGroundOptions {
  /** Emptied at the start. */
  readonly dir: string;
  readonly cluster: Cluster;
  /** Before every database name. Default none. */
  readonly prefix?: string;
  readonly break?: ExtensionBreak;
  /** Of the update services; may be changed while the ground stands. Default: by `break`. */
  readonly breakages?: { lies?: boolean };
  /** Milliseconds that a change of a configuration takes at least. Default 600. */
  readonly slowness?: number;
}

export interface ExtensionGround {
  /** For the `${…}` of `examples/onec-extension.yaml`. */
  readonly variables: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, string>>;
  readonly counts: ReadonlyMap<string, number>;
  readonly onec: OneCCluster;
  readonly databases: { readonly production: string; readonly test: string };
  /** The extension as production has it; undefined: none. */
  installed(): Promise<InstalledExtension | undefined>;
  real(windowsPath: string): string;
  stop(): Promise<void>;
}

const platform = 'C:\\Program Files\\1cv8\\8.3.25.1560\\bin';
export const extensionName = 'Телефония';
export const newVersion = '4.2.0.15';
const objects = { 'Справочник.Контакты': '1', 'Документ.Заказ': '1', 'ОбщаяФорма.Звонки': '1' };
const content = (version: string): ExtensionContent => ({
  name: extensionName,
  version,
  borrows: ['Справочник.Контакты', 'ОбщаяФорма.Звонки'],
  text: `// ${version}\n`.repeat(400),
});

export async function startExtensionGround(options: ExtensionGroundOptions): Promise<ExtensionGround> {
  const started: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const end of started.splice(0).reverse()) await end();
  };
  try {
    return { ...(await open(options, started)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function open(
  options: ExtensionGroundOptions,
  started: (() => Promise<void>)[],
): Promise<Omit<ExtensionGround, 'stop'>> {
  const { dir, cluster, prefix = '', slowness = 600 } = options;
  await rm(dir, { recursive: true, force: true });
  await mkdir(join(dir, 'backups'), { recursive: true });
  const counts = new Map<string, number>();
  const count = (event: string): void => void counts.set(event, (counts.get(event) ?? 0) + 1);
  const databases = { production: `${prefix}trade_ext`, test: `${prefix}trade_ext_test` };
  const secrets = {
    NAKAT_WEB_PASSWORD: randomBytes(9).toString('base64url'),
    NAKAT_1C_PASSWORD: randomBytes(9).toString('base64url'),
    NAKAT_DB_PASSWORD: cluster.password,
    NAKAT_UPDATES_TOKEN: randomBytes(18).toString('base64url'),
    NAKAT_LICENCE_KEY: 'MIKO-ABCDE-FGHIJ-KLMNO-PQRST',
  };

  const onec = new OneCCluster(join(dir, 'onec-cluster.json'));
  for (const [name, database] of [
    ['trade', databases.production],
    ['trade_test', databases.test],
  ] as const) {
    await cluster.dropDatabase(database);
    await cluster.createDatabase(database);
    if (name === 'trade') await seed(cluster, database, secrets.NAKAT_1C_PASSWORD);
    const { host, port, user, password } = cluster;
    onec.register(name, { host, port, user, password, name: database });
  }
  onec.open('trade', { app: '1CV8C', user: 'Кассир', host: 'PC-12' });
  onec.open('trade', { app: 'WebClient', user: 'Менеджер', host: 'PC-07' });
  const job = startScheduledJob(onec, 'trade', 500);
  started.push(() => job.stop());

  const installed = async (): Promise<InstalledExtension | undefined> => {
    const model = await readModel({ kind: 'server', database: onec.find('trade').database });
    return model.extensions.find((one) => one.content.name === extensionName);
  };
  const programs = onecPrograms({
    platform,
    cluster: onec,
    duration: slowness,
    count: (program, command) => count(`${program} ${command}`),
    breakages: breakagesOf(options.break),
  });
  if (options.break === 'session') refuseSessions(programs, onec, installed);
  const host = await startWindowsHost({
    disk: join(dir, 'web'),
    user: 'nakat',
    password: secrets.NAKAT_WEB_PASSWORD,
    programs,
    runSite: () => Promise.reject(new Error('no sites here')),
  });
  started.push(() => host.stop());

  const file = join(dir, 'telephony.cfe');
  writeConfigurationFile(file, { kind: 'cfe', extension: content(newVersion) });
  const services = await startUpdateServices({
    product: 'telephony',
    type: 'PT40_TRADE',
    token: secrets.NAKAT_UPDATES_TOKEN,
    key: secrets.NAKAT_LICENCE_KEY,
    releases: [
      {
        version: newVersion,
        changes: 'Карточка звонка открывается быстрее.\nИсправлена запись разговоров на 8.3.25.',
        content: await readFile(file),
      },
    ],
    breakages: options.breakages ?? { lies: options.break === 'service-lies' },
    count,
  });
  started.push(() => services.stop());

  return {
    variables: {
      LAB_EXTENSION_FILE: file,
      LAB_EXTENSION_VERSION: newVersion,
      LAB_SSH_HOST: '127.0.0.1',
      LAB_SSH_PORT: String(host.port),
      LAB_SSH_USER: 'nakat',
      LAB_SSH_HOST_KEY: host.hostKey,
      LAB_WORK: join(dir, 'work'),
      LAB_BACKUPS: join(dir, 'backups'),
      LAB_DB_HOST: cluster.host,
      LAB_DB_PORT: String(cluster.port),
      LAB_DB_USER: cluster.user,
      LAB_DB_TLS: 'off',
      LAB_DB_TOOLS: cluster.bin ?? '',
      LAB_1C_DB: databases.production,
      LAB_1C_TEST_DB: databases.test,
      LAB_UPDATES_API: services.api,
      LAB_UPDATES_MANIFEST: services.manifest,
      LAB_UPDATES_FILES: services.files,
      LAB_UPDATES_PLAIN: 'true',
      LAB_ANNOUNCE: '2s',
      ...openWindow(),
      LAB_HEARTBEAT: '10s',
      LAB_RETRY: '1s',
      LAB_RESTORE_RETRY: '5s',
    },
    secrets,
    counts,
    onec,
    databases,
    installed,
    real: (path) => host.real(path),
  };
}

async function seed({ host, port, user, password }: Cluster, database: string, onecPassword: string): Promise<void> {
  const client = new pg.Client({ host, port, user, password, database });
  await client.connect();
  const configuration = {
    name: 'УправлениеТорговлей',
    vendor: 'Поставщик',
    version: '11.5.19.71',
    objects,
    handlers: [],
    jobs: ['ОбменССайтом'],
    initialData: '11.5.19.71',
    support: { objects, editable: false },
  };
  const model = newModel(configuration, { ЛицензионныйКлюч: 'MIKO-ABCDE' });
  await seedInfobase(client, {
    users: [{ name: 'nakat', password: onecPassword }],
    // As its installer leaves it: trusted, or it could not reach the telephone exchange.
    model: {
      ...model,
      extensions: [{ content: content('4.1.0.8'), active: true, safeMode: false, unsafeActionProtection: false }],
    },
  }).finally(() => client.end());
}

function breakagesOf(what: ExtensionBreak | undefined): OnecBreakages {
  if (what === 'applicability') return { applicability: 'trade_test' };
  return what === 'licence' ? { licence: 'trade' } : {};
}

/** What an extension whose code fails when a session begins does to everybody. */
function refuseSessions(
  programs: ReturnType<typeof onecPrograms>,
  onec: OneCCluster,
  installed: () => Promise<InstalledExtension | undefined>,
): void {
  const path = 'C:\\Windows\\System32\\cscript.exe';
  const real = programs[path];
  if (!real) throw new Error('no cscript');
  programs[path] = async (argv, io) => {
    const denied = onec.find('trade').properties['sessions-deny'] === 'on';
    if (denied || (await installed())?.content.version !== newVersion) return real(argv, io);
    io.err(
      'nakat.js(1, 1) V83.COMConnector: Ошибка при вызове обработчика «УстановкаПараметровСеанса» расширения Телефония\n',
    );
    return 1;
  };
}
