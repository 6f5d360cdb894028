/**
 * `powershell.exe` as far as the vendor's `instance_upgrade.ps1` needs it: strict parameters, the documented frame of its output,
 * and exit code 0 whatever happened (the codes are not documented, so nothing may rely on them). Ended midway, it leaves what it
 * has done so far. Source: the vendor's page on the scripts, and that on the version change of an instance.
 */
import { existsSync, readdirSync, rmSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Program, ProgramIo } from '../windows/host.ts';
import { binaries, data, hasNewKeys, linked, releaseOf } from './product.ts';
import type { ComindwareBreakages } from './site.ts';
import { readFlat, textOf, type Values } from './values.ts';

export const powershell = 'C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe';

export interface ScriptOptions {
  readonly breakages: Pick<ComindwareBreakages, 'script'>;
  readonly count: (event: string) => void;
  /** Milliseconds that it takes at least. */
  readonly duration: number;
}

export const powershellProgram =
  ({ breakages, count, duration }: ScriptOptions): Program =>
  async (argv, io) => {
    const at = argv.findIndex((word) => /^-File$/i.test(word));
    const file = argv[at + 1] ?? '';
    const known = argv
      .slice(0, Math.max(at, 0))
      .every((word) => /^-(NoProfile|NonInteractive|ExecutionPolicy)$|^Bypass$/i.test(word));
    if (at < 0 || !known || !existsSync(io.real(file))) {
      io.err(`The argument '${file}' to the -File parameter does not exist.\r\n`);
      return -196608;
    }
    if (!/\\instance_upgrade\.ps1$/i.test(file)) return (io.err('not a script of this practice ground\r\n'), 1);
    const parameters = new Map<string, string>();
    for (let one = at + 2; one < argv.length; one += 2)
      parameters.set((argv[one] ?? '').replace(/^-/, '').toLowerCase(), argv[one + 1] ?? '');
    const [name, version] = [parameters.get('name'), parameters.get('version')];
    io.out('Running script instance_upgrade.\r\n');
    let status = 'Failed';
    try {
      if (name === undefined || version === undefined || parameters.size > 2)
        throw new Error('A parameter cannot be found that matches the parameter name.');
      count(`script ${name} ${version}`);
      if (breakages.script !== 'silent') await upgrade(name, version, duration, io);
      if (breakages.script !== 'failed') status = 'Completed';
      io.out('Command executed.\r\n');
    } catch (error) {
      io.out(`${error instanceof Error ? error.message : String(error)}\r\n`);
    }
    io.out(`Complete script instance_upgrade.\r\nStatus: ${status}\r\n`);
    return 0;
  };

async function upgrade(name: string, version: string, duration: number, io: ProgramIo): Promise<void> {
  const release = releaseOf(version);
  const file = io.real(`${data}\\configs\\instance\\${name}.yml`);
  const main = readFlat(file);
  if (!release) throw new Error(`Version ${version} is not installed.`);
  if (!main) throw new Error(`Instance ${name} is not found.`);
  const must = async (line: string): Promise<string> => {
    const { code, output } = await io.run(line);
    if (code !== 0) throw new Error(output.trim());
    return output;
  };
  const appcmd = 'C:\\Windows\\System32\\inetsrv\\appcmd.exe';
  const pools = [`Comindware ${name}_apigateway`, `Comindware ${name}`, `Comindware ${name}_adapterhost`];
  await must(`${appcmd} stop site "/site.name:${name}"`);
  // Stopping what is stopped is an error of appcmd.
  for (const pool of pools) await io.run(`${appcmd} stop apppool "/apppool.name:${pool}"`);
  const windowsConfig = textOf(main, 'configPath');
  const config = io.real(windowsConfig);
  const services = readServices(config);
  for (const entry of readdirSync(config)) {
    if (linked.some((link) => link === entry)) unlinkSync(join(config, entry));
    else if (statSync(join(config, entry)).isFile() && /\.(yml|json|config)$/.test(entry)) rmSync(join(config, entry));
  }
  await sleep(duration, undefined, { signal: io.signal });
  for (const [path, template] of Object.entries(release.templates)) {
    if (path === 'instance.yml') continue;
    const values = services.get(path.replace(/\.\w+$/, ''));
    writeFileSync(
      join(config, path),
      values === undefined ? template : path.endsWith('.json') ? `${JSON.stringify(values, null, 2)}\n` : flat(values),
    );
  }
  for (const link of linked) await must(`mklink /J "${windowsConfig}\\${link}" "${binaries}\\${version}\\${link}"`);
  writeFileSync(file, flat({ ...renamed(main, version), version }));
  for (const pool of pools) await must(`${appcmd} start apppool "/apppool.name:${pool}"`);
  await must(`${appcmd} start site "/site.name:${name}"`);
}

function readServices(config: string): Map<string, Values> {
  const found = new Map<string, Values>();
  for (const name of ['adapterhost', 'apigateway']) {
    const values = readFlat(join(config, `${name}.json`)) ?? readFlat(join(config, `${name}.yml`));
    if (values) found.set(name, values);
  }
  return found;
}

const newNames: Readonly<Record<string, string>> = {
  instanceName: 'clusterName',
  elasticsearchUri: 'journal.server',
  databasePath: 'db.workDir',
  databaseName: 'db.name',
  streamsPath: 'userStorage.localDisk.path',
  tempPath: 'tempStorage.localDisk.path',
};
const renamed = (main: Values, version: string): Values =>
  hasNewKeys(version)
    ? Object.fromEntries(Object.entries(main).map(([key, value]) => [newNames[key] ?? key, value]))
    : main;

const flat = (values: Values): string =>
  Object.entries(values)
    .map(([key, value]) => `${key}: ${typeof value === 'string' ? JSON.stringify(value) : String(value)}\n`)
    .join('');
