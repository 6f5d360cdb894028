/**
 * `appcmd.exe`: verbs, objects and parameters by a strict table; what is not in it is refused as appcmd refuses it.
 * Source: Microsoft Learn, "Getting Started with AppCmd.exe"; the calls and the XML that clio (CreateIISSite.cs, its IIS scanner) uses.
 */
import type { Program, ProgramIo } from '../host.ts';
import { sameName, type App, type Iis, type Site } from '../iis.ts';

class Refused extends Error {
  readonly code: number;

  constructor(message: string, code: number) {
    super(message);
    this.code = code;
  }
}

/** One object as appcmd prints it: attributes in order; the first names it. */
interface Row {
  readonly element: string;
  readonly attributes: Readonly<Record<string, string>>;
}

type Verb = (iis: Iis, id: string | undefined, given: Map<string, string>) => Promise<string | Row[]>;

const known: Readonly<Record<string, readonly string[]>> = {
  'list site': ['name', 'site.name', 'text', 'xml'],
  'list apppool': ['name', 'apppool.name', 'text', 'xml', 'state'],
  'list app': ['site.name', 'app.name', 'apppool.name', 'text', 'xml'],
  'list vdir': ['app.name', 'vdir.name', 'text', 'xml'],
  'list wp': ['apppool.name', 'text', 'xml'],
  'start site': ['site.name'],
  'stop site': ['site.name'],
  'start apppool': ['apppool.name'],
  'stop apppool': ['apppool.name'],
  'add site': ['name', 'bindings', 'physicalpath', 'applicationdefaults.applicationpool', 'serverautostart', 'id'],
  'add apppool': ['name', 'managedruntimeversion', 'managedpipelinemode', 'autostart'],
  'add app': ['site.name', 'path', 'physicalpath', 'applicationpool'],
  'set site': ['site.name', 'bindings'],
  'set vdir': ['vdir.name', 'physicalpath'],
  'set app': ['app.name', 'applicationpool'],
  'delete site': ['site.name'],
  'delete apppool': ['apppool.name'],
  'delete app': ['app.name'],
};

export const appcmdProgram =
  (iis: Iis): Program =>
  async (argv, io) => {
    try {
      const [verbWord = '', objectWord = '', ...rest] = argv;
      const name = `${verbWord.toLowerCase()} ${objectWord.toLowerCase()}`;
      const parameters = known[name];
      const verb = verbs[name];
      if (!parameters || !verb)
        throw new Refused(`Unknown command or object "${name}". Run 'appcmd.exe /?' to display help.`, 87);
      const given = new Map<string, string>();
      let id: string | undefined;
      for (const word of rest) {
        const parameter = /^[/-]([^:]+)(?::([\s\S]*))?$/.exec(word);
        if (!parameter) {
          if (id !== undefined) throw new Refused(`Command-line argument "${word}" is not expected.`, 87);
          id = word;
          continue;
        }
        const key = parameter[1]!.toLowerCase();
        if (!parameters.includes(key))
          throw new Refused(`Unknown attribute "${parameter[1]}".  Replace with -? for help.`, 87);
        given.set(key, parameter[2] ?? '');
      }
      const result = await verb(iis, id, given);
      if (typeof result === 'string') io.out(`${result}\r\n`);
      else return print(result, given, io);
      return 0;
    } catch (error) {
      io.out(`ERROR ( message:${error instanceof Error ? error.message : String(error)} )\r\n`);
      return error instanceof Refused ? error.code : 183;
    }
  };

function print(rows: Row[], given: Map<string, string>, io: ProgramIo): number {
  if (given.has('xml')) {
    io.out('<?xml version="1.0" encoding="UTF-8"?>\r\n<appcmd>\r\n');
    for (const { element, attributes } of rows) {
      io.out(
        `    <${element} ${Object.entries(attributes)
          .map(([name, value]) => `${name}="${escapeXml(value)}"`)
          .join(' ')} />\r\n`,
      );
    }
    io.out('</appcmd>\r\n');
  } else if (given.has('text')) {
    const wanted = given.get('text')!.toLowerCase();
    for (const { attributes } of rows) {
      io.out(
        `${Object.entries(attributes).find(([name]) => name.toLowerCase() === wanted || name.toLowerCase().endsWith(`.${wanted}`))?.[1] ?? ''}\r\n`,
      );
    }
  } else {
    for (const { element, attributes } of rows) {
      const [first, ...others] = Object.entries(attributes);
      io.out(
        `${element} "${first![1]}" (${others.map(([name, value]) => `${name.replace(/^.*\./, '').toLowerCase()}:${value}`).join(',')})\r\n`,
      );
    }
  }
  // An empty list of what was asked for by name is an error.
  return rows.length > 0 || ![...given.keys()].some((key) => key.endsWith('name')) ? 0 : 1;
}

