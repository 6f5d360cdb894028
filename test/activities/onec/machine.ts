/** A Windows-like machine inside the test's process: lab programs, files in a folder, jobs that can be killed and lost. */
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { NakatError } from '../../../runbook/errors/index.ts';
import type { CommandResult, FileStat, Machine } from '../../../activities/machines/machine.ts';
import type { Program } from '../../../lab/windows/host.ts';

interface Job {
  argv: readonly string[];
  kill: AbortController;
  ended: Promise<CommandResult>;
  result?: CommandResult;
  lost: boolean;
}

export interface TestMachine extends Machine {
  real(path: string): string;
  /** Command lines of all programs that were started, jobs included. */
  readonly started: string[][];
  readonly jobs: Map<string, Job>;
  /** The machine lost power: the job is gone and left no exit code. */
  lose(name: string): Promise<void>;
}

export function testMachine(disk: string, programs: Readonly<Record<string, Program>>): TestMachine {
  const real = (path: string): string => join(disk, path.replace(/^([A-Z]):\\?/i, '$1/').replaceAll('\\', '/'));
  const started: string[][] = [];
  const jobs = new Map<string, Job>();
  const byPath = new Map(
    Object.entries({
      ...programs,
      hostname: async (_argv: readonly string[], io: { out(text: string): void }) => (io.out('app01\r\n'), 0),
    }),
  );
  for (const path of Object.keys(programs)) {
    mkdirSync(dirname(real(path)), { recursive: true });
    writeFileSync(real(path), '');
  }

  const start = async (
    argv: readonly string[],
    signal: AbortSignal,
    env: Readonly<Record<string, string>> = {},
  ): Promise<CommandResult> => {
    started.push([...argv]);
    const program = byPath.get(argv[0]!);
    if (!program) return { code: 9009, stdout: '', stderr: `${argv[0]} is not recognized` };
    let stdout = '';
    let stderr = '';
    const io = {
      cwd: 'C:\\',
      env,
      stdin: '',
      out: (text: string) => void (stdout += text),
      err: (text: string) => void (stderr += text),
      real,
      signal,
    };
    return { code: await program(argv.slice(1), io), stdout, stderr };
  };
  const toStat = (path: string): FileStat | null => {
    if (!existsSync(path)) return null;
    const found = statSync(path);
    return { kind: found.isDirectory() ? 'folder' : 'file', size: found.size, modified: found.mtimeMs };
  };
  const never = (): never => {
    throw new Error('not needed here');
  };

  return {
    name: 'app01',
    os: 'windows',
    work: 'C:\\nakat',
    real,
    started,
    jobs,
    join: (...parts) => parts.join('\\'),
    run: (argv, { env } = {}) => start(argv, new AbortController().signal, env),
    async job(name, argv, options = {}) {
      let job = jobs.get(name);
      if (job?.lost) throw new NakatError('ONEC_FAILED', { vendor: 'JOB_LOST' });
      if (!job) {
        const kill = new AbortController();
        const made: Job = { argv, kill, lost: false, ended: start(argv, kill.signal, options.env) };
        void made.ended.then((result) => (made.result = result));
        jobs.set(name, (job = made));
      }
      const aborted = new Promise<'aborted'>((done) => {
        if (options.signal?.aborted) done('aborted');
        options.signal?.addEventListener('abort', () => done('aborted'), { once: true });
      });
      const result = await Promise.race([job.ended, aborted]);
      if (result !== 'aborted') return result;
      if (!options.leaveRunning?.()) await this.forgetJob(name);
      throw new Error('cancelled');
    },
    jobStatus: async (name) => {
      const job = jobs.get(name);
      if (!job) return { state: 'absent', code: null };
      if (job.lost) return { state: 'lost', code: null };
      return job.result ? { state: 'ended', code: job.result.code } : { state: 'running', code: null };
    },
    async forgetJob(name) {
      jobs.get(name)?.kill.abort();
      await jobs.get(name)?.ended;
      jobs.delete(name);
    },
    async lose(name) {
      const job = jobs.get(name)!;
      job.kill.abort();
      await job.ended;
      job.lost = true;
    },
    stat: async (path) => toStat(real(path)),
    list: async (path) => readdirSync(real(path)).map((name) => ({ name, stat: toStat(join(real(path), name))! })),
    makeFolder: async (path) => void mkdirSync(real(path), { recursive: true }),
    readFile: async (path, limit) => readFileSync(real(path)).subarray(0, limit),
    async writeFile(path, content, mode) {
      writeFileSync(`${real(path)}.new`, content, { mode });
      renameSync(`${real(path)}.new`, real(path));
    },
    rename: async (from, to) => renameSync(real(from), real(to)),
    remove: async (path) => rmSync(real(path), { recursive: true, force: true }),
    upload: async (local, remote) => copyFileSync(local, real(remote)),
    download: async (remote, local) => copyFileSync(real(remote), local),
    copyFolder: async (from, to) => cpSync(real(from), real(to), { recursive: true }),
    hash: async (path) => {
      const bytes = readFileSync(real(path));
      return new Map([['', { size: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') }]]);
    },
    links: never,
    makeLink: never,
    removeLink: never,
    freeSpace: never,
    close: async () => undefined,
  };
}
