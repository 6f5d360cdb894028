/** A Windows-like host on a folder of its own, and the real connection to it. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { connectMachine } from '../../../activities/machines/connect.ts';
import type { Machine } from '../../../activities/machines/machine.ts';
import {
  startWindowsHost,
  type Program,
  type RunningSite,
  type WindowsHost,
  type WindowsHostOptions,
} from '../../../lab/windows/host.ts';
import type { MachineTarget } from '../../../runbook/targets/index.ts';

export const password = 'pässword 100%';
export const windowsUser = 'nakat';
process.env['NAKAT_TEST_WINDOWS_PASSWORD'] = password;

/** Prints its environment's variable of that name. */
const printEnv: Program = async ([name = ''], io) => (io.out(io.env[name] ?? ''), 0);
/** Runs until its file is there, then ends with the code in it. Says `ready` first and counts its starts. */
const waitFor: Program = async ([file = '', starts = ''], io) => {
  const { appendFileSync, existsSync, readFileSync } = await import('node:fs');
  if (starts !== '') appendFileSync(io.real(starts), 'x');
  io.out('ready\r\n');
  while (!io.signal.aborted && !existsSync(io.real(file))) await new Promise((next) => setTimeout(next, 20));
  if (io.signal.aborted) return 1;
  io.out('привет\r\n');
  return Number(readFileSync(io.real(file), 'utf8'));
};
const stdinEcho: Program = async (_argv, io) => (io.out(io.stdin), 0);

export const testPrograms: Record<string, Program> = {
  'C:\\Program Files\\Test\\print-env.exe': printEnv,
  'C:\\Program Files\\Test\\wait-for.exe': waitFor,
  'C:\\Program Files\\Test\\stdin-echo.exe': stdinEcho,
};
export const tool = (name: string): string => `C:\\Program Files\\Test\\${name}.exe`;

export interface Fixture {
  readonly disk: string;
  host: WindowsHost;
  readonly served: Map<string, RunningSite>;
  target(extra?: { encoding?: 'utf8' | 'cp866'; work?: string }): MachineTarget;
  connect(extra?: { encoding?: 'utf8' | 'cp866'; work?: string }): Promise<Machine>;
  write(path: string, content: string): void;
  /** As after a power cut. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export async function startFixture(extra: Partial<WindowsHostOptions> = {}): Promise<Fixture> {
  const disk = mkdtempSync(join(tmpdir(), 'nakat-windows-'));
  const served = new Map<string, RunningSite>();
  const machines: Machine[] = [];
  const options: WindowsHostOptions = {
    disk,
    user: windowsUser,
    password,
    programs: testPrograms,
    runSite: async (site) => {
      served.set(site.name, site);
      return { stop: async () => void served.delete(site.name) };
    },
    ...extra,
  };
  const fixture: Fixture = {
    disk,
    host: await startWindowsHost(options),
    served,
    target: ({ encoding = 'utf8', work = 'C:\\nakat' } = {}) => ({
      via: 'ssh',
      name: 'app01',
      os: 'windows',
      host: '127.0.0.1',
      port: fixture.host.port,
      user: windowsUser,
      hostKeys: [fixture.host.hostKey],
      auth: { password: { env: 'NAKAT_TEST_WINDOWS_PASSWORD' } },
      work,
      encoding,
    }),
    connect: async (connection) => {
      const secret = async (): Promise<string> => password;
      const machine = await connectMachine(fixture.target(connection), {
        secret,
        signal: new AbortController().signal,
      });
      machines.push(machine);
      return machine;
    },
    write: (path, content) => {
      mkdirSync(dirname(fixture.host.real(path)), { recursive: true });
      writeFileSync(fixture.host.real(path), content);
    },
    restart: async () => {
      await fixture.host.stop();
      fixture.host = await startWindowsHost(options);
    },
    stop: async () => {
      await Promise.allSettled(machines.map((machine) => machine.close()));
      await fixture.host.stop();
      rmSync(disk, { recursive: true, force: true });
    },
  };
  return fixture;
}
