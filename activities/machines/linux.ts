/** A Linux machine on top of a transport. Needs GNU coreutils, findutils and grep, and util-linux's setsid, as distributions have. */
import { posix } from 'node:path';
import { NakatError } from '../../runbook/errors/index.ts';
import type { MachineTarget } from '../../runbook/targets/index.ts';
import { decodeText, type Encoding } from './encoding.ts';
import { machineFiles } from './files.ts';
import { runJob } from './jobs.ts';
import { failed, linuxJobs } from './linux-jobs.ts';
import { linuxLinks } from './linux-links.ts';
import type { Machine } from './machine.ts';
import { commandLine, envLine, readEnv } from './sh.ts';
import type { ExecOptions, ExecResult, Transport } from './transport.ts';

/** Copied beside under another name; the name itself appears when all is there and on the disk. */
const copy = `
if [ -e "$2" ] || [ -h "$2" ]; then exit 73; fi
rm -rf -- "$2.partial" && mkdir -p -- "$(dirname -- "$2")" && cp -a --reflink=auto -T -- "$1" "$2.partial" || exit
sync -f -- "$2.partial" && mv -T -- "$2.partial" "$2"
`;
const copyTargetExists = 73;

/** `<size> <path>` of every file, ended by NUL each; a single file has the empty path. First the number of processors. */
const findFiles = `
[ -e "$1" ] || exit 44
nproc 2>/dev/null || echo 1
exec find -H "$1" -type f -printf '%s %P\\0'
`;
const notThere = 44;
/** Programs that hash at once, at most. */
const hashers = 4;

