/**
 * SFTP version 3 as Windows OpenSSH serves it: `/C:/a`, `C:/a` and `C:\a` are the same; `rename` refuses an existing target,
 * `posix-rename@openssh.com` replaces a file or an empty folder; mode bits of the client are ignored.
 * Source: PowerShell/openssh-portable, sftp-server.c and contrib/win32/win32compat/misc.c, fileio.c.
 */
import {
  closeSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmdirSync,
  statSync,
  unlinkSync,
  writeSync,
  type Stats,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import ssh2, { type Attributes, type SFTPWrapper } from 'ssh2';
import type { Disk } from './disk.ts';

const { STATUS_CODE: status, OPEN_MODE: mode } = ssh2.utils.sftp;

interface OpenFile {
  readonly file: number;
  readonly release: () => void;
}
interface OpenFolder {
  readonly real: string;
  listed: boolean;
}

/** Answers one session until it ends. */
export function serveSftp(sftp: SFTPWrapper, disk: Disk): void {
  announce(sftp);
  const files = new Map<number, OpenFile>();
  const folders = new Map<number, OpenFolder>();
  let next = 0;
  const handle = (id: number): Buffer => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(id);
    return bytes;
  };
  const real = (path: string): string => disk.real(path);
  /** Runs one request; what the real disk refuses is answered as the server would. */
  const answer = (request: number, act: () => number): void => {
    let code: number;
    try {
      code = act();
    } catch (error) {
      const reason = (error as NodeJS.ErrnoException).code;
      code =
        reason === 'ENOENT' ? status.NO_SUCH_FILE : reason === 'EACCES' ? status.PERMISSION_DENIED : status.FAILURE;
    }
    if (code >= 0) sftp.status(request, code);
  };
  /** `act` has answered by itself. */
  const answered = -1;
  /** As a file itself; but a junction looks like a folder (fileio.c knows symbolic links only). */
  const lookAt = (path: string): Stats =>
    disk.readLink(path)?.kind === 'junction'
      ? (statSync(path, { throwIfNoEntry: false }) ?? statSync(dirname(path)))
      : lstatSync(path);
  const stat = (request: number, read: () => Stats): void =>
    answer(request, () => {
      sftp.attrs(request, attributes(read()));
      return answered;
    });
  const rename = (from: string, to: string, replace: boolean): number => {
    const [source, target] = [real(from), real(to)];
    const old = statSync(target, { throwIfNoEntry: false });
    if (!lstatSync(source, { throwIfNoEntry: false })) return status.NO_SUCH_FILE;
    if (disk.isHeld(source) || disk.isHeld(target)) return status.FAILURE;
    if (old && source.toLowerCase() !== target.toLowerCase()) {
      if (!replace || (old.isDirectory() && readdirSync(target).length > 0)) return status.FAILURE;
      if (old.isDirectory()) rmdirSync(target);
    }
    // What is replaced keeps its name; else the new name is as it was given, also when only its case changes.
    const named = join(dirname(target), basename(disk.absolute(to).replaceAll('\\', '/')));
    renameSync(source, old && source !== target ? target : named);
    return status.OK;
  };

  sftp.on('OPEN', (request, path, flags) =>
    answer(request, () => {
      const writes = (flags & mode.WRITE) !== 0;
      const target = real(path);
      if (writes && disk.isHeld(target)) return status.FAILURE;
      if (writes && disk.isFull) return status.FAILURE;
      const how = !writes
        ? 'r'
        : (flags & mode.TRUNC) !== 0
          ? 'w+'
          : (flags & mode.APPEND) !== 0
            ? 'a+'
            : statSync(target, { throwIfNoEntry: false })
              ? 'r+'
              : 'w+';
      files.set(next, { file: openSync(target, how), release: () => {} });
      sftp.handle(request, handle(next++));
      return answered;
    }),
  );
  sftp.on('READ', (request, id, offset, length) =>
    answer(request, () => {
      const bytes = Buffer.alloc(Math.min(length, 256 * 1024));
      const count = readSync(files.get(id.readUInt32BE())!.file, bytes, 0, bytes.length, offset);
      if (count === 0) return status.EOF;
      sftp.data(request, bytes.subarray(0, count));
      return answered;
    }),
  );
  sftp.on('WRITE', (request, id, offset, data) =>
    answer(request, () => {
      if (disk.isFull) return status.FAILURE;
      writeSync(files.get(id.readUInt32BE())!.file, data, 0, data.length, offset);
      return status.OK;
    }),
  );
  sftp.on('CLOSE', (request, id) =>
    answer(request, () => {
      const open = files.get(id.readUInt32BE());
      if (open) closeSync(open.file);
      open?.release();
      files.delete(id.readUInt32BE());
      folders.delete(id.readUInt32BE());
      return status.OK;
    }),
  );
  sftp.on('OPENDIR', (request, path) =>
    answer(request, () => {
      if (!statSync(real(path)).isDirectory()) return status.FAILURE;
      folders.set(next, { real: real(path), listed: false });
      sftp.handle(request, handle(next++));
      return answered;
    }),
  );
  sftp.on('READDIR', (request, id) =>
    answer(request, () => {
      const folder = folders.get(id.readUInt32BE());
      if (!folder) return status.FAILURE;
      if (folder.listed) return status.EOF;
      folder.listed = true;
      const names = readdirSync(folder.real);
      if (names.length === 0) return status.EOF;
      sftp.name(
        request,
        names.map((name) => {
          const attrs = attributes(lookAt(join(folder.real, name)));
          return { filename: name, longname: name, attrs };
        }),
      );
      return answered;
    }),
  );
  sftp.on('STAT', (request, path) => stat(request, () => statSync(real(path))));
  sftp.on('LSTAT', (request, path) => stat(request, () => lookAt(real(path))));
  sftp.on('FSTAT', (request, id) => stat(request, () => fstatSync(files.get(id.readUInt32BE())!.file)));
  sftp.on('SETSTAT', (request) => sftp.status(request, status.OK));
  sftp.on('FSETSTAT', (request) => sftp.status(request, status.OK));
  sftp.on('REMOVE', (request, path) =>
    answer(request, () => {
      const link = disk.readLink(real(path));
      if (link ? link.kind !== 'file' : statSync(real(path)).isDirectory()) return status.FAILURE;
      // MSVCRT's EACCES: the file is open elsewhere.
      if (disk.isHeld(real(path))) return status.PERMISSION_DENIED;
      unlinkSync(real(path));
      return status.OK;
    }),
  );
  sftp.on('RMDIR', (request, path) =>
    answer(request, () => {
      if (disk.isHeld(real(path))) return status.PERMISSION_DENIED;
      const link = disk.readLink(real(path));
      if (link && link.kind !== 'file') unlinkSync(real(path));
      else rmdirSync(real(path));
      return status.OK;
    }),
  );
  sftp.on('MKDIR', (request, path) => answer(request, () => (mkdirSync(real(path)), status.OK)));
  sftp.on('REALPATH', (request, path) => {
    const shown = `/${disk.absolute(path).replaceAll('\\', '/')}`;
    sftp.name(request, [{ filename: shown, longname: shown, attrs: {} as Attributes }]);
  });
  sftp.on('RENAME', (request, from, to) => answer(request, () => rename(from, to, false)));
  sftp.on('EXTENDED', (request, name, data) => {
    if (name === 'fsync@openssh.com') return sftp.status(request, status.OK);
    if (name !== 'posix-rename@openssh.com') return sftp.status(request, status.OP_UNSUPPORTED);
    const fromLength = data.readUInt32BE(0);
    const from = data.toString('utf8', 4, 4 + fromLength);
    const to = data.toString('utf8', 8 + fromLength);
    answer(request, () => rename(from, to, true));
  });
  sftp.on('close', () => {
    for (const { file, release } of files.values()) {
      closeSync(file);
      release();
    }
    files.clear();
  });
}

