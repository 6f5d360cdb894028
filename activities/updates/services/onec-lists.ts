/**
 * 1C’s lists of updates. `UpdInfo.txt`: lines `Version=`, `FromVersions=` (by `;`), `UpdateDate=`. `v8cscdsc.lst`: one value in
 * 1C’s own notation of braces, a record per update that holds `{ {name, vendor, version, id}, …, { {name, vendor, version from,
 * id} … }, "path" }`. Both are UTF-8 with a mark; neither has checksums.
 */
import type { Release } from '../../../runbook/watch/state.ts';
import { fromVersions, isVersion } from '../../../runbook/versions.ts';
import { NakatError } from '../../../runbook/errors/index.ts';
import { ask } from '../http.ts';
import { parseBraces, type Braces } from '../braces.ts';
import { plain, rulesOf, unreadable, versionOf } from '../text.ts';
import { answerLimit, type Adapter, type Of } from './service.ts';

export const updInfo: Adapter<Of<'upd-info'>> = {
  releases: async (service, _installed, { secret, signal }) => {
    const folder = new URL(service.url.endsWith('/') ? service.url : `${service.url}/`);
    const text = await ask(service, { url: new URL('UpdInfo.txt', folder) }, 1024 * 1024, secret, signal);
    const lines = new Map(
      text.split(/\r?\n/).flatMap((line): [string, string][] => {
        const at = line.indexOf('=');
        return at > 0 ? [[line.slice(0, at).trim().toLowerCase(), line.slice(at + 1).trim()]] : [];
      }),
    );
    const version = lines.get('version');
    if (version === undefined) throw unreadable(service.name, 'no line Version= in UpdInfo.txt');
    const read = versionOf(version, service.name);
    const file = service.file.replaceAll('{version}', read.replaceAll('.', '_'));
    return [
      {
        version: read,
        changes: lines.has('updatedate') ? plain(lines.get('updatedate'), 40) : '',
        file: new URL(file, folder).href,
        size: null,
        checksum: null,
        from: rulesOf(fromVersions(lines.get('fromversions') ?? ''), service.name),
      },
    ];
  },
};

export const catalogue: Adapter<Of<'catalogue'>> = {
  releases: async (service, _installed, { secret, signal }) => {
    const text = await ask(service, { url: new URL(service.url) }, answerLimit, secret, signal);
    const tree = parseBraces(text, service.name);
    const packages = [...packagesIn(tree)];
    if (packages.length === 0) throw unreadable(service.name, 'no update in the list');
    const ours = packages.filter(
      ({ name, vendor }) =>
        name === service.configuration && (service.vendor === undefined || vendor === service.vendor),
    );
    if (ours.length === 0)
      throw new NakatError('SERVICE_OTHER_PRODUCT', {
        values: {
          service: service.name,
          offered: plain([...new Set(packages.map((one) => one.name))].join(', '), 100),
          wanted: service.configuration,
        },
      });
    const base = service.files.endsWith('/') ? service.files : `${service.files}/`;
    return ours.map((one): Release => {
      const path = one.path.replaceAll('\\', '/').replace(/^\/+/, '');
      if (!URL.canParse(path, base)) throw unreadable(service.name, `"${plain(path, 100)}" is no path`);
      return {
        version: versionOf(one.version, service.name),
        changes: '',
        file: new URL(path, base).href,
        size: null,
        checksum: null,
        from: rulesOf(one.from, service.name),
      };
    });
  },
};

interface Package {
  readonly name: string;
  readonly vendor: string;
  readonly version: string;
  readonly from: readonly string[];
  readonly path: string;
}

/** Found by their shape, wherever they stand: how records are nested around them is not published. */
function* packagesIn(tree: Braces): Generator<Package> {
  const waiting: Braces[] = [tree];
  for (let list = waiting.pop(); list !== undefined; list = waiting.pop()) {
    if (typeof list === 'string') continue;
    const [target] = list;
    const path = list.at(-1);
    if (isConfiguration(target) && typeof path === 'string' && /[\\/][^\\/]+\.(cfu|cf|zip)$/i.test(path)) {
      const from = list.slice(1, -1).flatMap((one) => (typeof one === 'string' ? [] : one.filter(isConfiguration)));
      yield {
        name: target[0] as string,
        vendor: target[1] as string,
        version: first(target[2] as string),
        from: from.map((one) => first(one[2] as string)),
        path,
      };
    } else waiting.push(...list);
  }
}

const first = (version: string): string => (version.split('/')[0] ?? '').trim();
const isConfiguration = (value: Braces | undefined): value is readonly string[] =>
  Array.isArray(value) &&
  value.length >= 3 &&
  value.slice(0, 3).every((one) => typeof one === 'string') &&
  isVersion(first(value[2] as string));
