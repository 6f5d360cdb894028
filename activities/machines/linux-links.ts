import { posix } from 'node:path';
import { NakatError } from '../../runbook/errors/index.ts';
import type { FileStat, Link, Machine } from './machine.ts';
import type { Transport } from './transport.ts';

interface Tools {
  stat(path: string): Promise<FileStat | null>;
  must(argv: readonly string[]): Promise<Buffer>;
}

/** Symbolic links, by GNU find and ln. */
export function linuxLinks(
  transport: Transport,
  { stat, must }: Tools,
): Pick<Machine, 'links' | 'makeLink' | 'removeLink'> {
  const where = transport.name;
  const exact = (path: string): string => path.replace(/(?<=.)\/+$/, '');
  const links = async (folder: string): Promise<Link[]> => {
    if ((await stat(folder)) === null) return [];
    const found = await must([
      'find',
      '-H',
      exact(folder),
      '-mindepth',
      '1',
      '-maxdepth',
      '1',
      '-type',
      'l',
      '-printf',
      '%f\\0%l\\0',
    ]);
    const words = found.toString('utf8').split('\0').slice(0, -1);
    return words.flatMap((name, at) =>
      at % 2 === 0 ? [{ name, target: words[at + 1] ?? '', kind: 'file' as const }] : [],
    );
  };
  return {
    links,
    makeLink: async (path, target) => {
      const found = await stat(path);
      if (found !== null) {
        const known = (await links(posix.dirname(path))).find(({ name }) => name === posix.basename(path));
        if (known?.target === target) return;
        throw new NakatError('TARGET_EXISTS', { values: { path }, where });
      }
      await must(['ln', '-s', '-T', '--', target, path]);
    },
    removeLink: async (path) => {
      const found = await stat(exact(path));
      if (found === null) return;
      if (found.kind !== 'link') throw new NakatError('NOT_A_LINK', { values: { path }, where });
      await transport.unlink(exact(path));
    },
  };
}
