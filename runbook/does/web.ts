import type { webSteps } from '../steps/web.ts';
import type { WebTree } from '../targets/index.ts';
import { backupOf, filesOn, joined, named, type DoesTable, type DoingStep } from './define.ts';

/** `www.example.com (sftp web:/var/www): …` */
const at = (tree: WebTree, text: string): string => `${tree.name} (${way(tree)}): ${text}`;
const way = (tree: WebTree): string => {
  if (tree.via === 'manual') return 'by hand';
  if (tree.via === 'machine')
    return `${tree.machine.via === 'ssh' ? 'sftp' : 'files'} ${tree.machine.name}:${tree.folder}`;
  return `${tree.security === 'none' ? 'ftp' : 'ftps'}://${tree.user}@${tree.host}:${tree.port}${tree.folder}`;
};
const stored = (tree: WebTree, ...parts: string[]): string => joined(tree.store.machine, tree.store.folder, ...parts);
const staging = (step: DoingStep): string => `.${named(step, 'nakat')}`;
const from = (step: DoingStep, name: string): string => `<${step.uses[name] ?? '?'}>`;
const readWhole = (tree: WebTree): string => at(tree, 'SHA-256 of every file, folders, links, rights');

const replaced = (tree: WebTree, step: DoingStep, source: string): string[] => [
  at(tree, 'list every folder'),
  at(tree, `write what differs from ${source} into ${staging(step)}, read it back`),
  at(tree, `rename from ${staging(step)} into place, file by file`),
  at(tree, `remove ${staging(step)}`),
];

export const webDoes: DoesTable<keyof typeof webSteps> = {
  checkTree: ({ tree }, step) => [
    at(tree, 'log in'),
    at(tree, `write, rename, read and remove ${staging(step)}`),
    at(tree, 'list every folder'),
    filesOn(tree.store.machine, `free space of ${tree.store.folder}`),
  ],
  unpackUpdate: ({ archive, into }, step) => [
    `read ${archive.path}: SHA-256, names, sizes`,
    filesOn(into.machine, `unpack to ${joined(into.machine, into.folder, named(step, 'update'))}`),
  ],
  backUpTree: ({ tree }, step) => [
    at(tree, 'list every folder, read every file'),
    filesOn(tree.store.machine, `write ${stored(tree, named(step, 'files'))}`),
  ],
  uploadTree: ({ tree, part }, step) => [
    ...replaced(tree, step, from(step, 'update') + (part === '' ? '' : `/${part}`)),
    ...(step.uses['owned'] ? [at(tree, `remove unchanged files that only ${from(step, 'owned')} has`)] : []),
  ],
  restoreTree: ({ tree }, step) => [
    ...replaced(tree, step, backupOf(step)),
    at(tree, `move what the backup does not have to ${stored(tree, named(step, 'appeared'))}`),
  ],
  takeTreeFingerprint: ({ tree }) => [readWhole(tree)],
  proveTree: ({ tree }) => [readWhole(tree)],
  prepareArchive: ({ tree }, step) => [
    filesOn(tree.store.machine, `write ${stored(tree, `${named(step, 'upload')}.zip`)}`),
  ],
  checkServed: ({ tree, at: root, files }) => [`GET ${tree.url ?? '<no address>'}${root}<path> (${files})`],
};