/** Makes the folder of work when it is missing. */
export async function linuxLayer(transport: Transport, target: MachineTarget): Promise<Machine> {
  const where = transport.name;
  const encoding: Encoding = target.via === 'ssh' ? target.encoding : 'utf8';
  const jobs = { ...linuxJobs(transport, target.work), encoding };

  const exec = (argv: readonly string[], options: ExecOptions = {}): Promise<ExecResult> =>
    transport.exec(`exec ${commandLine(argv, where)}`, { label: posix.basename(argv[0] ?? ''), ...options });
  /** A tool that must succeed. */
  const must = async (argv: readonly string[], options?: ExecOptions): Promise<Buffer> => {
    const result = await exec(argv, options);
    return result.code === 0 ? result.stdout : failed(posix.basename(argv[0] ?? ''), result, where);
  };

  const files = machineFiles(transport, posix.dirname);
  const machine: Machine = {
    name: where,
    os: 'linux',
    work: target.work,
    join: posix.join,
    ...files,

    run: async (argv, { env, stdin = '', ...options } = {}) => {
      const label = posix.basename(argv[0] ?? '');
      const result = env
        ? await exec(['/bin/sh', '-c', `${readEnv}; exec "$@"`, 'nakat', ...argv], {
            ...options,
            label,
            stdin: envLine(env, where) + stdin,
          })
        : await exec(argv, { ...options, stdin });
      const text = (bytes: Buffer): string => decodeText(bytes, encoding);
      return { code: result.code, stdout: text(result.stdout), stderr: text(result.stderr) };
    },

    job: (name, argv, options) => runJob(jobs, name, argv, options),
    jobStatus: async (name) => {
      const { state, code } = await jobs.poll(name, { stdout: 0, stderr: 0 });
      return { state, code };
    },
    forgetJob: jobs.forget,

    remove: async (path) => {
      // `rm` does not follow a link, unless its name ends with a slash.
      const exact = path.replace(/\/+$/, '');
      if (!exact.startsWith('/') || posix.normalize(exact) === '/') {
        throw new NakatError('PATH_REFUSED', { values: { path }, where });
      }
      await must(['rm', '-rf', '--', exact]);
    },

    ...linuxLinks(transport, { stat: files.stat, must }),

    copyFolder: async (from, to, job, options) => {
      const before = await jobs.poll(job, { stdout: 0, stderr: 0 });
      const copied = (await files.stat(to)) !== null;
      // Only a whole copy gets the name, so one that is there after a power cut is whole too.
      if (copied && (before.state === 'lost' || (before.state === 'ended' && before.code === 0))) return;
      if (before.state === 'lost' || before.state === 'ended') await jobs.forget(job);
      const { code, stderr } = await runJob(jobs, job, ['/bin/sh', '-c', copy, 'copy', from, to], options);
      if (code === 0) return;
      if (code === copyTargetExists) throw new NakatError('TARGET_EXISTS', { values: { path: to }, where });
      throw new NakatError('COPY_INCOMPLETE', { values: { from, to, code: String(code) }, where, vendor: stderr });
    },

    hash: async (path) => {
      const found = await exec(['/bin/sh', '-c', findFiles, 'nakat', path], { label: 'find' });
      if (found.code === notThere) throw new NakatError('FILE_NOT_FOUND', { values: { path }, where });
      if (found.code !== 0) failed('find', found, where);
      const { processors, sizes } = parseFiles(found.stdout);
      const digests = await Promise.all(
        shares(sizes, Math.min(processors, hashers)).map((names) => {
          const single = names[0] === '';
          const list = Buffer.from(
            names.map((name) => `${single ? path : `./${name}`}\0`).join(''),
            single ? 'utf8' : 'latin1',
          );
          const script = single ? '' : 'cd -- "$1" && ';
          return must(['/bin/sh', '-c', `${script}exec xargs -0 -r sha256sum -z --`, 'nakat', path], {
            stdin: list,
            label: 'sha256sum',
          });
        }),
      );
      const result = new Map<string, { size: number; sha256: string }>();
      for (const line of Buffer.concat(digests).toString('latin1').split('\0').slice(0, -1)) {
        const name = sizes.has('') ? '' : line.slice(68);
        result.set(Buffer.from(name, 'latin1').toString('utf8'), {
          size: sizes.get(name) ?? 0,
          sha256: line.slice(0, 64),
        });
      }
      return new Map([...result].sort(([a], [b]) => (a < b ? -1 : 1)));
    },

    freeSpace: async (path) => {
      if ((await files.stat(path)) === null) throw new NakatError('FILE_NOT_FOUND', { values: { path }, where });
      const answer = (await must(['df', '-Pk', '--', path])).toString();
      const available = /\s\d+\s+\d+\s+(\d+)\s+\d+%\s/.exec(answer)?.[1];
      if (available === undefined)
        throw new NakatError('COMMAND_FAILED', { values: { command: 'df', code: '0' }, where, vendor: answer });
      return Number(available) * 1024;
    },

    close: () => transport.close(),
  };
  await machine.makeFolder(target.work);
  return machine;
}

/** File names are bytes on Linux: kept as latin1, one character for each byte, until the very end. */
function parseFiles(found: Buffer): { processors: number; sizes: Map<string, number> } {
  const text = found.toString('latin1');
  const first = text.indexOf('\n');
  const sizes = new Map<string, number>();
  for (const entry of text
    .slice(first + 1)
    .split('\0')
    .slice(0, -1)) {
    const space = entry.indexOf(' ');
    sizes.set(entry.slice(space + 1), Number(entry.slice(0, space)));
  }
  return { processors: Math.max(1, Number(text.slice(0, first))), sizes };
}

/** The files in so many shares of about the same weight; a file costs something even when it is empty. */
function shares(sizes: ReadonlyMap<string, number>, count: number): string[][] {
  const all = Array.from({ length: count }, () => ({ names: [] as string[], weight: 0 }));
  for (const [name, size] of [...sizes].sort(([, a], [, b]) => b - a)) {
    const lightest = all.reduce((least, one) => (one.weight < least.weight ? one : least));
    lightest.names.push(name);
    lightest.weight += size + 50_000;
  }
  return all.map(({ names }) => names).filter((names) => names.length > 0);
}
