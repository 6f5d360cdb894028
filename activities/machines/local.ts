/** The worker's own machine. */
import { spawn } from 'node:child_process';
import { NakatError } from '../../runbook/errors/index.ts';
import type { MachineTarget } from '../../runbook/targets/index.ts';
import { localFiles } from './local-files.ts';
import type { ExecOptions, ExecResult, Transport } from './transport.ts';

export function localTransport(target: Pick<MachineTarget, 'name' | 'os'>): Transport {
  return {
    name: target.name,
    exec: (commandLine, options) => execute(target, commandLine, options),
    ...localFiles(target.name),
    close: async () => {},
  };
}

function execute(
  target: Pick<MachineTarget, 'name' | 'os'>,
  commandLine: string,
  { stdin, timeout, signal, label = 'a command' }: ExecOptions = {},
): Promise<ExecResult> {
  const windows = target.os === 'windows';
  // Its own group, so that a time-out ends the whole of it. On Windows the shell would open a window instead.
  const child = windows
    ? spawn('cmd.exe', ['/d', '/s', '/c', `"${commandLine}"`], { windowsVerbatimArguments: true, windowsHide: true })
    : spawn('/bin/sh', ['-c', commandLine], { detached: true });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  return new Promise((resolve, reject) => {
    const stop = (code: 'COMMAND_TIMEOUT' | 'COMMAND_CANCELLED'): void => {
      cleanUp();
      reject(new NakatError(code, { values: { command: label, seconds: timeout ?? 0 }, where: target.name }));
      end(child.pid, windows);
    };
    const aborted = (): void => stop('COMMAND_CANCELLED');
    const timer = timeout === undefined ? undefined : setTimeout(() => stop('COMMAND_TIMEOUT'), timeout * 1000);
    const cleanUp = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', aborted);
    };
    child.stdout.on('data', (piece: Buffer) => stdout.push(piece));
    child.stderr.on('data', (piece: Buffer) => stderr.push(piece));
    // The program ended without reading its input: its exit code says whether that was right.
    child.stdin.on('error', () => {});
    child.once('error', (error) => {
      cleanUp();
      const values = { command: label, code: 'none' };
      reject(new NakatError('COMMAND_FAILED', { values, where: target.name, vendor: error.message, cause: error }));
    });
    child.once('close', (code) => {
      cleanUp();
      resolve({ code, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr) });
    });
    if (signal?.aborted) return aborted();
    signal?.addEventListener('abort', aborted, { once: true });
    child.stdin.end(stdin);
  });
}

function end(pid: number | undefined, windows: boolean): void {
  if (pid === undefined) return;
  if (windows)
    return void spawn('taskkill', ['/pid', String(pid), '/t', '/f'], { windowsHide: true }).on('error', () => {});
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It was gone already.
  }
}
