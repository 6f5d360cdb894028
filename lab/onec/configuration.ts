/**
 * Configurations of the practice ground: what one holds, its files, and how an update merges.
 *
 * A .cf, .cfu or .cfe here begins with the signature of 1C's containers (`FF FF FF 7F`, public readers of the format), a raw
 * deflate stream of JSON follows, and a SHA-256 of the stream ends it. What is inside is this lab's own.
 * Follows measured runs of 8.3.27 (IngvarConsulting/v8-runner-rust, notes on /UpdateCfg, /CompareCfg): only a configuration on
 * support takes an update, and only a vendor's file; without rules a changed one is refused; where the rules of support do
 * not allow editing, a customer's change is lost without a word.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { compareVersions } from '../../runbook/versions.ts';
import { OnecRefusal } from './cluster.ts';

/** Metadata objects by full name, `Справочник.Контакты`, and their content. */
export type Objects = Readonly<Record<string, string>>;

export interface Handler {
  readonly version: string;
  readonly name: string;
  readonly deferred: boolean;
}

export interface Release {
  readonly name: string;
  readonly vendor: string;
  readonly version: string;
  readonly objects: Objects;
  readonly handlers: readonly Handler[];
  /** Names of its scheduled jobs. */
  readonly jobs: readonly string[];
  /** Of the initial data that it brings along. */
  readonly initialData: string;
}

export interface Configuration extends Release {
  /** The vendor's own, as it was when it was loaded; null: taken off support. */
  readonly support: { readonly objects: Objects; readonly editable: boolean } | null;
}

export interface ExtensionContent {
  readonly name: string;
  readonly version: string;
  /** Objects that it changes: each must be in the configuration. */
  readonly borrows: readonly string[];
  readonly text: string;
}

export type ConfigurationFile =
  | { readonly kind: 'cf'; readonly release: Release; readonly delivery: boolean }
  | { readonly kind: 'cfu'; readonly release: Release; readonly from: readonly string[] }
  | { readonly kind: 'cfe'; readonly extension: ExtensionContent };

const magic = Buffer.from([0xff, 0xff, 0xff, 0x7f]);

export function writeConfigurationFile(path: string, content: ConfigurationFile): void {
  const body = deflateRawSync(Buffer.from(JSON.stringify(content)));
  writeFileSync(path, Buffer.concat([magic, body, createHash('sha256').update(body).digest()]));
}

/** Null: not a container, or a damaged one. */
export function readConfigurationFile(path: string): ConfigurationFile | null {
  if (!existsSync(path)) throw new OnecRefusal(`Файл не обнаружен '${path}'. 2(0x00000002)`);
  const whole = readFileSync(path);
  const body = whole.subarray(magic.length, -32);
  if (
    !whole.subarray(0, magic.length).equals(magic) ||
    !createHash('sha256').update(body).digest().equals(whole.subarray(-32))
  )
    return null;
  return JSON.parse(inflateRawSync(body).toString('utf8')) as ConfigurationFile;
}

const noUpdates = 'Файл не содержит доступных обновлений';
const impossible = 'Невозможно выполнение обновления конфигурации в командном режиме';

/** What /UpdateCfg makes of it. `rules`: the text of -Settings, read only where there is a conflict. */
export function updated(
  main: Configuration,
  file: ConfigurationFile | null,
  rules: (() => string) | null,
): Configuration {
  if (main.support === null || file === null || file.kind === 'cfe' || (file.kind === 'cf' && !file.delivery))
    throw new OnecRefusal(noUpdates);
  const { release } = file;
  const fits =
    file.kind === 'cfu' ? file.from.includes(main.version) : compareVersions(release.version, main.version) > 0;
  if (release.name !== main.name || release.vendor !== main.vendor || !fits) throw new OnecRefusal(noUpdates);
  const next: Configuration = { ...release, support: { objects: release.objects, editable: main.support.editable } };
  const own = differencesOf(main.objects, main.support.objects);
  if (own.length === 0 || !main.support.editable) return next;
  if (rules === null) throw new OnecRefusal(impossible);
  const rule = /<MergeRule>(\w+)<\/MergeRule>/.exec(rules())?.[1];
  if (rule === undefined) throw new OnecRefusal(`Ошибка разбора XML: Document is empty\n${impossible}`);
  if (rule === 'DoNotMerge') return main;
  if (rule === 'GetFromSecondConfiguration') return next;
  const kept = Object.fromEntries(
    own.flatMap(({ object, kind }) => (kind === '<--' ? [] : [[object, main.objects[object]!]])),
  );
  return { ...next, objects: { ...release.objects, ...kept } };
}

/** `***` changed, `-->` only in the first, `<--` only in the second. */
export function differencesOf(first: Objects, second: Objects): { object: string; kind: '***' | '-->' | '<--' }[] {
  const names = [...new Set([...Object.keys(first), ...Object.keys(second)])].sort();
  return names.flatMap((object) => {
    if (first[object] === second[object]) return [];
    return [{ object, kind: first[object] === undefined ? '<--' : second[object] === undefined ? '-->' : '***' }];
  });
}

/**
 * The text of a report as the Designer writes it: a legend, then a tree with a tab per level. Without the -Include options the
 * real one gives the legend alone, whatever differs.
 */
export function comparisonReport(
  name: string,
  first: Objects,
  second: Objects,
  words: readonly [string, string],
  include: ReadonlySet<string>,
): string {
  const legend = [
    '***- Объект изменен',
    `-->- Объект присутствует только в ${words[0]}`,
    `<--- Объект присутствует только в ${words[1]}`,
    '^- Порядок объекта изменен',
    '',
    '',
  ];
  const wanted = { '***': '-IncludeChangedObjects', '-->': '-IncludeAddedObjects', '<--': '-IncludeDeletedObjects' };
  const shown = differencesOf(first, second).filter(({ kind }) => include.has(wanted[kind]));
  const tree =
    shown.length === 0
      ? []
      : [`\t- ***Конфигурация.${name}`, ...shown.map(({ object, kind }) => `\t\t- ${kind}${object}`)];
  return [...legend, ...tree].join('\r\n');
}
