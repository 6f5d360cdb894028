/**
 * Links on Windows, through cmd.exe: `dir /al` is the only list of them with their targets that needs no PowerShell, `mklink`
 * makes them, `rmdir` without `/s` and `del` take away the link alone (Microsoft Learn, "mklink", "rmdir", "dir").
 */
import { win32 } from 'node:path';
import { NakatError } from '../../../runbook/errors/index.ts';
import { decodeText, type Encoding } from '../encoding.ts';
import type { FileStat, Link, LinkKind, Machine } from '../machine.ts';
import type { Transport } from '../transport.ts';
import { quotePath } from './quote.ts';

type Links = Pick<Machine, 'links' | 'makeLink' | 'removeLink'>;

const option: Record<LinkKind, string> = { junction: '/J ', folder: '/D ', file: '' };

export function windowsLinks(
  transport: Transport,
  files: { stat(path: string): Promise<FileStat | null> },
  encoding: Encoding,
): Links {
  const where = transport.name;
  const quoted = (path: string): string => quotePath(path, 'line', where);
  const cmd = async (line: string): Promise<{ code: number | null; stdout: string; stderr: string }> => {
    const { code, stdout, stderr } = await transport.exec(line, { label: line.split(' ')[0] ?? '' });
    return { code, stdout: decodeText(stdout, encoding), stderr: decodeText(stderr, encoding) };
  };
  const find = async (path: string): Promise<Link | undefined> =>
    (await links(win32.dirname(path))).find(({ name }) => name.toLowerCase() === win32.basename(path).toLowerCase());

  // Its exit code for an empty list is that of a failure; a folder that is there was asked for before.
  async function links(folder: string): Promise<Link[]> {
    if ((await files.stat(folder)) === null) return [];
    return parseLinks((await cmd(`dir /al ${quoted(folder)}`)).stdout);
  }

  return {
    links,
    makeLink: async (path, target, kind) => {
      const there = async (): Promise<boolean> => {
        const found = await find(path);
        if (found) {
          if (found.kind === kind && same(found.target, target)) return true;
        } else if ((await files.stat(path)) === null) return false;
        throw new NakatError('TARGET_EXISTS', { values: { path }, where });
      };
      if (await there()) return;
      const { stdout, stderr } = await cmd(`mklink ${option[kind]}${quoted(path)} ${quoted(target)}`);
      if (!(await there()))
        throw new NakatError('LINK_NOT_MADE', { values: { path, target }, where, vendor: stderr || stdout });
    },
    removeLink: async (path) => {
      const found = await find(path);
      if (!found) {
        if ((await files.stat(path)) === null) return;
        throw new NakatError('NOT_A_LINK', { values: { path }, where });
      }
      const { stdout, stderr } = await cmd(`${found.kind === 'file' ? 'del' : 'rmdir'} ${quoted(path)}`);
      if (await find(path))
        throw new NakatError('FILE_FAILED', { values: { path, doing: 'rmdir' }, where, vendor: stderr || stdout });
    },
  };
}

/** `21.11.2026  12:00    <JUNCTION>     bin [C:\target]`: date and the word for a junction are in Windows' own language. */
export function parseLinks(listing: string): Link[] {
  return listing.split(/\r?\n/).flatMap((line) => {
    const found = /^[^<]*<([^<>]+)>\s+(.+) \[([^[\]]*(?:\[[^\]]*\][^[\]]*)*)\]\s*$/.exec(line);
    if (!found) return [];
    const [, word = '', name = '', target = ''] = found;
    const kind = word === 'SYMLINKD' ? 'folder' : word === 'SYMLINK' ? 'file' : 'junction';
    return [{ name, target, kind }];
  });
}

const same = (a: string, b: string): boolean =>
  win32.normalize(a).replace(/\\$/, '').toLowerCase() === win32.normalize(b).replace(/\\$/, '').toLowerCase();
