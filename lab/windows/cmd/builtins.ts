/** The commands inside cmd.exe. Texts and exit codes as Microsoft Learn ("Windows commands") and cmd itself have them. */
import {
  copyFileSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  unlinkSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { isCodePage } from '../encode.ts';
import type { Shell, Streams } from './interpreter.ts';

type Builtin = (tail: string, shell: Shell, streams: Streams) => number | Promise<number>;

const denied = 'The process cannot access the file because it is being used by another process.';
const noFile = 'The system cannot find the file specified.';
const noPath = 'The system cannot find the path specified.';

export const builtins: Readonly<Record<string, Builtin>> = {
  call: () => 0,
  rem: () => 0,
  setlocal: () => 0,
  endlocal: () => 0,
  ver: (_tail, shell, { out }) => (shell.say('\r\nMicrosoft Windows [Version 10.0.20348.2655]\r\n', out), 0),
  chcp: (tail, shell, streams) => {
    if (tail.trim() === '') return (shell.say(`Active code page: ${shell.codePage}\r\n`, streams.out), 0);
    const page = Number(tail.trim());
    if (!isCodePage(page)) return shell.fail('Invalid code page', streams);
    shell.codePage = page;
    shell.say(`Active code page: ${page}\r\n`, streams.out);
    return 0;
  },
  echo: (tail, shell, { out }) => {
    if (/^\s*(on|off)\s*$/i.test(tail)) return shell.errorLevel;
    // One character after the word is a separator: `echo.` prints an empty line.
    shell.say(tail === '' ? 'ECHO is on.\r\n' : `${tail.slice(1)}\r\n`, out);
    return shell.errorLevel;
  },
  set: (tail, shell, streams) => {
    let text = tail.trimStart();
    // `set "A=b"`: everything between the first and the last quote.
    if (text.startsWith('"')) text = text.slice(1, Math.max(text.lastIndexOf('"'), 1));
    const cut = text.indexOf('=');
    if (cut <= 0) return shell.fail(`Environment variable ${text} not defined`, streams);
    const name = text.slice(0, cut).toUpperCase();
    if (cut === text.length - 1) shell.env.delete(name);
    else shell.env.set(name, text.slice(cut + 1));
    return 0;
  },
  cd: (tail, shell, streams) => {
    const path = tail
      .replace(/^\s*\/d\s/i, '')
      .trim()
      .replaceAll('"', '');
    if (path === '') return (shell.say(`${shell.cwd}\r\n`, streams.out), 0);
    if (!stat(shell.real(path))?.isDirectory()) return shell.fail(noPath, streams);
    shell.cwd = shell.world.disk.absolute(path, shell.cwd);
    return 0;
  },
  exit: (tail, shell) => {
    const batchOnly = /\/b/i.test(tail);
    const code = /-?\d+/.exec(tail.replace(/\/b/i, ''));
    return shell.exit(code ? Number(code[0]) : shell.errorLevel, batchOnly);
  },
  goto: (tail, shell) => shell.goto(tail.trim()),
  type: (tail, shell, streams) => {
    for (const path of words(tail).paths) {
      const real = shell.real(path);
      if (!stat(real)?.isFile()) return shell.fail(noFile, streams);
      streams.out(readFileSync(real));
    }
    return 0;
  },
  dir: (tail, shell, streams) => {
    const { paths, switches } = words(tail);
    if (switches.includes('/al')) return listLinks(paths[0] ?? '.', shell, streams);
    if (!switches.includes('/b')) return shell.fail('This practice host lists with /b only.', streams);
    const real = shell.real(paths[0] ?? '.');
    if (!stat(real)) return shell.fail('File Not Found', streams);
    for (const name of readdirSync(real).sort()) shell.say(`${name}\r\n`, streams.out);
    return 0;
  },
  mkdir: (tail, shell, streams) => {
    for (const path of words(tail).paths) {
      const real = shell.real(path);
      if (stat(real)) return shell.fail(`A subdirectory or file ${path} already exists.`, streams);
      try {
        // The parents are made as well; only one of two callers makes the folder itself.
        mkdirSync(dirname(real), { recursive: true });
        mkdirSync(real);
      } catch {
        return shell.fail(`A subdirectory or file ${path} already exists.`, streams);
      }
    }
    return 0;
  },
  rmdir: (tail, shell, streams) => {
    const { paths, switches } = words(tail);
    for (const path of paths) {
      const real = shell.real(path);
      const found = lstat(real);
      if (!found) return shell.fail(noFile, streams, 2);
      if (found.isSymbolicLink() && shell.world.disk.readLink(real)?.kind !== 'file') unlinkSync(real);
      else if (!found.isDirectory()) return shell.fail('The directory name is invalid.', streams, 267);
      else if (switches.includes('/s')) removeTree(real, path, shell, streams);
      else if (readdirSync(real).length > 0) return shell.fail('The directory is not empty.', streams, 145);
      else if (shell.world.disk.isHeld(real)) return shell.fail(denied, streams, 32);
      else rmdirSync(real);
    }
    // cmd leaves 0 after `rmdir /s` even when something stayed behind.
    return 0;
  },
  mklink: (tail, shell, streams) => {
    const { paths, switches } = words(tail);
    const [link, target] = paths;
    if (link === undefined || target === undefined || switches.some((one) => !/^\/[jd]$/.test(one)))
      return shell.fail('The syntax of the command is incorrect.', streams);
    const kind = switches.includes('/j') ? 'junction' : switches.includes('/d') ? 'folder' : 'file';
    if (kind === 'junction' && !/^([A-Za-z]:\\)/.test(target))
      return shell.fail('Local volumes are required to complete the operation.', streams);
    if (lstat(shell.real(link))) return shell.fail('Cannot create a file when that file already exists.', streams);
    if (!stat(dirname(shell.real(link)))) return shell.fail(noPath, streams);
    const refusal = shell.world.refuseLink(shell.world.disk.absolute(link, shell.cwd), target);
    if (refusal !== undefined) return shell.fail(refusal, streams);
    shell.world.disk.makeLink(shell.real(link), shell.world.disk.absolute(target, shell.cwd), kind);
    const what = { junction: 'Junction', folder: 'symbolic link', file: 'symbolic link' }[kind];
    shell.say(`${what} created for ${link} <<===>> ${target}\r\n`, streams.out);
    return 0;
  },
  del: (tail, shell, streams) => {
    for (const path of words(tail).paths.flatMap((one) => matching(one, shell))) {
      const real = shell.real(path);
      const link = shell.world.disk.readLink(real);
      if (link ? link.kind !== 'file' : !stat(real))
        shell.say(`Could Not Find ${shell.world.disk.absolute(path, shell.cwd)}\r\n`, streams.err);
      else if (shell.world.disk.isHeld(real)) shell.say(`${path}\r\n${denied}\r\n`, streams.err);
      else unlinkSync(real);
    }
    // As cmd: `del` reports nothing by its exit code.
    return 0;
  },
  ren: (tail, shell, streams) => {
    const [from, name] = words(tail).paths;
    if (from === undefined || name === undefined || /[\\/:]/.test(name))
      return shell.fail('The syntax of the command is incorrect.', streams);
    return moveTo(shell, streams, shell.real(from), join(dirname(shell.real(from)), name), false);
  },
  move: (tail, shell, streams) => {
    const { paths, switches } = words(tail);
    const [from, to] = paths;
    if (from === undefined || to === undefined) return shell.fail('The syntax of the command is incorrect.', streams);
    const source = shell.real(from);
    const into = shell.real(to);
    const target = stat(into)?.isDirectory() ? join(into, basename(source)) : into;
    const code = moveTo(shell, streams, source, target, switches.includes('/y') && !stat(source)?.isDirectory());
    if (code === 0) shell.say(`        1 ${stat(target)?.isDirectory() ? 'dir' : 'file'}(s) moved.\r\n`, streams.out);
    return code;
  },
  copy: (tail, shell, streams) => {
    const { paths } = words(tail);
    const [from, to] = paths;
    if (from === undefined || to === undefined || !stat(shell.real(from))?.isFile()) return shell.fail(noFile, streams);
    const into = shell.real(to);
    const target = stat(into)?.isDirectory() ? join(into, basename(shell.real(from))) : into;
    if (shell.world.disk.isHeld(target)) return shell.fail(denied, streams);
    if (shell.world.disk.isFull) return shell.fail('There is not enough space on the disk.', streams);
    copyFileSync(shell.real(from), target);
    shell.say('        1 file(s) copied.\r\n', streams.out);
    return 0;
  },
};
Object.assign(builtins, {
  rd: builtins['rmdir'],
  md: builtins['mkdir'],
  erase: builtins['del'],
  rename: builtins['ren'],
  chdir: builtins['cd'],
});

function moveTo(shell: Shell, streams: Streams, from: string, to: string, replace: boolean): number {
  if (!stat(from)) return shell.fail(noFile, streams);
  if (shell.world.disk.isHeld(from) || shell.world.disk.isHeld(to)) return shell.fail(denied, streams);
  if (stat(to) && from.toLowerCase() !== to.toLowerCase() && !replace)
    return shell.fail('A duplicate file name exists, or the file\r\ncannot be found.', streams);
  try {
    renameSync(from, to);
    return 0;
  } catch {
    return shell.fail(noPath, streams);
  }
}

/** As `dir` shows what `attrib` calls L: in the language of this host, English. */
function listLinks(path: string, shell: Shell, streams: Streams): number {
  const real = shell.real(path);
  if (!stat(real)?.isDirectory()) return shell.fail('File Not Found', streams);
  const found = readdirSync(real)
    .sort()
    .flatMap((name) => {
      const link = shell.world.disk.readLink(join(real, name));
      const word = link && { junction: 'JUNCTION', folder: 'SYMLINKD', file: 'SYMLINK' }[link.kind];
      return link ? [`11/21/2026  12:00 PM    ${`<${word}>`.padEnd(14)} ${name} [${link.target}]`] : [];
    });
  const shown = shell.world.disk.absolute(path, shell.cwd);
  shell.say(
    ` Volume in drive C has no label.\r\n Volume Serial Number is 2F1A-90C4\r\n\r\n Directory of ${shown}\r\n\r\n`,
    streams.out,
  );
  if (found.length === 0) return shell.fail('File Not Found', streams);
  shell.say(`${found.join('\r\n')}\r\n               0 File(s)              0 bytes\r\n`, streams.out);
  return 0;
}

/** What is open stays, and so do the folders above it; all else goes. Links are removed, not followed. */
function removeTree(real: string, shown: string, shell: Shell, streams: Streams): void {
  if (!shell.world.disk.isHeld(real)) {
    rmSync(real, { recursive: true });
    return;
  }
  if (lstat(real)?.isDirectory()) {
    for (const name of readdirSync(real)) removeTree(join(real, name), `${shown}\\${name}`, shell, streams);
  }
  shell.say(`${shown} - ${denied}\r\n`, streams.err);
}

function words(tail: string): { paths: string[]; switches: string[] } {
  const all = (tail.match(/(?:"[^"]*"?|[^\s,;="])+/g) ?? []).map((word) => word.replaceAll('"', ''));
  const isSwitch = (word: string): boolean => /^\/[a-z-]+$/i.test(word);
  return {
    paths: all.filter((word) => !isSwitch(word)),
    switches: all.filter(isSwitch).map((word) => word.toLowerCase()),
  };
}

/** The files that a name with `*` stands for; a name without is itself. */
function matching(path: string, shell: Shell): string[] {
  const cut = path.lastIndexOf('\\') + 1;
  const name = path.slice(cut);
  if (!name.includes('*')) return [path];
  const pattern = new RegExp(`^${name.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`, 'i');
  const folder = shell.real(path.slice(0, cut) || '.');
  return stat(folder)
    ? readdirSync(folder)
        .filter((one) => pattern.test(one))
        .map((one) => path.slice(0, cut) + one)
    : [];
}

const stat = (real: string) => statSync(real, { throwIfNoEntry: false });
const lstat = (real: string) => lstatSync(real, { throwIfNoEntry: false });
