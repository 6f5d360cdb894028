/**
 * The product's YAML files: one value per key, keys with dots (`db.workDir`), written flat or nested. Old names of keys as the
 * vendor's pages give them ("Устаревшая директива" in the sample of the instance's file, and the page on updates from before 4.7.3084).
 */
import { isMap, isScalar, parseDocument, type Document, type YAMLMap } from 'yaml';

export type Value = string | number | boolean | null;
export type Values = ReadonlyMap<string, Value>;

/** Files whose values are read: YAML, and JSON, which is YAML too. */
export const hasValues = (file: string): boolean => /\.(ya?ml|json)$/i.test(file);

/** By the new name. */
const olderNames: Readonly<Record<string, string>> = {
  clusterName: 'instanceName',
  'journal.server': 'elasticsearchUri',
  'db.workDir': 'databasePath',
  'db.name': 'databaseName',
  'userStorage.localDisk.path': 'streamsPath',
  'tempStorage.localDisk.path': 'tempPath',
  'backup.config.default.repository.localDisk.path': 'backupPath',
};

/** Keys with dots, whatever the nesting; lists count as one text. JSON is YAML too. @throws Error that says what is wrong. */
export function readValues(text: string): Values {
  const values = new Map<string, Value>();
  forEachValue(parse(text), (key, node) => {
    const value: unknown = isScalar(node) ? node.value : JSON.stringify(node);
    values.set(key, value as Value);
  });
  return values;
}

/** By its name, or the one it had in older releases. */
export const valueOf = (values: Values, key: string): Value | undefined =>
  values.has(key) ? values.get(key) : values.get(olderNames[key] ?? key);

export interface Merged {
  readonly text: string;
  /** Keys of the old file that the new one has under another name. */
  readonly renamed: readonly { readonly from: string; readonly to: string }[];
  /** Keys of the old file of which the new one knows nothing: kept at its end. */
  readonly unknown: readonly string[];
  /** Keys that only the new file has: they keep its values. */
  readonly added: readonly string[];
}

/** The new release's file with the old one's values. What it has as a comment only (`#journal.password:`) is known to it. */
export function mergeValues(template: string, old: Values): Merged {
  const document = parse(template);
  const [renamed, added]: [{ from: string; to: string }[], string[]] = [[], []];
  const used = new Set<string>();
  forEachValue(document, (key, node) => {
    const from = old.has(key) ? key : olderNames[key];
    if (from === undefined || !old.has(from)) return void added.push(key);
    used.add(from);
    if (from !== key) renamed.push({ from, to: key });
    if (isScalar(node)) node.value = old.get(from) ?? null;
  });
  const unknown: string[] = [];
  for (const [from, value] of old) {
    if (used.has(from)) continue;
    const to = Object.keys(olderNames).find((newer) => olderNames[newer] === from && mentions(template, newer)) ?? from;
    if (to !== from) renamed.push({ from, to });
    else if (!mentions(template, from)) unknown.push(from);
    if (document.has(to)) continue;
    document.set(to, value);
  }
  return { text: document.toString({ lineWidth: 0 }), renamed, unknown, added };
}

const mentions = (template: string, key: string): boolean =>
  new RegExp(`^\\s*#\\s*${key.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}\\s*:`, 'm').test(template);

/** Changes values where they stand, and adds those that are missing. */
export function setValues(
  text: string,
  change: (key: string, value: Value) => Value,
  set: Readonly<Record<string, Value>>,
): string {
  const document = parse(text);
  const left = new Map(Object.entries(set));
  forEachValue(document, (key, node) => {
    if (!isScalar(node)) return;
    const value = node.value as Value;
    node.value = left.has(key) ? (left.get(key) ?? null) : change(key, value);
    left.delete(key);
  });
  for (const [key, value] of left) document.set(key, value);
  return document.toString({ lineWidth: 0 });
}

function parse(text: string): Document {
  const document = parseDocument(text.replace(/^\uFEFF/, ''), { uniqueKeys: true });
  const error = document.errors[0];
  if (error) throw new Error(error.message.split('\n')[0] ?? error.code);
  if (document.contents === null) document.contents = document.createNode({}) as unknown as typeof document.contents;
  if (!isMap(document.contents)) throw new Error('no keys with values');
  return document;
}

function forEachValue(document: Document, visit: (key: string, node: unknown) => void): void {
  const walk = (map: YAMLMap, prefix: string): void => {
    for (const { key, value } of map.items) {
      const name = prefix + String(isScalar(key) ? key.value : key);
      if (isMap(value)) walk(value, `${name}.`);
      else visit(name, value);
    }
  };
  walk(document.contents as YAMLMap, '');
}