const escapeXml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

const cannotFind = (object: string, id: string): never => {
  throw new Refused(`Cannot find ${object} object with identifier "${id}".`, 1168);
};
const siteOf = (iis: Iis, name: string | undefined): Site => iis.site(name ?? '') ?? cannotFind('SITE', name ?? '');
const poolOf = (iis: Iis, name: string | undefined) => iis.pool(name ?? '') ?? cannotFind('APPPOOL', name ?? '');
const appOf = (iis: Iis, name: string | undefined): { site: Site; app: App } => {
  for (const site of iis.sites)
    for (const app of site.apps) if (sameName(site.name + app.path, name ?? '')) return { site, app };
  return cannotFind('APP', name ?? '');
};
const need = (given: Map<string, string>, key: string): string =>
  given.get(key) ||
  (() => {
    throw new Refused(`Must specify the ${key} attribute.`, 87);
  })();
const bindingsOf = (text: string): string[] => {
  const bindings = text === '' ? [] : text.split(',');
  for (const one of bindings)
    if (!/^\w+\/[^:]+:\d+:[^:]*$/.test(one)) throw new Refused(`Invalid binding "${one}".`, 87);
  return bindings;
};
const filter = (given: Map<string, string>, key: string, id: string | undefined, value: string): boolean => {
  const wanted = given.get(key) ?? id;
  return wanted === undefined || sameName(wanted, value);
};

