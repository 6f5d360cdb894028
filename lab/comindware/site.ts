/**
 * An instance as IIS runs it: reads its configuration, migrates its database when the binaries are newer, writes the product's
 * logs, and serves the login page. Follows the vendor's pages named in `product.ts`, and that on health checks of a cluster
 * (`/api/health`). What cannot start answers 500, as an ASP.NET application does whose start failed.
 */
import { once } from 'node:events';
import { appendFileSync, mkdirSync, readdirSync, readlinkSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';
import type { RunningSite, SiteRunner } from '../windows/host.ts';
import { binaries, data, hasNewKeys, linked, migrate, readOntology } from './product.ts';
import { readFlat, textOf, type Values } from './values.ts';

export interface ComindwareBreakages {
  /** Of the production instance: the migration to this version stops in the middle. */
  hop?: string;
  /** Of the production instance: a link to this version's binaries is refused. */
  link?: string;
  /** Of the production instance: with this version, an error page stands where the login page was. */
  login?: string;
  /** As `login`, but only where users come in. */
  publicLogin?: string;
  /** The vendor's script says `Completed` and did nothing, or did all and says `Failed`. */
  script?: 'silent' | 'failed';
}

export interface ComindwareSiteOptions {
  /** The instance to which the breakages apply. */
  readonly production: string;
  readonly breakages: ComindwareBreakages;
  /** Where users of the production instance come in. */
  readonly publicPort: number;
  /** Milliseconds of a migration. */
  readonly duration: number;
  readonly real: (windowsPath: string) => string;
  /** `upgrade <instance> <version>`, `mail <instance>`, `start <instance> <version>`. */
  readonly count: (event: string) => void;
}

const loginPage = `<!doctype html>
<html lang="ru"><head><meta charset="utf-8"><title>Comindware Platform</title></head>
<body><form id="login-form" method="post"><input name="login"><input name="password" type="password"><button>Войти</button></form></body></html>
`;

export function comindwareSite(options: ComindwareSiteOptions): SiteRunner {
  return async (site) => {
    const ending = new AbortController();
    let problem: string | null = 'Starting';
    const running = start(site, options, ending.signal)
      .catch((error: unknown) => (error instanceof Error ? error.message : String(error)))
      .then((failed) => (problem = failed));
    // The adapter host reads mailboxes and queues as long as it runs, whoever configured it.
    const adapters = setInterval(() => {
      const name = problem === null && site.isServing('/adapterhost') ? mainOf(site, options)?.name : undefined;
      if (name !== undefined) options.count(`mail ${name}`);
    }, 100);
    const server = http.createServer((request, response) => {
      const { pathname } = new URL(request.url ?? '/', 'http://instance');
      const answer = (status: number, body: string, headers: Record<string, string> = {}): void =>
        void response.writeHead(status, { 'content-type': 'text/html; charset=utf-8', ...headers }).end(body);
      if (problem === 'Starting') answer(503, '<html><title>Service Unavailable</title></html>');
      else if (problem !== null) answer(500, `<html><title>HTTP Error 500.30</title>${problem}</html>`);
      else if (pathname === '/') answer(302, '', { location: '/login' });
      else if (pathname === '/login') {
        const main = mainOf(site, options);
        const here = [options.breakages.login];
        if (request.socket.localPort === options.publicPort) here.push(options.breakages.publicLogin);
        const broken = main?.name === options.production && here.includes(textOf(main.values, 'version'));
        answer(200, broken ? '<html><title>Ошибка</title>Не удалось загрузить тему</html>' : loginPage);
      } else if (pathname === '/api/health') answer(site.isServing('/apigateway') ? 200 : 503, '');
      else answer(404, '');
    });
    for (const binding of site.bindings) server.listen(Number(/:(\d+):/.exec(binding)?.[1]), '127.0.0.1');
    await once(server, 'listening');
    return {
      stop: async () => {
        ending.abort();
        clearInterval(adapters);
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
        await running;
      },
    };
  };
}

interface Main {
  readonly name: string;
  readonly values: Values;
}

/** The instance's own file: the one that names this site's folder. */
function mainOf(site: RunningSite, { real }: ComindwareSiteOptions): Main | null {
  const folder = real(`${data}\\configs\\instance`);
  for (const file of readdirSync(folder)) {
    const values = readFlat(join(folder, file));
    if (values && real(textOf(values, 'configPath')) === site.folders['/'])
      return { name: textOf(values, 'clusterName', 'instanceName'), values };
  }
  return null;
}

/** Null when it runs, else what its error page says. */
async function start(site: RunningSite, options: ComindwareSiteOptions, signal: AbortSignal): Promise<string | null> {
  const { real, breakages, production, count } = options;
  const config = site.folders['/'] ?? '';
  const main = mainOf(site, options);
  if (!main) return 'no instance has this configPath';
  const version = textOf(main.values, 'version');
  const isNew = hasNewKeys(version);
  for (const name of linked) {
    const target = linkOf(join(config, name));
    if (target !== real(`${binaries}\\${version}\\${name}`)) return `${name} is not that of ${version}`;
  }
  for (const service of ['adapterhost', 'apigateway'])
    if (!readFlat(join(config, `${service}.${isNew ? 'yml' : 'json'}`))?.['mq.server'])
      return `${service}: mq.server is missing`;
  const [folder, name] = isNew
    ? [textOf(main.values, 'db.workDir'), textOf(main.values, 'db.name')]
    : [textOf(main.values, 'databasePath'), textOf(main.values, 'databaseName')];
  if (folder === '') return isNew ? 'db.workDir is missing' : 'databasePath is missing';
  for (const key of Object.keys(main.values)) if (/^<.*>$/.test(textOf(main.values, key))) return `${key} has no value`;
  const database = real(folder);
  const logs = real(textOf(main.values, 'configPath').replace(/\\Config$/i, '\\Logs'));
  mkdirSync(logs, { recursive: true });
  const day = new Date().toISOString().slice(0, 10).replaceAll('-', '');
  const write = (file: string, line: string): void => appendFileSync(join(logs, `${file}${day}.log`), `${line}\n`);
  const ontology = readOntology(database);
  if (ontology.name !== name) return `no database ${name}`;
  site.hold(`${folder}\\db\\ontology.json`);
  if (ontology.version !== version) {
    count(`upgrade ${main.name} ${version}`);
    const result = await migrate({
      folder: database,
      to: version,
      duration: options.duration,
      signal,
      log: (file, line) => write(file === 'upgrade' ? 'upgrade' : 'UpgradeOntology_', line),
      fails: main.name === production && breakages.hop === version,
    });
    if (result === 'failed') return 'the database could not be upgraded';
  }
  count(`start ${main.name} ${version}`);
  write('heartbeat_', 'Heartbeat');
  return null;
}

function linkOf(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
}
