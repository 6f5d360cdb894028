/** What people use instead: ansible-core and pyinfra, from PyPI, in an environment of their own in the cache folder. */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SshTarget } from '../activities/machines/ssh-connection.ts';
import { cacheFolder } from '../workers/folders.ts';

const versions = { 'ansible-core': '2.19.14', pyinfra: '3.10.0' };

export interface Peer {
  readonly name: string;
  run(): Promise<void>;
}

/** The peers, or why there are none. */
export async function peers(
  folder: string,
  target: SshTarget,
  hostKey: string,
  count: number,
): Promise<{ peers: Peer[]; missing?: string }> {
  let bin: string;
  try {
    bin = join(await environment(), 'bin');
  } catch (error) {
    return { peers: [], missing: `ansible-core and pyinfra could not be had: ${(error as Error).message}` };
  }
  const key = (target.auth as { key: { file: string } }).key.file;
  const file = (name: string): string => join(folder, name);
  await writeFile(file('known_hosts'), `[${target.host}]:${target.port} ${readFileSync(hostKey, 'utf8')}`);
  await writeFile(file('ansible.cfg'), '[ssh_connection]\npipelining = True\n');
  await writeFile(
    file('inventory.ini'),
    `t ansible_host=${target.host} ansible_port=${target.port} ansible_user=${target.user} ansible_ssh_private_key_file=${key} ` +
      `ansible_ssh_common_args='-o UserKnownHostsFile=${file('known_hosts')}' ansible_python_interpreter=${join(bin, 'python3')}\n`,
  );
  const tasks = Array.from({ length: count }, () => '    - ansible.builtin.command: /bin/true\n').join('');
  await writeFile(file('play.yml'), `- hosts: t\n  gather_facts: false\n  tasks:\n${tasks}`);
  const operations = Array.from(
    { length: count },
    (_, index) => `server.shell(name="step ${index}", commands=["/bin/true"])\n`,
  );
  await writeFile(file('deploy.py'), `from pyinfra.operations import server\n${operations.join('')}`);

  const env = { ANSIBLE_CONFIG: file('ansible.cfg'), ANSIBLE_HOME: file('ansible'), HOME: folder };
  const ansible = ['-i', file('inventory.ini'), file('play.yml')];
  const pyinfra = ['-y', '--user', target.user, '--port', String(target.port), '--key', key]
    .concat(['--data', `ssh_known_hosts_file=${file('known_hosts')}`, '--data', 'ssh_strict_host_key_checking=yes'])
    .concat([target.host, 'deploy.py']);
  return {
    peers: [
      { name: `pyinfra ${versions.pyinfra}`, run: () => command(join(bin, 'pyinfra'), pyinfra, folder, env) },
      {
        name: `ansible-core ${versions['ansible-core']}, pipelining`,
        run: () => command(join(bin, 'ansible-playbook'), ansible, folder, env),
      },
    ],
  };
}

/** Made once; renamed when complete. Its programs name their interpreter by path, so it is made where it stays. */
async function environment(): Promise<string> {
  const name = Object.entries(versions)
    .map((one) => one.join('-'))
    .join('-');
  const venv = join(cacheFolder(), `bench-${name}`);
  const complete = join(venv, 'complete');
  if (existsSync(complete)) return venv;
  await rm(venv, { recursive: true, force: true });
  await mkdir(cacheFolder(), { recursive: true });
  await command('python3', ['-m', 'venv', venv], '.');
  const wanted = Object.entries(versions).map((one) => one.join('=='));
  await command(join(venv, 'bin', 'python3'), ['-m', 'pip', 'install', '--quiet', ...wanted], '.');
  await writeFile(`${complete}.new`, '');
  await rename(`${complete}.new`, complete);
  return venv;
}

function command(program: string, argv: readonly string[], cwd: string, env: NodeJS.ProcessEnv = {}): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, argv, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (text: Buffer) => (said = (said + text.toString()).slice(-2000)));
    child.once('error', reject);
    child.once('close', (code) =>
      code === 0 ? resolve() : reject(new Error(`${program} ended with ${code}: ${said.trim()}`)),
    );
  });
}