const attributes = (found: Stats): Attributes => ({
  mode: found.mode,
  uid: 0,
  gid: 0,
  size: found.size,
  atime: Math.trunc(found.atimeMs / 1000),
  mtime: Math.trunc(found.mtimeMs / 1000),
});

/**
 * ssh2's server names no extensions in its greeting and has no setting for it: the first packet that it sends, the greeting, is
 * replaced by one that does.
 */
function announce(sftp: SFTPWrapper): void {
  const inner = sftp as unknown as { _protocol: { channelData(id: number, data: Buffer): void } };
  const protocol = inner._protocol;
  const text = (value: string): Buffer => {
    const bytes = Buffer.from(value);
    const size = Buffer.alloc(4);
    size.writeUInt32BE(bytes.length);
    return Buffer.concat([size, bytes]);
  };
  inner._protocol = Object.create(protocol, {
    channelData: {
      value: (id: number) => {
        inner._protocol = protocol;
        const body = Buffer.concat([
          Buffer.from([2, 0, 0, 0, 3]),
          ...['posix-rename@openssh.com', '1', 'fsync@openssh.com', '1'].map(text),
        ]);
        const size = Buffer.alloc(4);
        size.writeUInt32BE(body.length);
        protocol.channelData(id, Buffer.concat([size, body]));
      },
    },
  }) as typeof protocol;
}
