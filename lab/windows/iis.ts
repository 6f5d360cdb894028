/**
 * The web server behind appcmd: sites, pools and applications, kept in a file beside the disk; worker processes while a site is
 * served. A pool stops asynchronously: its state is `Stopping` and its worker is listed until the site let go of its files
 * (Microsoft Learn, "applicationPools" and "appcmd.exe"; states as clio reads them).
 */
import { existsSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Disk } from './disk.ts';
import type { RunningSite, SiteRunner } from './host.ts';
import type { Process, Processes } from './processes.ts';

export interface Pool {
  readonly name: string;
  runtime: string;
  pipeline: string;
  state: 'Started' | 'Stopping' | 'Stopped';
}

export interface App {
  /** `/` or `/0`. */
  readonly path: string;
  pool: string;
  physicalPath: string;
}

export interface Site {
  readonly name: string;
  readonly id: number;
  bindings: string[];
  state: 'Started' | 'Stopped';
  apps: App[];
}

/** A site's applications of one pool in one worker. */
interface Served {
  readonly site: Site;
  readonly process: Process;
  readonly pool: string;
  stop(): Promise<void>;
}

export const sameName = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

export class Iis {
  pools: Pool[] = [];
  sites: Site[] = [];
  private served: Served[] = [];
  private readonly file: string;
  private readonly disk: Disk;
  private readonly processes: Processes;
  private readonly runSite: SiteRunner;

  constructor(file: string, disk: Disk, processes: Processes, runSite: SiteRunner) {
    this.file = file;
    this.disk = disk;
    this.processes = processes;
    this.runSite = runSite;
    if (!existsSync(file)) return;
    const saved = JSON.parse(readFileSync(file, 'utf8')) as { pools: Pool[]; sites: Site[] };
    this.pools = saved.pools.map((pool) => ({ ...pool, state: pool.state === 'Started' ? 'Started' : 'Stopped' }));
    this.sites = saved.sites;
  }

  save(): void {
    writeFileSync(`${this.file}.new`, JSON.stringify({ pools: this.pools, sites: this.sites }, null, 2));
    renameSync(`${this.file}.new`, this.file);
  }

  site(name: string): Site | undefined {
    return this.sites.find((site) => sameName(site.name, name));
  }

  pool(name: string): Pool | undefined {
    return this.pools.find((pool) => sameName(pool.name, name));
  }

  /** Process numbers with their pools. */
  workers(): { pid: number; pool: string }[] {
    return this.served.map(({ process, pool }) => ({ pid: process.pid, pool }));
  }

  /** After the machine was switched on. */
  async startAll(): Promise<void> {
    for (const site of this.sites) await this.serve(site);
  }

  async stopAll(): Promise<void> {
    for (const site of this.sites) await this.unserve(site);
  }

  async startSite(site: Site): Promise<void> {
    site.state = 'Started';
    try {
      await this.serve(site);
    } catch (error) {
      site.state = 'Stopped';
      throw error;
    } finally {
      this.save();
    }
  }

  async stopSite(site: Site): Promise<void> {
    site.state = 'Stopped';
    this.save();
    await this.unserve(site);
  }

  async startPool(pool: Pool): Promise<void> {
    pool.state = 'Started';
    this.save();
    for (const site of this.sites) if (uses(site, pool)) await this.serve(site);
  }

  /** Returns at once; the workers go when they are done. */
  stopPool(pool: Pool): void {
    pool.state = 'Stopping';
    this.save();
    void Promise.all(this.sites.map((site) => this.unserve(site, pool))).then(() => {
      pool.state = 'Stopped';
      this.save();
    });
  }

  async rebind(site: Site, bindings: string[]): Promise<void> {
    const before = site.bindings;
    site.bindings = bindings;
    try {
      if (site.state === 'Started') {
        await this.unserve(site);
        await this.serve(site);
      }
    } catch (error) {
      site.bindings = before;
      await this.serve(site).catch(() => {});
      throw error;
    } finally {
      this.save();
    }
  }

  private poolOf(site: Site): Pool | undefined {
    const root = site.apps.find((app) => app.path === '/');
    return root && this.pool(root.pool);
  }

  private async serve(site: Site): Promise<void> {
    if (site.state !== 'Started') return;
    await this.serveRoot(site);
    const others = site.apps.map((app) => this.pool(app.pool)).filter((pool) => pool !== this.poolOf(site));
    for (const pool of new Set(others)) if (pool) this.serveOther(site, pool);
  }

  private isServed(site: Site, pool: string): boolean {
    return this.served.some((one) => one.site === site && sameName(one.pool, pool));
  }

  /** What runs in child applications of a pool of its own is not played: a worker that holds their files is. */
  private serveOther(site: Site, pool: Pool): void {
    if (pool.state !== 'Started' || this.isServed(site, pool.name)) return;
    const apps = site.apps.filter((app) => sameName(app.pool, pool.name));
    const releases = apps.flatMap((app) => this.holdFiles(this.disk.real(app.physicalPath)));
    const process = this.processes.start('w3wp.exe', null);
    const stop = async (): Promise<void> => {
      for (const release of releases) release();
      process.end();
    };
    this.served.push({ site, process, pool: pool.name, stop });
  }

  private async serveRoot(site: Site): Promise<void> {
    const pool = this.poolOf(site);
    if (pool?.state !== 'Started' || this.isServed(site, pool.name)) return;
    const clash = this.sites.find(
      (other) =>
        other !== site && other.state === 'Started' && other.bindings.some((one) => site.bindings.includes(one)),
    );
    if (clash)
      throw new Error('Cannot create a file when that file already exists. (Exception from HRESULT: 0x800700B7)');
    const folders = Object.fromEntries(site.apps.map((app) => [app.path, this.disk.real(app.physicalPath)]));
    const isServing = (path: string): boolean =>
      site.apps.some((app) => app.path === path && this.isServed(site, app.pool));
    const process = this.processes.start('w3wp.exe', null);
    const own = site.apps.filter((app) => sameName(app.pool, pool.name));
    const running: RunningSite = {
      name: site.name,
      pool: pool.name,
      bindings: site.bindings,
      folders,
      isServing,
      hold: (path) => void releases.push(this.disk.hold(this.disk.real(path))),
    };
    const releases = own.flatMap((app) => this.holdFiles(folders[app.path]!));
    try {
      const runner = await this.runSite(running);
      this.served.push({
        site,
        process,
        pool: pool.name,
        stop: async () => {
          try {
            await runner.stop();
          } finally {
            for (const release of releases) release();
            process.end();
          }
        },
      });
    } catch (error) {
      for (const release of releases) release();
      process.end();
      throw error;
    }
  }

  /** Without a pool: in all of them. */
  private async unserve(site: Site, pool?: Pool): Promise<void> {
    for (const one of this.served.filter((served) => served.site === site)) {
      if (pool && !sameName(one.pool, pool.name)) continue;
      await one.stop();
      this.served = this.served.filter((other) => other !== one);
    }
  }

  /** The worker keeps the files of `bin` and those at the root of each application open; so their folders cannot be renamed. */
  private holdFiles(folder: string): (() => void)[] {
    const files = (path: string): string[] =>
      existsSync(path)
        ? readdirSync(path)
            .map((name) => join(path, name))
            .filter((file) => statSync(file).isFile())
        : [];
    return [...files(folder), ...files(join(folder, 'bin')), folder].map((file) => this.disk.hold(file));
  }
}

const uses = (site: Site, pool: Pool): boolean => site.apps.some((app) => sameName(app.pool, pool.name));
