/** The file methods of a machine that are the same on every operating system, on top of a transport. */
import { isNakatError, NakatError } from '../../runbook/errors/index.ts';
import type { Machine } from './machine.ts';
import type { Transport } from './transport.ts';

type FileMethods = Pick<
  Machine,
  'stat' | 'list' | 'makeFolder' | 'readFile' | 'writeFile' | 'rename' | 'upload' | 'download'
>;

/** A file in the making. The same for every attempt, so that what a killed one left is written over by the next. */
const inTheMaking = (path: string): string => `${path}.nakat-new`;

/**
 * `parent`: the folder that a path is in, or the path itself at the top. `wire`: a path as the transport wants it
 * (`C:\a` → `/C:/a` over SFTP); default: as it is.
 */
export function machineFiles(
  transport: Transport,
  parent: (path: string) => string,
  wire: (path: string) => string = (path) => path,
): FileMethods {
  const exists = (path: string): NakatError =>
    new NakatError('TARGET_EXISTS', { values: { path }, where: transport.name });

  /** Makes the file beside, then puts it in the old one's place. */
  async function replace(
    path: string,
    make: (beside: string, mode: number | undefined) => Promise<void>,
  ): Promise<void> {
    const old = await transport.stat(wire(path));
    if (old?.kind === 'folder') throw exists(path);
    const beside = wire(inTheMaking(path));
    const put = async (): Promise<void> => {
      await make(beside, old?.mode);
      await transport.rename(beside, wire(path));
    };
    try {
      // The last requests of a worker that was killed may still arrive, and rename what is being written here.
      await put().catch((error: unknown) => {
        if (!isNakatError(error) || error.code !== 'FILE_NOT_FOUND') throw error;
        return put();
      });
    } catch (error) {
      await transport.unlink(beside).catch(() => {});
      throw error;
    }
  }

  const methods: FileMethods = {
    stat: (path) => transport.stat(wire(path)),
    list: (path) => transport.list(wire(path)),
    readFile: (path, limit, from) => transport.read(wire(path), limit, from),
    makeFolder: async (path) => {
      try {
        await transport.mkdir(wire(path));
      } catch (error) {
        if (!isNakatError(error) || error.code !== 'FILE_NOT_FOUND' || parent(path) === path) throw error;
        await methods.makeFolder(parent(path));
        await transport.mkdir(wire(path));
      }
    },
    writeFile: (path, content, mode) =>
      replace(path, (beside, oldMode) => transport.write(beside, Buffer.from(content), mode ?? oldMode)),
    rename: async (from, to) => {
      if ((await transport.stat(wire(to)))?.kind === 'folder') throw exists(to);
      await transport.rename(wire(from), wire(to));
    },
    upload: (local, remote, onProgress) => replace(remote, (beside) => transport.upload(local, beside, onProgress)),
    download: (remote, local, onProgress) => transport.download(wire(remote), local, onProgress),
  };
  return methods;
}
