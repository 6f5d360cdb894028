/** Puts the host together: disk, processes, web server, task scheduler, SSH. State lies beside `C` in the disk's folder. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Shell, type Streams } from './cmd/interpreter.ts';
import { Disk } from './disk.ts';
import type { Program, SiteSeed, WindowsHost, WindowsHostOptions } from './host.ts';
import { Iis } from './iis.ts';
import { Processes, type Process } from './processes.ts';
import { computer, shellWorld, system32, windowsPrograms } from './programs/index.ts';
import { startSsh } from './ssh.ts';
import { Tasks } from './tasks.ts';

/** Starts the host: sites that were started when it was stopped start again; jobs that ran are gone. */
export async function startWindowsHost(options: WindowsHostOptions): Promise<WindowsHost> {
  const disk = new Disk(options.disk);
  const home = `C:\\Users\\${options.user}`;
  for (const folder of [home, 'C:\\Windows\\Temp', `${system32}\\inetsrv`])
    mkdirSync(disk.real(folder), { recursive: true });

  const processes = new Processes();
  const iis = new Iis(join(options.disk, 'iis.json'), disk, processes, options.runSite);
  const programs = new Map<string, Program>();
  const world = shellWorld(disk, processes, programs, options.refuseLink);
  const from = {
    env: new Map(
      Object.entries({
        OS: 'Windows_NT',
        COMPUTERNAME: computer,
        USERNAME: options.user,
        USERPROFILE: home,
        TEMP: 'C:\\Windows\\Temp',
        SYSTEMROOT: 'C:\\Windows',
        WINDIR: 'C:\\Windows',
        COMSPEC: `${system32}\\cmd.exe`,
        PATH: `${system32};C:\\Windows;${system32}\\WindowsPowerShell\\v1.0`,
        PATHEXT: '.COM;.EXE;.BAT;.CMD',
      }),
    ),
    cwd: home,
    codePage: options.codePage ?? 65001,
  };
  const silent: Streams = { stdin: Buffer.alloc(0), out: () => {}, err: () => {} };
  /** A task's command is a command line of its own, not one of cmd. */
  const runTask = (command: string, process: Process): Promise<number> => {
    const shell = new Shell(world, process, { ...from, cwd: system32 });
    const word = /^"([^"]*)"|^(\S+)/.exec(command);
    const image = world.find(word?.[1] ?? word?.[2] ?? '', shell);
    return image === undefined ? Promise.resolve(2) : world.launch(command, image, shell, silent, process);
  };
  const tasks = new Tasks(join(options.disk, 'tasks.json'), processes, runTask);
  for (const [path, program] of Object.entries({
    ...windowsPrograms({ disk, processes, iis, tasks: () => tasks }),
    ...options.programs,
  })) {
    const absolute = disk.absolute(path);
    programs.set(absolute.toLowerCase(), program);
    const real = disk.real(absolute);
    mkdirSync(dirname(real), { recursive: true });
    if (!existsSync(real)) writeFileSync(real, 'MZ');
  }

  const ssh = await startSsh({
    keyFile: join(options.disk, 'ssh_host_ed25519_key'),
    user: options.user,
    password: options.password,
    authorizedKeys: options.authorizedKeys ?? [],
    disk,
    execute: async (text, streams, onKill) => {
      const process = processes.start('cmd.exe', null);
      onKill(process.kill);
      try {
        return await new Shell(world, process, from).commandLine(`"${text}"`, streams);
      } finally {
        process.kill();
      }
    },
  });
  try {
    await iis.startAll();
  } catch (error) {
    await ssh.stop();
    throw error;
  }

  return {
    port: ssh.port,
    hostKey: ssh.hostKey,
    real: (path) => disk.real(path),
    processes: () => processes.list().map(({ pid, image }) => ({ pid, image })),
    kill: (pid) => processes.find(pid)?.kill(),
    hold: (path) => disk.hold(disk.real(path)),
    link: (path, target) => disk.makeLink(disk.real(path), target, 'junction'),
    addSite: (seed) => addSite(iis, seed),
    faults: { setFreeSpace: (bytes) => disk.setFree(bytes), dropConnections: ssh.dropConnections },
    stop: async () => {
      await ssh.stop();
      for (const process of processes.list()) if (process.image !== 'w3wp.exe') process.kill();
      await iis.stopAll();
    },
  };
}

async function addSite(iis: Iis, seed: SiteSeed): Promise<void> {
  if (iis.site(seed.name)) return;
  for (const name of [seed.pool, ...Object.values(seed.pools ?? {})])
    if (!iis.pool(name)) iis.pools.push({ name, runtime: 'v4.0', pipeline: 'Integrated', state: 'Started' });
  const apps = [
    { path: '/', pool: seed.pool, physicalPath: seed.folder },
    ...Object.entries(seed.applications ?? {}).map(([path, physicalPath]) => ({
      path,
      pool: seed.pools?.[path] ?? seed.pool,
      physicalPath,
    })),
  ];
  const id = Math.max(0, ...iis.sites.map((site) => site.id)) + 1;
  const site = { name: seed.name, id, bindings: seed.binding.split(','), state: 'Stopped' as const, apps };
  iis.sites.push(site);
  await iis.startSite(site);
}
