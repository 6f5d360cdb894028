/**
 * SHA-256 of files on the machine itself, by certutil: on every Windows (Microsoft Learn, "certutil"). It has to be started once for
 * each file, so batch files do many in one go, some of them at once. It refuses empty files, whose digest is known anyway.
 */
import { createHash } from 'node:crypto';
import { win32 } from 'node:path';
import { NakatError } from '../../../runbook/errors/index.ts';
import { decodeText } from '../encoding.ts';
import type { FileStat, Machine } from '../machine.ts';
import type { Transport } from '../transport.ts';
import { quotePath } from './quote.ts';
import { batchFile } from './scripts.ts';

const sha256OfNothing = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
/** Files for one batch file; batch files at once. */
const share = 200;
const lanes = 4;

type Files = Pick<Machine, 'stat' | 'list' | 'writeFile'>;
type Hashes = Awaited<ReturnType<Machine['hash']>>;

export async function hashFiles(transport: Transport, files: Files, work: string, path: string): Promise<Hashes> {
  const where = transport.name;
  const root = await files.stat(path);
  if (root === null) throw new NakatError('FILE_NOT_FOUND', { values: { path }, where });
  const found = root.kind === 'folder' ? await walk(files, path) : new Map([['', root]]);
  const result = new Map<string, { size: number; sha256: string }>();
  const left: string[] = [];
  for (const [name, { size, kind }] of found) {
    if (size === 0 && kind === 'file') result.set(name, { size, sha256: sha256OfNothing });
    else left.push(name);
  }
  const lane = async (): Promise<void> => {
    for (let names = left.splice(0, share); names.length > 0; names = left.splice(0, share)) {
      const digests = await certutil(
        transport,
        files,
        work,
        names.map((name) => (name === '' ? path : win32.join(path, name))),
      );
      names.forEach((name, at) => result.set(name, { size: found.get(name)!.size, sha256: digests[at]! }));
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return new Map([...result].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** All but folders, by path with `/`. Links are among them: certutil follows one to a file and refuses one to a folder. */
async function walk(files: Files, root: string): Promise<Map<string, FileStat>> {
  const found = new Map<string, FileStat>();
  for (let level = ['']; level.length > 0;) {
    const below: string[] = [];
    const lane = async (): Promise<void> => {
      for (let folder = level.pop(); folder !== undefined; folder = level.pop()) {
        for (const { name, stat } of await files.list(win32.join(root, folder))) {
          const path = folder === '' ? name : `${folder}/${name}`;
          if (stat.kind === 'folder') below.push(path);
          else found.set(path, stat);
        }
      }
    };
    await Promise.all(Array.from({ length: 8 }, lane));
    level = below;
  }
  return found;
}

async function certutil(transport: Transport, files: Files, work: string, paths: readonly string[]): Promise<string[]> {
  const where = transport.name;
  const lines = paths.map((path, at) => `echo #${at}& certutil -hashfile ${quotePath(path, 'batch', where)} SHA256`);
  // Named by its content: what a killed worker has left behind, the next attempt writes over and removes.
  const name = createHash('sha256').update(lines.join('\n')).digest('hex').slice(0, 12);
  const script = win32.join(work, `hash-${name}.cmd`);
  const run = async (): Promise<string> => {
    await files.writeFile(script, batchFile(lines, 'utf8', where));
    const { stdout } = await transport.exec(`call ${quotePath(script, 'line', where)}`, { label: 'certutil' });
    return decodeText(stdout, 'utf8');
  };
  try {
    // An attempt that was given up long ago may wake and remove the script under this one: then it is written again.
    const first = await run();
    const text = /^#0\s*$/m.test(first) ? first : await run();
    const answers = new Map(text.split(/^#(?=\d+\s*$)/m).map((part) => [Number.parseInt(part, 10), part]));
    return paths.map((path, at) => {
      const answer = answers.get(at) ?? '';
      // Older releases part the bytes with spaces.
      const digest = answer
        .split(/\r?\n/)
        .map((line) => line.replaceAll(' ', ''))
        .find((line) => /^[0-9a-f]{64}$/i.test(line));
      if (digest === undefined) {
        throw new NakatError('COMMAND_FAILED', {
          values: { command: `certutil ${path}`, code: 'none' },
          where,
          vendor: answer.slice(0, 500),
        });
      }
      return digest.toLowerCase();
    });
  } finally {
    await transport.unlink(script).catch(() => {});
  }
}
