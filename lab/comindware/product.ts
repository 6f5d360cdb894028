/**
 * The product as far as a version change touches it: several releases side by side, their templates of configuration files, and a
 * database that each release migrates by itself when it is started on it. Follows the vendor's pages on paths and contents of the
 * instance's folders, on the instance's YAML file (old and new names of keys), on the update by hand (adapterhost.json becomes
 * adapterhost.yml; success lines of the logs), and on restoring a backup to another instance (the database is bound to `db.name`).
 * What a database holds inside is not public: records of three made-up shapes stand for it.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export const binaries = 'C:\\Program Files\\Comindware\\CBAP';
export const data = 'C:\\ProgramData\\Comindware';
export const scripts = 'C:\\Distr\\CMW_Windows';
/** Links in the configuration folder, each to the folder of that name of the version. */
export const linked = ['bin', 'Web', 'adapterhost', 'apigateway'] as const;

interface LabRelease {
  readonly version: string;
  /** Which versions its migration understands. */
  readonly from: (version: string) => boolean;
  readonly migrate: (record: Record<string, unknown>) => Record<string, unknown>;
  readonly templates: Readonly<Record<string, string>>;
}

const oldMain = `# Имя экземпляра ПО
instanceName: <instanceName>
configPath: <configPath>
elasticsearchUri: <searchUri>
fqdn: <hostName>
port: 80
version: <versionNumber>
databasePath: <databasePath>
databaseName: <databaseName>
streamsPath: <streamsPath>
tempPath: <tempPath>
mq.server: <kafkaBroker>
mq.group: <instanceName>
`;
const newMain = `#################### Базовые параметры ПО ####################
# Имя экземпляра ПО
# Устаревшая директива: instanceName
clusterName: <instanceName>
configPath: <configPath>
# Устаревшая директива: elasticsearchUri
journal.server: http://<searchHostIP>:<searchHostPort>
#journal.name: <instanceName>
#journal.password:
fqdn: <hostName>
port: <portNumber>
version: <versionNumber>
#################### База данных ####################
db.workDir: <databasePath>
db.name: <instanceName>
userStorage.type: LocalDisk
userStorage.localDisk.path: <streamsPath>
tempStorage.type: LocalDisk
tempStorage.localDisk.path: <tempPath>
mq.server: <kafkaBroker>
mq.group: <instanceName>
# Разрешить вход по паролю
auth.passwordEnabled: true
`;
const json = (keys: readonly string[]): string =>
  `${JSON.stringify(Object.fromEntries(keys.map((key) => [key, ''])), null, 2)}\n`;
const ignite = (memory: string): string =>
  `<?xml version="1.0" encoding="utf-8"?>\n<igniteConfiguration memory="${memory}" />\n`;

export const labReleases: readonly LabRelease[] = [
  { version: '3.5.4', from: () => false, migrate: (record) => record, templates: {} },
  {
    version: '4.2.0',
    from: (version) => version.startsWith('3.5'),
    migrate: ({ title, owner, ...rest }) => ({ ...rest, name: title, owner: { fullName: owner } }),
    templates: {
      'instance.yml': oldMain,
      'adapterhost.json': json(['mq.server', 'mq.group']),
      'apigateway.json': json(['mq.server', 'mq.group']),
      'Ignite.config': ignite('2g'),
    },
  },
  {
    version: '4.7.2',
    from: (version) => version.startsWith('4.2'),
    migrate: (record) => ({
      ...record,
      search: String((record['owner'] as { fullName?: unknown }).fullName).toLowerCase(),
    }),
    templates: {
      'instance.yml': newMain,
      'adapterhost.yml': 'mq.server: <kafkaBroker>\nmq.group: <instanceName>\n',
      'apigateway.yml': 'mq.server: <kafkaBroker>\nmq.group: <instanceName>\n',
      'Ignite.config': ignite('4g'),
    },
  },
];
export const releaseOf = (version: string): LabRelease | undefined =>
  labReleases.find((one) => one.version === version);
