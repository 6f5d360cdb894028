/**
 * IIS through appcmd: no PowerShell module is needed. Lists are read whole and searched here, because what appcmd answers for
 * a name that does not exist is not documented. Sources: Microsoft Learn "Getting started with AppCmd.exe"; clio
 * (CreateIISSite.cs, AppUpdater) for the commands as they are used on Creatio sites.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { XMLParser } from 'fast-xml-parser';
import { NakatError } from '../../runbook/errors/index.ts';
import type { Machine } from '../machines/machine.ts';

export interface IisSite {
  readonly name: string;
  /** `http/*:80:crm.example.com`, several by comma. */
  readonly bindings: string;
  readonly state: string;
}
export interface IisApplication {
  readonly site: string;
  readonly path: string;
  readonly pool: string;
}

type Attributes = Readonly<Record<string, string>>;

/** Stopping and starting go on after appcmd has answered; a site with open requests may take its time. */
const patience = { milliseconds: 120_000, every: 300 };

export class Iis {
  readonly #machine: Machine;
  readonly #appcmd: string;

  constructor(machine: Machine, appcmd: string) {
    this.#machine = machine;
    this.#appcmd = appcmd;
  }

  async site(name: string): Promise<IisSite | null> {
    const found = (await this.#list('site', 'SITE')).find((one) => same(one['SITE.NAME'], name));
    return found
      ? { name: found['SITE.NAME'] ?? '', bindings: found['bindings'] ?? '', state: found['state'] ?? '' }
      : null;
  }

  /** `Started`, `Stopped` …; null when there is no such pool. */
  async poolState(name: string): Promise<string | null> {
    return (await this.pool(name))?.state ?? null;
  }

  /** `runtime`: `v4.0`, or empty for no managed code. */
  async pool(name: string): Promise<{ readonly state: string; readonly runtime: string } | null> {
    const found = (await this.#list('apppool', 'APPPOOL')).find((one) => same(one['APPPOOL.NAME'], name));
    return found ? { state: found['state'] ?? '', runtime: found['RuntimeVersion'] ?? '' } : null;
  }

  async applications(site: string): Promise<IisApplication[]> {
    const all = await this.#list('app', 'APP');
    return all
      .filter((one) => same(one['SITE.NAME'], site))
      .map((one) => ({ site: one['SITE.NAME'] ?? '', path: one['path'] ?? '', pool: one['APPPOOL.NAME'] ?? '' }));
  }

  /** Sites that have an application in this pool. */
  async sitesOfPool(pool: string): Promise<string[]> {
    const all = await this.#list('app', 'APP');
    return all.filter((one) => same(one['APPPOOL.NAME'], pool)).map((one) => one['SITE.NAME'] ?? '');
  }

  /** Folder of an application; `path` `/` is the site itself. */
  async folder(site: string, path: string): Promise<string | null> {
    const wanted = `${site}${path.replace(/\/?$/, '/')}`;
    return (await this.#list('vdir', 'VDIR')).find((one) => same(one['VDIR.NAME'], wanted))?.['physicalPath'] ?? null;
  }

  /** Process ids of the pool's workers. */
  async workers(pool: string): Promise<string[]> {
    return (await this.#list('wp', 'WP'))
      .filter((one) => same(one['APPPOOL.NAME'], pool))
      .map((one) => one['WP.NAME'] ?? '');
  }

  async addPool(name: string, managedRuntimeVersion: string): Promise<void> {
    if ((await this.poolState(name)) !== null) return;
    await this.#unless(
      async () => (await this.poolState(name)) !== null,
      'add',
      'apppool',
      `/name:${name}`,
      `/managedRuntimeVersion:${managedRuntimeVersion}`,
      '/managedPipelineMode:Integrated',
    );
  }

  async addSite(name: string, binding: string, folder: string, pool: string): Promise<void> {
    if ((await this.site(name)) !== null) return;
    await this.#unless(
      async () => (await this.site(name)) !== null,
      'add',
      'site',
      `/name:${name}`,
      `/bindings:${binding}`,
      `/physicalPath:${folder}`,
      `/applicationDefaults.applicationPool:${pool}`,
      // Else it would be served at once, before anybody has made the copy harmless.
      '/serverAutoStart:false',
    );
  }

  async addApplication(site: string, path: string, folder: string, pool: string): Promise<void> {
    if ((await this.applications(site)).some((one) => same(one.path, path))) return;
    await this.#unless(
      async () => (await this.applications(site)).some((one) => same(one.path, path)),
      'add',
      'app',
      `/site.name:${site}`,
      `/path:${path}`,
      `/physicalPath:${folder}`,
      `/applicationPool:${pool}`,
    );
  }

  async setBindings(site: string, bindings: string): Promise<void> {
    if (same((await this.site(site))?.bindings, bindings)) return;
    await this.#run('set', 'site', `/site.name:${site}`, `/bindings:${bindings}`);
    const now = (await this.site(site))?.bindings ?? '';
    if (!same(now, bindings)) throw this.#stuck(site, bindings, now);
  }

  async setFolder(site: string, path: string, folder: string): Promise<void> {
    if (same((await this.folder(site, path)) ?? '', folder)) return;
    await this.#run('set', 'vdir', `/vdir.name:${site}${path.replace(/\/?$/, '/')}`, `/physicalPath:${folder}`);
  }

  async setApplicationPool(site: string, path: string, pool: string): Promise<void> {
    const found = (await this.applications(site)).find((one) => same(one.path, path));
    if (found && same(found.pool, pool)) return;
    await this.#run('set', 'app', `/app.name:${site}${path}`, `/applicationPool:${pool}`);
  }

  async deleteApplication(site: string, path: string): Promise<void> {
    await this.#run('delete', 'app', `/app.name:${site}${path}`);
  }

  /** Pools in this order, then the site; returns when all say so. */
  async start(site: string, ...pools: readonly string[]): Promise<void> {
    for (const pool of pools)
      if ((await this.#poolOf(pool)) !== 'Started')
        await this.#unless(async () => isUp(await this.#poolOf(pool)), 'start', 'apppool', `/apppool.name:${pool}`);
    if ((await this.#siteOf(site)).state !== 'Started')
      await this.#unless(async () => isUp((await this.#siteOf(site)).state), 'start', 'site', `/site.name:${site}`);
    await this.#until(site, 'Started', async () => [
      ...(await Promise.all(pools.map((pool) => this.#poolOf(pool)))).filter((state) => state !== 'Started'),
      ...[(await this.#siteOf(site)).state].filter((state) => state !== 'Started'),
    ]);
  }

  /** Site first, then pools in this order; returns when all are stopped and no worker process is left, so that no file is held any more. */
  async stop(site: string, ...pools: readonly string[]): Promise<void> {
    if ((await this.#siteOf(site)).state !== 'Stopped')
      await this.#unless(async () => isDown((await this.#siteOf(site)).state), 'stop', 'site', `/site.name:${site}`);
    for (const pool of pools) {
      if (!isDown(await this.#poolOf(pool)))
        await this.#unless(async () => isDown(await this.#poolOf(pool)), 'stop', 'apppool', `/apppool.name:${pool}`);
    }
    await this.#until(site, 'Stopped', async () => {
      const states = await Promise.all(pools.map((pool) => this.#poolOf(pool)));
      const workers = (await Promise.all(pools.map((pool) => this.workers(pool)))).flat();
      return [
        ...[...states, (await this.#siteOf(site)).state].filter((one) => one !== 'Stopped'),
        ...workers.map((pid) => `w3wp ${pid}`),
      ];
    });
  }

  async #until(site: string, wanted: string, missing: () => Promise<string[]>): Promise<void> {
    const end = Date.now() + patience.milliseconds;
    for (;;) {
      const left = await missing();
      if (left.length === 0) return;
      if (Date.now() > end) throw this.#stuck(site, wanted, left.join(', '));
      await sleep(patience.every);
    }
  }

  async #siteOf(name: string): Promise<IisSite> {
    const found = await this.site(name);
    if (!found) throw new NakatError('SITE_NOT_IN_IIS', { values: { site: name }, where: this.#machine.name });
    return found;
  }

  async #poolOf(name: string): Promise<string> {
    const state = await this.poolState(name);
    if (state === null) throw new NakatError('POOL_NOT_IN_IIS', { values: { pool: name }, where: this.#machine.name });
    return state;
  }

  #stuck(site: string, wanted: string, state: string): NakatError {
    return new NakatError('SITE_STUCK', { values: { site, wanted, state }, where: this.#machine.name });
  }

  /** appcmd ends with a code of its own for an empty list, so only the text counts here. */
  async #list(object: string, element: string): Promise<Attributes[]> {
    const { stdout, stderr, code } = await this.#machine.run([this.#appcmd, 'list', object, '/xml']);
    if (!stdout.includes('<appcmd')) throw this.#failed(`list ${object}`, code, stderr || stdout);
    const parsed: unknown = parser.parse(stdout);
    const root = (parsed as { appcmd?: Record<string, unknown> | '' }).appcmd;
    const found = typeof root === 'object' ? root[element] : undefined;
    return found === undefined ? [] : ((Array.isArray(found) ? found : [found]) as Attributes[]);
  }

  async #run(...command: string[]): Promise<void> {
    const { code, stdout, stderr } = await this.#machine.run([this.#appcmd, ...command]);
    if (code !== 0 || /^ERROR\b/m.test(stdout)) throw this.#failed(command.join(' '), code, stderr || stdout);
  }

  /** Refused because it has happened meanwhile: the last command of a worker that was killed may still arrive. */
  async #unless(happened: () => Promise<boolean>, ...command: string[]): Promise<void> {
    try {
      await this.#run(...command);
    } catch (error) {
      if (!(await happened())) throw error;
    }
  }

  #failed(command: string, code: number | null, vendor: string): NakatError {
    return new NakatError('WEB_SERVER_REFUSED', {
      values: { command, code: code ?? -1 },
      vendor,
      where: this.#machine.name,
    });
  }
}

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '',
  parseAttributeValue: false,
  processEntities: true,
});

const isUp = (state: string): boolean => state === 'Started' || state === 'Starting';
const isDown = (state: string): boolean => state === 'Stopped' || state === 'Stopping';

/** IIS compares names without case. */
const same = (a: string | undefined, b: string): boolean => a?.toLowerCase() === b.toLowerCase();
