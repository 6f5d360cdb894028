import { XMLParser } from 'fast-xml-parser';
import type { ParamsOf } from '../../runbook/steps/index.ts';
import type { Machine } from '../machines/machine.ts';
import { spellings } from './spellings.ts';
import { walkFiles } from './walk.ts';

type ConfigParams = Pick<ParamsOf<'proveHarmless'>, 'site' | 'database' | 'production' | 'forbidden'>;

const isConfig = (name: string): boolean => /\.config$|^appsettings.*\.json$/i.test(name);
const largest = 16 * 1024 * 1024;

/** Looks into every configuration file below the test site's folder. No file found is a finding: nothing would have been proved. */
export async function findConfigFindings(
  machine: Machine,
  params: ConfigParams,
): Promise<{ files: number; findings: string[] }> {
  const findings: string[] = [];
  let files = 0;
  let connections = 0;
  for await (const { path, name, stat } of walkFiles(machine, params.site.folder)) {
    if (!isConfig(name)) continue;
    files++;
    if (stat.size > largest) {
      findings.push(`${path}: too large to be searched`);
      continue;
    }
    const text = decode(await machine.readFile(path, largest));
    const lower = text.toLowerCase();
    for (const forbidden of params.forbidden) {
      if (spellings(forbidden).some((spelling) => lower.includes(spelling.toLowerCase())))
        findings.push(`“${forbidden}” in ${path}`);
    }
    if (name.toLowerCase() !== 'connectionstrings.config') continue;
    connections++;
    findings.push(...connectionFindings(text, params).map((finding) => `${path}: ${finding}`));
  }
  if (connections === 0) findings.push(`no ConnectionStrings.config below ${params.site.folder}`);
  return { files, findings };
}

const parser = new XMLParser({ ignoreAttributes: false, attributeNamePrefix: '', isArray: (name) => name === 'add' });

/** The named connections of a ConnectionStrings.config, each as its parts by lower-case key. What is no such file has none. */
export function readConnections(xml: string): Map<string, Map<string, string>> {
  let parsed: unknown;
  try {
    parsed = parser.parse(xml);
  } catch {
    return new Map();
  }
  const root = isRecord(parsed) && isRecord(parsed['connectionStrings']) ? parsed['connectionStrings'] : {};
  const connections = new Map<string, Map<string, string>>();
  for (const entry of Array.isArray(root['add']) ? root['add'] : []) {
    if (!isRecord(entry) || typeof entry['name'] !== 'string' || typeof entry['connectionString'] !== 'string')
      continue;
    const parts = entry['connectionString'].split(';').map((part) => part.split('=') as [string, ...string[]]);
    connections.set(
      entry['name'],
      new Map(parts.map(([key, ...value]) => [key.trim().toLowerCase().replaceAll(' ', ''), value.join('=').trim()])),
    );
  }
  return connections;
}

/** The connection strings name the test database and the test site's own Redis database, and never production's. */
export function connectionFindings(xml: string, { site, database, production }: ConfigParams): string[] {
  const findings: string[] = [];
  let named = 0;
  for (const [name, parts] of readConnections(xml)) {
    const base = parts.get('database') ?? parts.get('initialcatalog');
    if (base !== undefined) {
      if (base.toLowerCase() === database.name.toLowerCase()) named++;
      else if (base.toLowerCase() === production.database.name.toLowerCase())
        findings.push(`connection “${name}” names production’s database`);
    }
    if (name !== 'redis') continue;
    // StackExchange-style strings without `db` mean database 0.
    const redis = parts.get('db') ?? '0';
    if (redis !== String(site.redisDb)) findings.push(`Redis database is ${redis}, not ${site.redisDb}`);
  }
  if (named === 0) findings.push(`no connection names database ${database.name}`);
  return findings;
}

/** .NET reads its configuration by byte order mark; without one it is UTF-8. */
function decode(bytes: Buffer): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return bytes.toString('utf16le', 2);
  if (bytes[0] === 0xfe && bytes[1] === 0xff)
    return Buffer.from(bytes.subarray(2, bytes.length - (bytes.length % 2)))
      .swap16()
      .toString('utf16le');
  return bytes.toString('utf8');
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
