/**
 * A Windows machine on top of a transport: cmd.exe, schtasks, robocopy, certutil, fsutil, icacls, as every Windows Server has them.
 * nakat's user must be an administrator there: jobs run as SYSTEM, and appcmd needs it too.
 */
import { randomBytes } from 'node:crypto';
import { win32 } from 'node:path';
import iconv from 'iconv-lite';
import { NakatError } from '../../../runbook/errors/index.ts';
import type { MachineTarget } from '../../../runbook/targets/index.ts';
import { decodeText, type Encoding } from '../encoding.ts';
import { machineFiles } from '../files.ts';
import { runJob } from '../jobs.ts';
import type { Machine } from '../machine.ts';
import type { ExecResult, Transport } from '../transport.ts';
import { hashFiles } from './hash.ts';
import { windowsJobs } from './jobs.ts';
import { windowsLinks } from './links.ts';
import { commandLine, quotePath, setLine } from './quote.ts';
import { batchFile } from './scripts.ts';

/** All data and rights, two tries, no list of files; from 8 on something was not copied (Microsoft Learn, "robocopy"). */
const robocopyOptions = ['/E', '/COPY:DATS', '/DCOPY:DAT', '/R:2', '/W:2', '/MT:8', '/NP', '/NFL', '/NDL'];
const firstFailure = 8;

/** Makes the folder of work when it is missing, open to SYSTEM, administrators and its owner only. */
export async function windowsLayer(transport: Transport, target: MachineTarget): Promise<Machine> {
  const where = transport.name;
  const encoding: Encoding = target.via === 'ssh' ? target.encoding : 'utf8';
  const { work } = target;
  const text = (bytes: Buffer): string => decodeText(bytes, encoding);
  const failed = (command: string, { code, stdout, stderr }: ExecResult): NakatError =>
    new NakatError('COMMAND_FAILED', {
      values: { command, code: String(code) },
      where,
      vendor: text(stderr) || text(stdout),
    });
  const must = async (label: string, line: string): Promise<string> => {
    const result = await transport.exec(line, { label });
    if (result.code !== 0) throw failed(label, result);
    return text(result.stdout);
  };
  const files = machineFiles(transport, win32.dirname);

  const remove = async (path: string): Promise<void> => {
    const exact = win32.normalize(path).replace(/\\+$/, '');
    if (!/^([A-Za-z]:|\\\\[^\\]+\\[^\\]+)\\./.test(exact))
      throw new NakatError('PATH_REFUSED', { values: { path }, where });
    const found = await files.stat(exact);
    if (found === null) return;
    if (found.kind === 'file') return await transport.unlink(exact);
    // Takes links to folders, which must not be followed, and empty folders.
    if (
      await transport.rmdir(exact).then(
        () => true,
        () => false,
      )
    )
      return;
    if (found.kind === 'link') return await transport.unlink(exact);
    const { stdout, stderr } = await transport.exec(`rmdir /s /q ${quotePath(exact, 'line', where)}`, {
      label: 'rmdir',
    });
    // Its exit code says nothing: what is still there does.
    if ((await files.stat(exact)) !== null) {
      throw new NakatError('FILE_FAILED', {
        values: { path, doing: 'rmdir' },
        where,
        vendor: text(stderr) || text(stdout),
      });
    }
  };
  const jobs = windowsJobs(transport, { ...files, remove }, work, encoding);

  const machine: Machine = {
    name: where,
    os: 'windows',
    work,
    join: (...parts) => win32.join(...parts),
    ...files,
    remove,

    run: async (argv, { env, scratch = work, stdin, timeout, signal } = {}) => {
      const line = commandLine(argv, 'line', where);
      const options = {
        label: win32.basename(argv[0] ?? ''),
        timeout,
        signal,
        ...(stdin === undefined ? {} : { stdin: iconv.encode(stdin, encoding) }),
      };
      const answer = ({ code, stdout, stderr }: ExecResult) => ({ code, stdout: text(stdout), stderr: text(stderr) });
      if (env === undefined) return answer(await transport.exec(line, options));
      // Values go through a file that is gone before the program starts: command lines are for everybody to see.
      const file = win32.join(scratch, `env-${randomBytes(6).toString('hex')}.cmd`);
      const lines = Object.entries(env).map(([name, value]) => setLine(name, value, where));
      await files.writeFile(file, batchFile(lines, encoding, where), 0o600);
      try {
        const quoted = quotePath(file, 'line', where);
        return answer(await transport.exec(`call ${quoted}& del ${quoted}& ${line}`, options));
      } finally {
        await transport.unlink(file).catch(() => {});
      }
    },

    job: (name, argv, options) => runJob(jobs, name, argv, options),
    jobStatus: async (name) => {
      const { state, code } = await jobs.poll(name, { stdout: Infinity, stderr: Infinity });
      return { state, code };
    },
    forgetJob: (name) => jobs.forget(name),

    ...windowsLinks(transport, files, encoding),

    copyFolder: async (from, to, job, options) => {
      const partial = `${to}.partial`;
      const before = await machine.jobStatus(job);
      const isThere = (await files.stat(to)) !== null;
      if (isThere && before.state === 'ended' && before.code! < firstFailure && (await files.stat(partial)) === null)
        return;
      if (isThere) throw new NakatError('TARGET_EXISTS', { values: { path: to }, where });
      const usable =
        before.state === 'running' ||
        (before.state === 'ended' && before.code! < firstFailure && (await files.stat(partial)) !== null);
      if (!usable) {
        await jobs.forget(job);
        await remove(partial);
      }
      const { code, stdout, stderr } = await runJob(
        jobs,
        job,
        ['robocopy', from, partial, ...robocopyOptions],
        options,
      );
      if (code === null || code < 0 || code >= firstFailure) {
        throw new NakatError('COPY_INCOMPLETE', {
          values: { from, to, code: String(code) },
          where,
          vendor: stderr || stdout,
        });
      }
      await files.rename(partial, to);
    },

    hash: (path) => hashFiles(transport, files, work, path),

    freeSpace: async (path) => {
      if ((await files.stat(path)) === null) throw new NakatError('FILE_NOT_FOUND', { values: { path }, where });
      const drive = /^[A-Za-z]:/.exec(path)?.[0];
      if (drive === undefined)
        throw new NakatError('COMMAND_INVALID', { values: { problem: `no drive in ${path}` }, where });
      const answer = await must('fsutil', `fsutil volume diskfree ${drive}`);
      // Three lines in Windows' own language and digits in groups; the last is what this user may use.
      const numbers = [...answer.matchAll(/:[^\S\n]*(\d[\d\s.,'\u00a0\u202f]*?)[^\S\n]*(?:\(|$)/gm)].map((match) =>
        Number(match[1]!.replace(/\D/g, '')),
      );
      const free = numbers[2] ?? numbers[0];
      if (free === undefined)
        throw new NakatError('COMMAND_FAILED', { values: { command: 'fsutil', code: '0' }, where, vendor: answer });
      return free;
    },

    close: () => transport.close(),
  };

  if ((await files.stat(work)) === null) {
    await machine.makeFolder(work);
    // SYSTEM, administrators, the owner; by number, for the names differ between languages.
    const rights = ['*S-1-5-18', '*S-1-5-32-544', '*S-1-3-4'].map((who) => `${who}:(OI)(CI)F`).join(' ');
    await must('icacls', `icacls ${quotePath(work, 'line', where)} /inheritance:r /grant:r ${rights}`);
  }
  return machine;
}
