/** The programs of the host by full path, and how a program is found and started. */
import type { Disk } from '../disk.ts';
import { splitCommandLine } from '../argv.ts';
import { Shell, type Launch, type ShellWorld } from '../cmd/interpreter.ts';
import { decode } from '../encode.ts';
import { existsSync, statSync } from 'node:fs';
import type { Program } from '../host.ts';
import type { Iis } from '../iis.ts';
import type { Processes } from '../processes.ts';
import type { Tasks } from '../tasks.ts';
import { appcmdProgram } from './appcmd.ts';
import { schtasksProgram } from './schtasks.ts';
import { argvEcho, certutil, fsutil, icacls, robocopy, taskkill, tasklist } from './tools.ts';

export const system32 = 'C:\\Windows\\System32';
export const computer = 'WIN-LAB';

export interface HostParts {
  readonly disk: Disk;
  readonly processes: Processes;
  readonly iis: Iis;
  readonly tasks: () => Tasks;
}

/** What Windows brings along, by full path. */
export const windowsPrograms = ({ disk, processes, iis, tasks }: HostParts): Record<string, Program> => ({
  [`${system32}\\inetsrv\\appcmd.exe`]: appcmdProgram(iis),
  [`${system32}\\schtasks.exe`]: (argv, io) => schtasksProgram(tasks(), computer)(argv, io),
  [`${system32}\\certutil.exe`]: certutil,
  [`${system32}\\robocopy.exe`]: robocopy(disk),
  [`${system32}\\icacls.exe`]: icacls,
  [`${system32}\\fsutil.exe`]: fsutil(disk),
  [`${system32}\\tasklist.exe`]: tasklist(processes),
  [`${system32}\\taskkill.exe`]: taskkill(processes),
  [`${system32}\\hostname.exe`]: async (_argv, io) => (io.out(`${computer}\r\n`), 0),
  [`${system32}\\argv-echo.exe`]: argvEcho,
});

/** `programs`: by full path in lower case. */
export function shellWorld(
  disk: Disk,
  processes: Processes,
  programs: ReadonlyMap<string, Program>,
  refuseLink: ShellWorld['refuseLink'] = () => undefined,
): ShellWorld {
  const isFile = (path: string): boolean => {
    const real = disk.real(path);
    return existsSync(real) && statSync(real).isFile();
  };
  const cmd = `${system32}\\cmd.exe`;
  const at = (path: string): string | undefined => {
    const names = /\.(exe|cmd|bat|com)$/i.test(path) ? [path] : [`${path}.exe`, `${path}.cmd`, `${path}.bat`];
    return names.find((name) =>
      /\.(cmd|bat)$/i.test(name)
        ? isFile(name)
        : programs.has(name.toLowerCase()) || name.toLowerCase() === cmd.toLowerCase(),
    );
  };
  const find: ShellWorld['find'] = (word, shell) => {
    if (/[\\/:]/.test(word)) return at(disk.absolute(word, shell.cwd));
    const path = [shell.cwd, ...(shell.env.get('PATH') ?? '').split(';')];
    return path.map((folder) => at(disk.absolute(word, folder))).find((found) => found !== undefined);
  };
  const launch: Launch = async (commandLine, image, shell, streams, process) => {
    if (image.toLowerCase() === cmd.toLowerCase()) {
      const text = /\s\/c\s*([\s\S]*)$/i.exec(commandLine)?.[1];
      if (text === undefined) return 0;
      return await new Shell(world, process, shell).commandLine(text, streams);
    }
    const program = programs.get(image.toLowerCase());
    if (!program) return 1;
    const ended = new Promise<number>((resolve) =>
      process.signal.addEventListener('abort', () => resolve(1), { once: true }),
    );
    const running = program(splitCommandLine(commandLine).slice(1), {
      cwd: shell.cwd,
      env: Object.fromEntries(shell.env),
      stdin: decode(streams.stdin, shell.codePage),
      out: (text) => !process.signal.aborted && shell.say(text, streams.out),
      err: (text) => !process.signal.aborted && shell.say(text, streams.err),
      real: (path) => shell.real(path),
      signal: process.signal,
      run: async (line) => {
        const chunks: Buffer[] = [];
        const sink = (bytes: Buffer): void => void chunks.push(bytes);
        const child = new Shell(world, process, shell);
        const code = await child.commandLine(line, { stdin: Buffer.alloc(0), out: sink, err: sink });
        return { code, output: decode(Buffer.concat(chunks), shell.codePage) };
      },
    });
    return await Promise.race([running, ended]);
  };
  const world: ShellWorld = { disk, processes, find, launch, refuseLink };
  return world;
}