const verbs: Readonly<Record<string, Verb>> = {
  'list site': async (iis, id, given) =>
    iis.sites
      .filter((site) => filter(given, 'site.name', id ?? given.get('name'), site.name))
      .map((site) => ({
        element: 'SITE',
        attributes: {
          'SITE.NAME': site.name,
          'SITE.ID': String(site.id),
          bindings: site.bindings.join(','),
          state: site.state,
        },
      })),
  'list apppool': async (iis, id, given) =>
    iis.pools
      .filter((pool) => filter(given, 'apppool.name', id ?? given.get('name'), pool.name))
      .map((pool) => ({
        element: 'APPPOOL',
        attributes: {
          'APPPOOL.NAME': pool.name,
          PipelineMode: pool.pipeline,
          RuntimeVersion: pool.runtime,
          state: pool.state,
        },
      })),
  'list app': async (iis, id, given) =>
    iis.sites.flatMap((site) =>
      site.apps
        .filter(
          (app) =>
            filter(given, 'app.name', id, site.name + app.path) &&
            filter(given, 'site.name', undefined, site.name) &&
            filter(given, 'apppool.name', undefined, app.pool),
        )
        .map((app) => ({
          element: 'APP',
          attributes: {
            'APP.NAME': site.name + app.path,
            'APPPOOL.NAME': app.pool,
            'SITE.NAME': site.name,
            path: app.path,
          },
        })),
    ),
  'list vdir': async (iis, id, given) =>
    iis.sites.flatMap((site) =>
      site.apps
        .filter(
          (app) =>
            filter(given, 'vdir.name', id, vdirName(site, app)) &&
            filter(given, 'app.name', undefined, site.name + app.path),
        )
        .map((app) => ({
          element: 'VDIR',
          attributes: {
            'VDIR.NAME': vdirName(site, app),
            physicalPath: app.physicalPath,
            path: '/',
            'APP.NAME': site.name + app.path,
          },
        })),
    ),
  'list wp': async (iis, _id, given) =>
    iis
      .workers()
      .filter((worker) => filter(given, 'apppool.name', undefined, worker.pool))
      .map((worker) => ({
        element: 'WP',
        attributes: { 'WP.NAME': String(worker.pid), 'APPPOOL.NAME': worker.pool },
      })),
  'start site': async (iis, id, given) => {
    const site = siteOf(iis, given.get('site.name') ?? id);
    await iis.startSite(site);
    return `"${site.name}" successfully started.`;
  },
  'stop site': async (iis, id, given) => {
    const site = siteOf(iis, given.get('site.name') ?? id);
    if (site.state === 'Stopped') return `"${site.name}" is already stopped.`;
    await iis.stopSite(site);
    return `"${site.name}" successfully stopped`;
  },
  'start apppool': async (iis, id, given) => {
    const pool = poolOf(iis, given.get('apppool.name') ?? id);
    if (pool.state !== 'Stopped')
      throw new Refused(`The operation was not valid: application pool "${pool.name}" is not stopped.`, 1056);
    await iis.startPool(pool);
    return `"${pool.name}" successfully started!`;
  },
  'stop apppool': async (iis, id, given) => {
    const pool = poolOf(iis, given.get('apppool.name') ?? id);
    if (pool.state !== 'Started')
      throw new Refused(`The service has not been started. (Exception from HRESULT: 0x80070426)`, 1062);
    iis.stopPool(pool);
    return `"${pool.name}" successfully stopped`;
  },
  'add apppool': async (iis, _id, given) => {
    const name = need(given, 'name');
    if (iis.pool(name)) throw new Refused(`Failed to add duplicate collection element "${name}".`, 183);
    iis.pools.push({
      name,
      runtime: given.get('managedruntimeversion') ?? 'v4.0',
      pipeline: given.get('managedpipelinemode') ?? 'Integrated',
      state: given.get('autostart') === 'false' ? 'Stopped' : 'Started',
    });
    iis.save();
    return `APPPOOL object "${name}" added`;
  },
  'add site': async (iis, _id, given) => {
    const name = need(given, 'name');
    if (iis.site(name)) throw new Refused(`Failed to add duplicate collection element "${name}".`, 183);
    const id = Math.max(0, ...iis.sites.map((site) => site.id)) + 1;
    const pool = given.get('applicationdefaults.applicationpool') ?? 'DefaultAppPool';
    const site: Site = {
      name,
      id,
      bindings: bindingsOf(given.get('bindings') ?? ''),
      state: 'Stopped',
      apps: [{ path: '/', pool, physicalPath: need(given, 'physicalpath') }],
    };
    iis.sites.push(site);
    iis.save();
    if (given.get('serverautostart') !== 'false') await iis.startSite(site).catch(() => {});
    return `SITE object "${name}" added\r\nAPP object "${name}/" added\r\nVDIR object "${name}/" added`;
  },
  'add app': async (iis, _id, given) => {
    const site = siteOf(iis, need(given, 'site.name'));
    const path = need(given, 'path');
    if (!path.startsWith('/')) throw new Refused('The application path must begin with "/".', 87);
    if (site.apps.some((app) => sameName(app.path, path)))
      throw new Refused(`Failed to add duplicate collection element "${path}".`, 183);
    site.apps.push({
      path,
      pool: given.get('applicationpool') ?? site.apps[0]!.pool,
      physicalPath: need(given, 'physicalpath'),
    });
    iis.save();
    return `APP object "${site.name}${path}" added\r\nVDIR object "${site.name}${path}/" added`;
  },
  'set site': async (iis, id, given) => {
    const site = siteOf(iis, given.get('site.name') ?? id);
    if (given.has('bindings')) await iis.rebind(site, bindingsOf(given.get('bindings')!));
    return `SITE object "${site.name}" changed`;
  },
  'set vdir': async (iis, id, given) => {
    const name = given.get('vdir.name') ?? id ?? '';
    for (const site of iis.sites) {
      const app = site.apps.find((one) => sameName(vdirName(site, one), name));
      if (!app) continue;
      app.physicalPath = need(given, 'physicalpath');
      await iis.rebind(site, site.bindings);
      return `VDIR object "${name}" changed`;
    }
    return cannotFind('VDIR', name);
  },
  'set app': async (iis, id, given) => {
    const { site, app } = appOf(iis, given.get('app.name') ?? id);
    app.pool = need(given, 'applicationpool');
    await iis.rebind(site, site.bindings);
    return `APP object "${site.name}${app.path}" changed`;
  },
  'delete site': async (iis, id, given) => {
    const site = siteOf(iis, given.get('site.name') ?? id);
    await iis.stopSite(site);
    iis.sites = iis.sites.filter((one) => one !== site);
    iis.save();
    return `SITE object "${site.name}" deleted`;
  },
  'delete apppool': async (iis, id, given) => {
    const pool = poolOf(iis, given.get('apppool.name') ?? id);
    if (iis.workers().some((worker) => sameName(worker.pool, pool.name)))
      throw new Refused('The application pool is in use.', 1);
    iis.pools = iis.pools.filter((one) => one !== pool);
    iis.save();
    return `APPPOOL object "${pool.name}" deleted`;
  },
  'delete app': async (iis, id, given) => {
    const { site, app } = appOf(iis, given.get('app.name') ?? id);
    site.apps = site.apps.filter((one) => one !== app);
    iis.save();
    return `APP object "${site.name}${app.path}" deleted`;
  },
};

const vdirName = (site: Site, app: App): string => (app.path === '/' ? `${site.name}/` : `${site.name}${app.path}/`);