/** From 4.7 on, keys have their new names. */
export const hasNewKeys = (version: string): boolean => version.startsWith('4.7');

/** @param real of a Windows path. */
export function installProduct(real: (path: string) => string): void {
  for (const { version, templates } of labReleases) {
    const write = (path: string, content: string): void => writeTree(real(`${binaries}\\${version}\\${path}`), content);
    for (const folder of linked) write(`${folder}\\${folder}.dll`, `MZ ${folder} ${version}\n`.repeat(500));
    for (const [name, content] of Object.entries(templates)) write(`ConfigTemplates\\${name}`, content);
    writeTree(
      real(`${scripts}${version}\\scripts\\instance_upgrade.ps1`),
      '# The practice ground’s powershell.exe knows this script by its name.\n',
    );
  }
}

export function writeTree(path: string, content: string | Buffer): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

interface Ontology {
  readonly name: string;
  readonly version: string;
}

export const readOntology = (folder: string): Ontology =>
  JSON.parse(readFileSync(join(folder, 'db', 'ontology.json'), 'utf8')) as Ontology;

export function seedDatabase(folder: string, name: string, version: string, records: number): void {
  for (let id = 1; id <= records; id++)
    writeTree(
      join(folder, 'db', 'records', `${String(id).padStart(4, '0')}.json`),
      JSON.stringify({ id, title: `Заявка ${id}`, owner: `Сотрудник ${id % 7}` }),
    );
  writeTree(join(folder, 'db', 'ontology.json'), JSON.stringify({ name, version }));
  writeTree(join(folder, 'FullTextSearch', 'index.bin'), Buffer.alloc(50_000, 7));
  writeTree(join(folder, 'Scripts', 'счёт на оплату.cs'), '// сценарий заказчика\n');
}

export interface Migration {
  readonly folder: string;
  readonly to: string;
  /** Milliseconds at least. */
  readonly duration: number;
  readonly signal: AbortSignal;
  readonly log: (file: 'UpgradeOntology' | 'upgrade', line: string) => void;
  /** Fails after half of the records. */
  readonly fails: boolean;
}

/**
 * Record by record, as started on it. Ended in the middle, the database is neither old nor new and no release starts on it again;
 * over a version that the release does not understand it goes on all the same, and loses what it does not find.
 */
export async function migrate({ folder, to, duration, signal, log, fails }: Migration): Promise<'done' | 'failed'> {
  const release = releaseOf(to);
  const { name, version } = readOntology(folder);
  const half = join(folder, 'db', 'upgrading');
  log('upgrade', `Upgrade from ${version} to ${to} started`);
  if (!release || existsSync(half)) {
    log('upgrade', `error: the database was left in the middle of an upgrade`);
    return 'failed';
  }
  writeFileSync(half, to);
  const known = release.from(version);
  if (!known) log('UpgradeOntology', `error: ontology of ${version} is not known to ${to}`);
  const records = join(folder, 'db', 'records');
  const names = readdirSync(records).sort();
  for (const [at, file] of names.entries()) {
    if (signal.aborted) return 'failed';
    if (fails && at >= names.length / 2) {
      log('UpgradeOntology', `error: record ${file}: Object reference not set to an instance of an object.`);
      log('upgrade', 'error: Upgrade was stopped');
      return 'failed';
    }
    const record = JSON.parse(readFileSync(join(records, file), 'utf8')) as Record<string, unknown>;
    writeFileSync(
      join(records, file),
      JSON.stringify(release.migrate(known ? record : { id: record['id'], owner: {} })),
    );
    if (at % 10 === 0) await sleep((duration * 10) / names.length, undefined, { signal }).catch(() => undefined);
  }
  writeFileSync(join(folder, 'db', 'ontology.json'), JSON.stringify({ name, version: to }));
  rmSync(half);
  log('UpgradeOntology', 'Upgrade of ontology completed successfully');
  log('upgrade', 'Upgrade completed');
  return 'done';
}
