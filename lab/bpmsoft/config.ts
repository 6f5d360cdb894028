/**
 * Reads what decides which data a site works on: ConnectionStrings.config in its folder (names and keys as clio writes
 * them and as the connection string formats of PostgreSQL and SQL Server have them), and the site's bindings.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { XMLParser } from 'fast-xml-parser';
import type { PoolConfig } from 'pg';
import { z } from 'zod';

/** Where the databases behind the SQL Server stand-in really are: `Initial Catalog=X` is the PostgreSQL database `<prefix>X`. */
export interface SqlServerBehind {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password?: string;
  readonly prefix: string;
}

export interface SiteConfig {
  readonly database: PoolConfig & { database: string };
  /** Sites with the same key share their sessions. */
  readonly redis: string;
}

const attributes = z.object({ '@name': z.string(), '@connectionString': z.string() });
const file = z.object({ connectionStrings: z.object({ add: z.union([attributes, z.array(attributes)]) }) });

export async function readSiteConfig(folder: string, behind?: SqlServerBehind): Promise<SiteConfig> {
  const name = (await readdir(folder)).find((entry) => entry.toLowerCase() === 'connectionstrings.config');
  if (!name) throw new Error(`no ConnectionStrings.config in ${folder}`);
  const parsed = file.parse(
    new XMLParser({ ignoreAttributes: false, attributeNamePrefix: '@' }).parse(
      await readFile(join(folder, name), 'utf8'),
    ),
  );
  const strings = new Map(
    [parsed.connectionStrings.add].flat().map((entry) => [entry['@name'], keys(entry['@connectionString'])]),
  );
  const [db, redis] = [strings.get('db'), strings.get('redis')];
  if (!db || !redis) throw new Error(`${name} needs the entries db and redis`);
  const catalog = db.get('initial catalog');
  if (catalog !== undefined) {
    if (!behind) throw new Error('this practice ground has no SQL Server');
    const { prefix, ...server } = behind;
    return { database: { ...server, database: prefix + catalog }, redis: redisKey(redis) };
  }
  const get = (...names: string[]): string | undefined =>
    names.map((key) => db.get(key)).find((value) => value !== undefined);
  const database = get('database');
  if (!database) throw new Error(`${name}: the entry db names no database`);
  return {
    database: {
      host: get('server', 'host') ?? '127.0.0.1',
      port: Number(get('port') ?? 5432),
      database,
      user: get('user id', 'username', 'user'),
      password: get('password'),
    },
    redis: redisKey(redis),
  };
}

const redisKey = (redis: Map<string, string>): string =>
  `${redis.get('host') ?? 'localhost'}:${redis.get('port') ?? '6379'}/${redis.get('db') ?? '0'}`;

function keys(connectionString: string): Map<string, string> {
  const pairs = connectionString.split(';').filter((part) => part.includes('='));
  return new Map(
    pairs.map((part) => [
      part.slice(0, part.indexOf('=')).trim().toLowerCase(),
      part.slice(part.indexOf('=') + 1).trim(),
    ]),
  );
}

/** `http/*:8080:crm.example.com` → port 8080, host `crm.example.com` (empty: any). */
export function readBinding(binding: string): { port: number; host: string } {
  const [, port, host] = /^http\/[^:]*:(\d+):(.*)$/.exec(binding) ?? [];
  if (port === undefined) throw new Error(`binding ${binding} is not understood`);
  return { port: Number(port), host: (host ?? '').toLowerCase() };
}
