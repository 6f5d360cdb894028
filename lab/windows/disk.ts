/**
 * The host's disk: `<folder>/C/…` behind `C:\…`. Names are compared without regard to case and kept as they were written
 * (Microsoft Learn, "Naming Files, Paths, and Namespaces"). Files that a program or a site holds open can neither be removed nor
 * renamed, nor can the folders above them (ERROR_SHARING_VIOLATION, Microsoft Learn, "Creating and Opening Files"). A file that was
 * opened through a junction is held where it lies; the junction itself may go.
 */
import { existsSync, lstatSync, readdirSync, readlinkSync, realpathSync, statfsSync, symlinkSync } from 'node:fs';
import { basename, dirname, join, sep } from 'node:path';

export type LinkKind = 'junction' | 'folder' | 'file';

export class Disk {
  readonly folder: string;
  /** Real paths held open; a folder's path stands for the folder itself. Counted, for the same file may be open twice. */
  private readonly held = new Map<string, number>();
  private free: number | null = null;

  constructor(folder: string) {
    this.folder = folder;
  }

  /** `C:\a\..\b`, `/C:/b`, `c:/b` → `C:\b`; relative paths stand on `cwd`. */
  absolute(path: string, cwd = 'C:\\'): string {
    let text = path.replaceAll('/', '\\');
    if (/^\\[A-Za-z]:/.test(text)) text = text.slice(1);
    if (/^\\(?!\\)/.test(text)) text = cwd.slice(0, 2) + text;
    if (!/^[A-Za-z]:/.test(text)) text = `${cwd}\\${text}`;
    const parts: string[] = [];
    for (const part of text.slice(2).split('\\')) {
      if (part === '..') parts.pop();
      // Windows drops dots and spaces at the end of a name.
      else if (part !== '' && part !== '.') parts.push(part.replace(/[. ]+$/, '') || part);
    }
    return `${text[0]!.toUpperCase()}:\\${parts.join('\\')}`;
  }

  /** The real path, with the names of the disk where they differ in case only. */
  real(path: string, cwd?: string): string {
    const absolute = this.absolute(path, cwd);
    let real = join(this.folder, absolute[0]!);
    for (const part of absolute.slice(3).split('\\')) {
      if (part === '') continue;
      const plain = join(real, part);
      real = existsSync(plain) ? plain : join(real, sameName(real, part) ?? part);
    }
    return real;
  }

  /** Links of this disk are symbolic links to absolute paths; a true symbolic link is told from a junction by `/./` after the disk. */
  makeLink(real: string, target: string, kind: LinkKind): void {
    const wanted = this.real(target).slice(this.folder.length);
    symlinkSync(
      kind === 'junction' ? this.folder + wanted : `${this.folder}/.${kind === 'file' ? '/.' : ''}${wanted}`,
      real,
    );
  }

  /** Null: no link. */
  readLink(real: string): { kind: LinkKind; target: string } | null {
    if (!lstatSync(real, { throwIfNoEntry: false })?.isSymbolicLink()) return null;
    const rest = readlinkSync(real).slice(this.folder.length + 1);
    const kind = rest.startsWith('././') ? 'file' : rest.startsWith('./') ? 'folder' : 'junction';
    const parts = rest.replace(/^(\.\/)+/, '').split('/');
    return { kind, target: `${parts[0]}:\\${parts.slice(1).join('\\')}` };
  }

  hold(path: string): () => void {
    const real = existsSync(path) ? realpathSync(path) : path;
    this.held.set(real, (this.held.get(real) ?? 0) + 1);
    let released = false;
    return () => {
      if (released) return;
      released = true;
      const left = this.held.get(real)! - 1;
      if (left === 0) this.held.delete(real);
      else this.held.set(real, left);
    };
  }

  /** Something at that real path or below it is open. */
  isHeld(path: string): boolean {
    if (!lstatSync(path, { throwIfNoEntry: false })) return false;
    const real = join(realpathSync(dirname(path)), basename(path));
    for (const held of this.held.keys()) if (held === real || held.startsWith(real + sep)) return true;
    return false;
  }

  /** Null: what the real disk has. */
  setFree(bytes: number | null): void {
    this.free = bytes;
  }

  freeBytes(): number {
    if (this.free !== null) return this.free;
    const stat = statfsSync(this.folder);
    return stat.bavail * stat.bsize;
  }

  get isFull(): boolean {
    return this.free !== null && this.free <= 0;
  }
}

function sameName(folder: string, name: string): string | undefined {
  try {
    return readdirSync(folder).find((entry) => entry.toLowerCase() === name.toLowerCase());
  } catch {
    return undefined;
  }
}
