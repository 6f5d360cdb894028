/** The practice ground of a Comindware update: the Windows-like machine with three releases of the product and one instance. */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { freePorts } from '../ports.ts';
import { startWindowsHost } from '../windows/start.ts';
import { installProduct, binaries, data, linked, labReleases, seedDatabase, writeTree } from './product.ts';
import { powershell, powershellProgram } from './script.ts';
import { comindwareSite, type ComindwareBreakages } from './site.ts';
import { openWindow } from '../window.ts';

export interface ComindwareGroundOptions {
  /** Emptied at the start. */
  readonly dir: string;
  /** May be changed while the ground stands. */
  readonly breakages?: ComindwareBreakages;
  /** Milliseconds of a migration and of the vendor's script. Default 600. */
  readonly slowness?: number;
  /** Default 40. */
  readonly records?: number;
}

export interface ComindwareGround {
  /** For the `${…}` of `examples/comindware-instance.yaml`. */
  readonly variables: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, string>>;
  /** Effects by name, counted where they happen. */
  readonly counts: ReadonlyMap<string, number>;
  readonly breakages: ComindwareBreakages;
  real(windowsPath: string): string;
  /** As another program of that machine; the answer closes it. */
  hold(windowsPath: string): () => void;
  stop(): Promise<void>;
}

export const production = 'Portal';
export const installed = '3.5.4';

export async function startComindwareGround(options: ComindwareGroundOptions): Promise<ComindwareGround> {
  const { dir, breakages = {}, slowness = 600, records = 40 } = options;
  await rm(dir, { recursive: true, force: true });
  await mkdir(dir, { recursive: true });
  const password = randomBytes(9).toString('base64url');
  const journalPassword = randomBytes(9).toString('base64url');
  const [port = 0, maintenancePort = 0, testPort = 0] = await freePorts(3);
  const counts = new Map<string, number>();
  const count = (event: string): void => void counts.set(event, (counts.get(event) ?? 0) + 1);
  let real = (path: string): string => path;
  const host = await startWindowsHost({
    disk: join(dir, 'bpm'),
    user: 'nakat',
    password,
    programs: { [powershell]: powershellProgram({ breakages, count, duration: slowness }) },
    runSite: comindwareSite({
      production,
      publicPort: port,
      breakages,
      duration: slowness,
      real: (path) => real(path),
      count,
    }),
    refuseLink: (link, target) =>
      breakages.link !== undefined &&
      link.toLowerCase().includes(`\\instances\\${production.toLowerCase()}\\`) &&
      target.includes(breakages.link)
        ? 'Access is denied.'
        : undefined,
  });
  try {
    real = (path) => host.real(path);
    installProduct(real);
    makeInstance(real, port, journalPassword, records);
    const config = `${data}\\Instances\\${production}\\Config`;
    for (const link of linked) host.link(`${config}\\${link}`, `${binaries}\\${installed}\\${link}`);
    await host.addSite({
      name: production,
      pool: `Comindware ${production}`,
      binding: `http/*:${port}:`,
      folder: config,
      applications: { '/adapterhost': `${config}\\adapterhost`, '/apigateway': `${config}\\apigateway` },
      pools: {
        '/adapterhost': `Comindware ${production}_adapterhost`,
        '/apigateway': `Comindware ${production}_apigateway`,
      },
    });
  } catch (error) {
    await host.stop();
    throw error;
  }
  const releases = join(dir, 'comindware-releases.yaml');
  await writeFile(releases, releaseList);
  return {
    variables: {
      LAB_RELEASES: releases,
      LAB_SSH_HOST: '127.0.0.1',
      LAB_SSH_PORT: String(host.port),
      LAB_SSH_USER: 'nakat',
      LAB_SSH_HOST_KEY: host.hostKey,
      LAB_URL: `http://127.0.0.1:${port}`,
      LAB_BINDING: `http/*:${port}:`,
      LAB_MAINTENANCE_URL: `http://127.0.0.1:${maintenancePort}`,
      LAB_MAINTENANCE_BINDING: `http/*:${maintenancePort}:`,
      LAB_TEST_URL: `http://127.0.0.1:${testPort}`,
      LAB_TEST_BINDING: `http/*:${testPort}:`,
      LAB_TEST_PORT: String(testPort),
      LAB_PATIENCE: '20s',
      ...openWindow(),
      LAB_HEARTBEAT: '10s',
      LAB_RETRY: '1s',
      LAB_RESTORE_RETRY: '5s',
    },
    secrets: { NAKAT_BPM_PASSWORD: password },
    counts,
    breakages,
    real,
    hold: (path) => host.hold(path),
    stop: () => host.stop(),
  };
}

/** As a vendor's page would list them; the last cannot be reached from here. */
const releaseList = `releases:
${labReleases.map(({ version }, at) => `  - version: ${version}\n    from: [${['3.4.*', '3.5.*', "'>=4.2 <4.5'"][at]}]\n`).join('')}  - version: 5.0.13334.0
    from: [4.8.*]
`;

function makeInstance(real: (path: string) => string, port: number, journalPassword: string, records: number): void {
  const folder = `${data}\\Instances\\${production}`;
  const main = {
    instanceName: production,
    configPath: `${folder}\\Config`,
    elasticsearchUri: 'http://search.production.example:9200',
    'journal.password': journalPassword,
    fqdn: 'bpm.production.example',
    port: String(port),
    version: installed,
    databasePath: `${folder}\\Database`,
    databaseName: production,
    streamsPath: `${folder}\\Streams`,
    tempPath: `${folder}\\Temp`,
    'mq.server': 'kafka.production.example:9092',
    'mq.group': production,
    'custom.setting': 'заказчика',
  };
  writeTree(
    real(`${data}\\configs\\instance\\${production}.yml`),
    `# Экземпляр ${production}\n${Object.entries(main)
      .map(([key, value]) => `${key}: ${value}\n`)
      .join('')}`,
  );
  const service = `${JSON.stringify({ 'mq.server': main['mq.server'], 'mq.group': production }, null, 2)}\n`;
  for (const name of ['adapterhost.json', 'apigateway.json']) writeTree(real(`${folder}\\Config\\${name}`), service);
  writeTree(
    real(`${folder}\\Config\\Ignite.config`),
    '<?xml version="1.0" encoding="utf-8"?>\n<igniteConfiguration memory="8g" />\n',
  );
  writeTree(real(`${folder}\\Config\\logs.config`), '<nlog />\n');
  writeTree(real(`${folder}\\Config\\theme\\лого заказчика.svg`), '<svg />\n');
  seedDatabase(real(`${folder}\\Database`), production, installed, records);
  for (const name of ['счёт 1.pdf', 'договор.docx'])
    writeTree(real(`${folder}\\Streams\\${name}`), randomBytes(20_000));
  // Words of success of the day on which this release came: they prove nothing about the next.
  const day = new Date().toISOString().slice(0, 10).replaceAll('-', '');
  writeTree(real(`${folder}\\Logs\\UpgradeOntology_${day}.log`), 'Upgrade of ontology completed successfully\n');
  writeTree(real(`${folder}\\Logs\\upgrade${day}.log`), 'Upgrade completed\n');
}
