import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { InfobaseTarget, MachineTarget, SiteTarget } from '../../../runbook/targets/index.ts';

/** Targets on this machine, everything below one temporary folder. */
export function targetsIn(folder: string) {
  const machine: MachineTarget = { via: 'local', name: 'here', os: 'linux', work: join(folder, 'work') };
  const site = (name: string, redisDb: number): SiteTarget => ({
    name,
    url: `http://127.0.0.1:8081/${name}`,
    publicUrl: `http://${name}.example.test`,
    layout: 'core',
    user: 'Supervisor',
    password: { env: 'NO_PASSWORD' },
    machine,
    appcmd: '/bin/true',
    pool: name,
    folder: join(folder, 'sites', name),
    binding: `http/*:80:${name}.example.test`,
    maintenanceBinding: 'http/127.0.0.1:8081:',
    redisDb,
    backups: join(folder, 'site-backups'),
  });
  const infobase = (name: string): InfobaseTarget => ({
    name,
    machine,
    platform: '/opt/1cv8',
    at: { kind: 'file', folder: join(folder, 'bases', name) },
    user: 'admin',
    backup: 'designer',
    tables: [],
    backups: join(folder, 'infobase-backups'),
    permissionCode: 'nakat',
  });
  return { machine, site, infobase };
}

export async function writeFiles(folder: string, files: Readonly<Record<string, string | Buffer>>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
}
