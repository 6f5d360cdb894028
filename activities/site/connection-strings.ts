/**
 * ConnectionStrings.config of a copied site: points `db` and `redis` at the copy's own, and keeps all else as it was.
 * Entry names and keys as clio (DatabaseConnectionStrings) and BPMSoft installers write them; which entry a given site uses
 * (`db`, `dbMsSQL`, `dbPostgreSql`) differs, so every one that is there is changed.
 */
import { XMLBuilder, XMLParser } from 'fast-xml-parser';
import type { DatabaseTarget } from '../../runbook/targets/index.ts';

interface Element {
  readonly connectionStrings?: Element[];
  readonly add?: unknown;
  readonly ':@'?: Record<string, string>;
}

const options = {
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  commentPropName: '#comment',
  trimValues: false,
} as const;
const databaseEntries = ['db', 'dbmssql', 'dbpostgresql'];

/** @throws Error with what is missing; the caller knows where the file lies. */
export function pointConnectionStrings(
  xml: string,
  database: DatabaseTarget,
  password: string | undefined,
  redisDb: number,
): string {
  const document = new XMLParser(options).parse(xml) as Element[];
  const entries =
    document
      .find((element) => element.connectionStrings)
      ?.connectionStrings?.filter((element) => element.add !== undefined) ?? [];
  let [databases, redis] = [0, 0];
  for (const { ':@': attributes } of entries) {
    const name = attributes?.['name']?.toLowerCase() ?? '';
    if (!attributes || attributes['connectionString'] === undefined) continue;
    if (databaseEntries.includes(name)) {
      attributes['connectionString'] = pointDatabase(attributes['connectionString'], database, password);
      databases++;
    } else if (name === 'redis') {
      attributes['connectionString'] = setKeys(attributes['connectionString'], [[['db'], String(redisDb)]]);
      redis++;
    }
  }
  if (databases === 0) throw new Error('no entry "db"');
  if (redis === 0) throw new Error('no entry "redis"');
  return new XMLBuilder({ ...options, suppressEmptyNode: true }).build(document);
}

function pointDatabase(text: string, target: DatabaseTarget, password: string | undefined): string {
  const address: [string[], string][] =
    target.engine === 'postgres'
      ? [
          [['server', 'host'], target.host],
          [['port'], String(target.port)],
          [['database'], target.name],
        ]
      : [
          [['data source', 'server'], `${target.host},${target.port}`],
          [['initial catalog', 'database'], target.name],
        ];
  const integrated = /integrated security\s*=\s*(sspi|true)/i.test(text);
  const login: [string[], string][] = integrated
    ? []
    : [
        [['user id', 'username', 'user', 'uid'], target.user],
        ...(password === undefined ? [] : [[['password', 'pwd'], password] as [string[], string]]),
      ];
  return setKeys(text, [...address, ...login]);
}

/** Sets each key under the name it has there; the first of its names when it is missing. */
function setKeys(text: string, values: readonly (readonly [string[], string])[]): string {
  const parts = text.split(';').filter((part) => part.trim() !== '');
  for (const [names, value] of values) {
    const quoted = /[;"']|^\s|\s$/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
    const at = parts.findIndex((part) => names.includes(part.split('=')[0]?.trim().toLowerCase() ?? ''));
    const name = at < 0 ? names[0] : parts[at]?.split('=')[0];
    if (at < 0) parts.push(`${name}=${quoted}`);
    else parts[at] = `${name}=${quoted}`;
  }
  return parts.join(';');
}
