/**
 * Jobs on Windows are scheduled tasks: what an SSH session starts ends with it (Win32-OpenSSH, w32-doexec.c).
 * `<work>\jobs\<name>\` holds `run.cmd`, `stdout`, `stderr`, `started` (a folder) and, at the end, `exit`.
 *
 * The script claims the job by making the folder `started`, which one of two can: a task that was started twice runs once, and a
 * job whose starter died before that is simply started again. Every starter has a token, and its own file of secret variables
 * by it; in `started` lies the token that won.
 */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { win32 } from 'node:path';
import { isNakatError, NakatError } from '../../../runbook/errors/index.ts';
import type { Encoding } from '../encoding.ts';
import type { JobDriver } from '../jobs.ts';
import type { Machine } from '../machine.ts';
import type { Transport } from '../transport.ts';
import { commandLine, quotePath, setLine } from './quote.ts';
import { batchFile } from './scripts.ts';
import { taskScheduler } from './tasks.ts';

/** Bytes of each output in one poll. */
const piece = 4 * 1024 * 1024;
/** Milliseconds that a task may take to start, or to end once it was told to. */
const patience = 30_000;

type Files = Pick<Machine, 'stat' | 'list' | 'makeFolder' | 'readFile' | 'remove'>;

export function windowsJobs(transport: Transport, files: Files, work: string, encoding: Encoding): JobDriver {
  const where = transport.name;
  const tasks = taskScheduler(transport, encoding);
  const folder = (name: string): string => {
    if (!/^[A-Za-z0-9][A-Za-z0-9_.-]{0,120}$/.test(name)) {
      throw new NakatError('COMMAND_INVALID', { values: { problem: `job name ${JSON.stringify(name)}` }, where });
    }
    return win32.join(work, 'jobs', name);
  };
  const has = async (name: string, file: string): Promise<boolean> =>
    (await files.stat(win32.join(folder(name), file))) !== null;
  const until = async (done: () => Promise<boolean>): Promise<boolean> => {
    for (const end = Date.now() + patience; Date.now() < end; await sleep(100)) if (await done()) return true;
    return false;
  };
  /** What was written after an offset. The transport reads from the beginning only; so it is asked only when there is more. */
  const after = async (path: string, offset: number): Promise<Buffer> => {
    const size = (await files.stat(path))?.size ?? 0;
    if (size <= offset) return Buffer.alloc(0);
    return (await files.readFile(path, Math.min(size, offset + piece))).subarray(offset);
  };

  const driver: JobDriver = {
    machine: where,
    encoding,
    folder,
    start: async (name, argv, { env = {}, cwd }) => {
      const at = folder(name);
      if (await has(name, 'started')) return;
      if (cwd !== undefined && (await files.stat(cwd)) === null)
        throw new NakatError('FILE_NOT_FOUND', { values: { path: cwd }, where });
      const script = [
        'mkdir "%~dp0started" 2>nul || exit /b 75',
        'mkdir "%~dp0started\\%1"',
        `cd /d ${cwd === undefined ? '"%~dp0"' : quotePath(cwd, 'batch', where)}`,
        'if exist "%~dp0env-%1.cmd" call "%~dp0env-%1.cmd"',
        'del "%~dp0env-*.cmd" 2>nul',
        `${commandLine(argv, 'batch', where)} <nul >"%~dp0stdout" 2>"%~dp0stderr"`,
        '>"%~dp0exit.new" echo %errorlevel%',
        'move /y "%~dp0exit.new" "%~dp0exit" >nul',
      ];
      const token = randomBytes(6).toString('hex');
      const variablesFile = win32.join(at, `env-${token}.cmd`);
      await files.makeFolder(at);
      try {
        const variables = Object.entries(env).map(([key, value]) => setLine(key, value, where));
        if (variables.length > 0) await transport.write(variablesFile, batchFile(variables, encoding, where), 0o600);
        const beside = win32.join(at, `run-${token}.cmd`);
        await transport.write(beside, batchFile(script, encoding, where), 0o600);
        await transport.rename(beside, win32.join(at, 'run.cmd'));
        await tasks.start(name, `cmd.exe /d /c call ${quotePath(win32.join(at, 'run.cmd'), 'line', where)} ${token}`);
      } catch (error) {
        await transport.unlink(variablesFile).catch(() => {});
        // Another one started it meanwhile and holds the script.
        if (isNakatError(error) && error.code !== 'COMMAND_INVALID' && (await has(name, 'started'))) return;
        throw error;
      }
      const winner = async (): Promise<string | undefined> =>
        (await has(name, 'started')) ? (await files.list(win32.join(at, 'started')))[0]?.name : undefined;
      if (!(await until(async () => (await winner()) !== undefined))) {
        throw new NakatError('JOB_NOT_STARTED', { values: { job: name, folder: at }, where });
      }
      if ((await winner()) !== token) await transport.unlink(variablesFile).catch(() => {});
    },
    poll: async (name, offsets) => {
      const at = folder(name);
      const ended = async (): Promise<boolean> => await has(name, 'exit');
      // Whether it lives is asked before the exit code is asked again: what was gone then had written it before, or never will.
      const state = !(await has(name, 'started'))
        ? 'absent'
        : (await ended())
          ? 'ended'
          : (await tasks.isRunning(name))
            ? 'running'
            : (await ended())
              ? 'ended'
              : 'lost';
      if (state === 'absent') return { state, code: null, stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) };
      const code =
        state === 'ended'
          ? Number.parseInt((await files.readFile(win32.join(at, 'exit'))).toString('latin1'), 10)
          : null;
      return {
        state,
        code,
        stdout: await after(win32.join(at, 'stdout'), offsets.stdout),
        stderr: await after(win32.join(at, 'stderr'), offsets.stderr),
      };
    },
    end: async (name) => {
      await tasks.end(name);
      if (!(await until(async () => !(await tasks.isRunning(name))))) {
        throw new NakatError('COMMAND_FAILED', { values: { command: 'schtasks /end', code: '0' }, where });
      }
    },
    forget: async (name) => {
      const at = folder(name);
      if ((await files.stat(at)) === null) return;
      await driver.end(name);
      await tasks.remove(name);
      await files.remove(at);
    },
  };
  return driver;
}
