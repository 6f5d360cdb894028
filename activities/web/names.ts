/**
 * Names that come from outside: listings of servers, entries of archives. What could lead out of a folder, or cannot be told apart
 * from another name, is refused; nothing is repaired silently.
 */

/** Longest name of one file on the usual file systems, in bytes of UTF-8. */
const longestName = 255;
const longestPath = 4096;
const deepest = 64;

/** Why a single name cannot be that of a file in a folder; undefined: it can. */
export function badName(name: string): string | undefined {
  if (name === '') return 'empty';
  if (name === '.' || name === '..') return 'leads out of the folder';
  if (/[/\\]/.test(name)) return 'holds a separator';

  if (/[\u0000-\u001f\u007f]/.test(name)) return 'holds a control character';
  if (name.includes('\ufffd')) return 'is not UTF-8';
  if (Buffer.byteLength(name) > longestName) return 'is too long';
  return undefined;
}

/** Why a path of such names cannot be used; separators are `/`. */
export function badPath(path: string): string | undefined {
  if (Buffer.byteLength(path) > longestPath) return 'is too long';
  const names = path.split('/');
  if (names.length > deepest) return 'is nested too deep';
  for (const name of names) {
    const reason = badName(name);
    if (reason) return reason;
  }
  return undefined;
}

/** Devices of Windows, which no name may be, with any ending (Microsoft Learn, "Naming Files, Paths, and Namespaces"). */
const reserved = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)( *\..*| *)$/i;

/** Why a name of an archive cannot lie under the same name on every system. */
export function badPortableName(name: string): string | undefined {
  const reason = badName(name);
  if (reason) return reason;
  if (name.includes(':')) return 'names a drive or a stream';
  if (/[<>"|?*]/.test(name)) return 'holds a character that Windows refuses';
  if (/[. ]$/.test(name)) return 'ends with a dot or a space, which Windows drops';
  if (reserved.test(name)) return 'is a device of Windows';
  return undefined;
}

/** Two paths with the same key are one file on some system: letter case and composed characters do not count everywhere. */
export const sameFileKey = (path: string): string => path.normalize('NFC').toLowerCase();

/** True when the path is one of `keep` or lies below one. */
export const isKept = (path: string, keep: readonly string[]): boolean =>
  keep.some((kept) => path === kept || path.startsWith(`${kept}/`));
/** The folders above a path, the outermost first: `a/b/c` → `a`, `a/b`. */
export function foldersAbove(path: string): string[] {
  const folders: string[] = [];
  for (let end = path.indexOf('/'); end !== -1; end = path.indexOf('/', end + 1)) folders.push(path.slice(0, end));
  return folders;
}
/** `a/b/c` → `c`. */
export const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
/** `a/b/c` → `a/b`; of a name at the root: `''`. */
export const folderOf = (path: string): string => path.slice(0, Math.max(path.lastIndexOf('/'), 0));
