/** What an FTP server says of a folder. Every line must be understood: a file that is not seen would be written over unsaved. */
import type { FileInfo } from 'basic-ftp';
import { FileType, parseList } from 'basic-ftp';
import { NakatError } from '../../runbook/errors/index.ts';
import type { RemoteEntry } from './remote.ts';

/** Throws WEB_NAME_REFUSED for a line that is neither of `MLSD` nor of a Unix or DOS `LIST`. */
export function parseListing(where: string, text: string): FileInfo[] {
  const found: FileInfo[] = [];
  for (const line of text.split(/\r?\n/)) {
    if (line.trim() === '' || /^total( \d+)?$/i.test(line.trim()) || isItself(line)) continue;
    let parsed: FileInfo[] = [];
    try {
      parsed = parseList(line);
    } catch {
      // Refused below, with the line.
    }
    if (parsed.length !== 1)
      throw new NakatError('WEB_NAME_REFUSED', {
        where,
        values: { name: JSON.stringify(line.slice(0, 200)), reason: 'a line of the listing that is not understood' },
      });
    found.push(...parsed);
  }
  return found;
}

/** The folder and the one above it. */
const isItself = (line: string): boolean => /[\s;]\.{1,2}\/?$/.test(line) || /(^|;)type=[cp]dir;/i.test(line);

export function entryOf(info: FileInfo, modes: boolean): RemoteEntry {
  const kinds: Record<FileType, RemoteEntry['kind']> = {
    [FileType.File]: 'file',
    [FileType.Directory]: 'folder',
    [FileType.SymbolicLink]: 'link',
    [FileType.Unknown]: 'other',
  };
  const { permissions } = info;
  return {
    name: info.name,
    kind: kinds[info.type],
    size: Number.isSafeInteger(info.size) ? info.size : 0,
    stamp: info.rawModifiedAt,
    ...(modes && permissions ? { mode: permissions.user * 64 + permissions.group * 8 + permissions.world } : {}),
  };
}
