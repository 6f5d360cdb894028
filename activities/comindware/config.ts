/** The vendor's points 2 and 3: the old configuration files and links go, the new version's come, with the values that were there. */
import { posix } from 'node:path';
import type { Backup, Findings } from '../../runbook/results.ts';
import type { Said } from '../../runbook/types.ts';
import type { Link } from '../machines/machine.ts';
import {
  belowBinaries,
  binariesOf,
  isConfiguration,
  mustBeStopped,
  parsed,
  readConfig,
  readMain,
  unreadable,
  versionOf,
  type Instance,
} from './instance.ts';
import { readOldConfig, sameLink, writeBelow, type RestorePoint } from './point.ts';
import { mergeValues, setValues, type Values } from './values.ts';

/** The instance's own file among a version's templates. */
const mainTemplate = 'instance.yml';

export async function removeConfiguration(instance: Instance, backup: Backup): Promise<void> {
  const { target, machine } = instance;
  await mustBeStopped(instance);
  await readOldConfig(instance, backup);
  const { links, files } = await readConfig(machine, target.config);
  const at = (path: string): string => machine.join(target.config, ...path.split('/'));
  for (const { name } of links) await machine.removeLink(at(name));
  for (const path of files.keys()) if (isConfiguration(path)) await machine.remove(at(path));
}

interface Draft {
  readonly files: ReadonlyMap<string, string | Buffer>;
  readonly main: string;
  readonly links: readonly Link[];
  readonly findings: readonly Said[];
}

/** Writing the same again changes nothing, so an attempt that died halfway is simply carried on. */
export async function createConfiguration(
  instance: Instance,
  version: string,
  links: Readonly<Record<string, string>> | null,
  backup: Backup,
): Promise<Findings> {
  const { target, machine } = instance;
  await mustBeStopped(instance);
  const draft = await draftOf(instance, version, links, backup);
  for (const [path, content] of draft.files) await writeBelow(instance, target.config, path, content);
  await machine.writeFile(target.main, draft.main);
  const at = (path: string): string => machine.join(target.config, ...path.split('/'));
  const there = (await readConfig(machine, target.config)).links;
  for (const link of there)
    if (!draft.links.some((one) => sameLink(one, link))) await machine.removeLink(at(link.name));
  for (const link of draft.links) await machine.makeLink(at(link.name), link.target, link.kind);
  const now = versionOf(await readMain(instance));
  if (now !== version) throw unreadable(machine, target.main, `its version is ${now} after ${version} was written`);
  return { lines: draft.findings };
}

async function draftOf(
  instance: Instance,
  version: string,
  links: Readonly<Record<string, string>> | null,
  backup: Backup,
): Promise<Draft> {
  const { target, machine } = instance;
  const old = await readOldConfig(instance, backup);
  const templates = await templatesOf(instance, version);
  const findings: Said[] = [];
  const files = new Map<string, string | Buffer>();
  for (const [path, content] of old.files) {
    if (!isConfiguration(path)) continue;
    const successor = [...templates.keys()].find((name) => stem(name) === stem(path));
    // It has a successor of another kind: `adapterhost.json` goes on in `adapterhost.yml`.
    if (successor === undefined || successor === path) files.set(path, content);
  }
  for (const [path, template] of templates) {
    if (path === mainTemplate) continue;
    const before = [...old.files.keys()].find((name) => stem(name) === stem(path));
    const content = before === undefined ? undefined : old.files.get(before);
    if (before === undefined || content === undefined) {
      files.set(path, template);
      findings.push(said(texts.fileAdded, { file: path, version }));
    } else if (isYaml(path))
      files.set(path, merge(instance, path, template, parsed(machine, before, content.toString('utf8')), findings));
    else if (content.toString('utf8') !== template) findings.push(said(texts.fileKept, { file: path, version }));
  }
  const mainName = posix.basename(target.main.replaceAll('\\', '/'));
  const template = templates.get(mainTemplate);
  const values = parsed(machine, target.main, old.main);
  const merged = template === undefined ? old.main : merge(instance, mainName, template, values, findings);
  const wanted = await linksOf(instance, old.point, version, links, findings);
  return { files, main: setValues(merged, (_key, value) => value, { version }), links: wanted, findings };
}

function merge({ machine }: Instance, file: string, template: string, old: Values, findings: Said[]): string {
  try {
    const { text, renamed, unknown, added } = mergeValues(template, old);
    for (const { from, to } of renamed) findings.push(said(texts.renamed, { file, from, to }));
    for (const key of unknown) findings.push(said(texts.unknown, { file, key }));
    for (const key of added) findings.push(said(texts.added, { file, key }));
    return text;
  } catch (error) {
    throw unreadable(machine, file, error instanceof Error ? error.message : String(error));
  }
}

async function templatesOf(instance: Instance, version: string): Promise<ReadonlyMap<string, string>> {
  const { target, machine } = instance;
  if (target.templates === '') return new Map();
  const { files } = await readConfig(machine, machine.join(binariesOf(instance, version), target.templates));
  return new Map([...files].map(([path, content]) => [path, content.toString('utf8')]));
}

/** To the same folders of the new version; links that lead elsewhere stay as they are. */
async function linksOf(
  instance: Instance,
  point: RestorePoint,
  version: string,
  named: Readonly<Record<string, string>> | null,
  findings: Said[],
): Promise<Link[]> {
  const { machine } = instance;
  const binaries = binariesOf(instance, version);
  const into = (below: string): string => (below === '' ? binaries : machine.join(binaries, ...below.split('/')));
  const elsewhere = point.links.filter((link) => belowBinaries(link, binariesOf(instance, point.version)) === null);
  const wanted = named
    ? Object.entries(named).map(([name, below]): Link => ({
        name,
        target: into(below),
        kind: point.links.find((one) => one.name === name)?.kind ?? 'junction',
      }))
    : point.links
        .filter((link) => !elsewhere.includes(link))
        .map((link) => ({ ...link, target: into(belowBinaries(link, binariesOf(instance, point.version)) ?? '') }));
  const links = [...elsewhere.filter((link) => !wanted.some(({ name }) => name === link.name))];
  for (const link of wanted) {
    if ((await machine.stat(link.target)) !== null) links.push(link);
    else findings.push(said(texts.linkLost, { link: link.name, target: link.target }));
  }
  return links.sort((a, b) => (a.name < b.name ? -1 : 1));
}

const isYaml = (path: string): boolean => /\.ya?ml$/i.test(path);
/** `adapterhost.json` and `adapterhost.yml` are the same file in two releases. */
const stem = (path: string): string => path.replace(/\.(ya?ml|json)$/i, '').toLowerCase();
const said = (text: { en: string; ru: string }, values: Record<string, string>): Said => ({ ...text, values });

const texts = {
  renamed: { en: '{file}: the value of {from} is now {to}', ru: '{file}: значение {from} теперь называется {to}' },
  unknown: {
    en: '{file}: the new version’s file has no {key}; it was kept at the end',
    ru: '{file}: в файле новой версии нет {key}; значение сохранено в конце файла',
  },
  added: {
    en: '{file}: {key} is new and has the product’s own value',
    ru: '{file}: {key} — новый ключ со значением продукта',
  },
  fileAdded: { en: '{file} is new in {version}', ru: '{file} — новый файл версии {version}' },
  fileKept: {
    en: '{file}: {version} brings another one; the instance’s own was kept, compare the two',
    ru: '{file}: в {version} он другой; оставлен файл экземпляра, сравните их',
  },
  linkLost: {
    en: 'link {link} was left out: {target} does not exist',
    ru: 'ссылка {link} не создана: {target} не существует',
  },
};
