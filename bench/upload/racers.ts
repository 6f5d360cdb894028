/** Who uploads: nakat's own step, and the tools that people use. A tool that is not installed has no part in it. */
import { spawn } from 'node:child_process';
import { existsSync, lstatSync, readdirSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { createStepContext } from '../../activities/context.ts';
import { dial } from '../../activities/machines/ssh-connection.ts';
import { atOnce } from '../../activities/web/lanes.ts';
import { digestFile, writeList, type Listed } from '../../activities/web/manifest.ts';
import { sftpPieces } from '../../activities/web/sftp-pieces.ts';
import { sftpSession } from '../../activities/web/sftp-session.ts';
import { webSteps } from '../../activities/web/steps.ts';
import { fileTree } from '../../activities/web/unpack.ts';
import type { FileTree } from '../../runbook/results.ts';
import type { WebTree } from '../../runbook/targets/index.ts';
import type { Sshd } from '../../test/helpers/sshd.ts';
import type { Racer } from './race.ts';

/** The whole step with its connection. What the steps before it have done is not timed: the old files backed up, the new ones unpacked. */
export function nakat(name: string, tree: (to: string) => WebTree): Racer {
  let uses: Parameters<typeof webSteps.uploadTree>[1] | undefined;
  return {
    name,
    prepare: async (from, to, run) => {
      const context = createStepContext({ run, step: 'production.back-up-tree' });
      const backup = await webSteps.backUpTree({ tree: tree(to) }, {}, context);
      uses = { update: await listed(from), owned: undefined, backup };
    },
    run: async (_from, to, run) => {
      if (!uses) throw new Error('not prepared');
      const context = createStepContext({ run, step: 'production.upload-tree' });
      await webSteps.uploadTree({ tree: tree(to), part: '' }, uses, context);
    },
  };
}

/** As `unpackUpdate` lists it. */
async function listed(place: string): Promise<FileTree> {
  const list = new Map<string, Listed>();
  await atOnce(8, filesIn(place), async (path) => {
    list.set(path, { kind: 'file', stamp: '', ...(await digestFile(join(place, path))) });
  });
  await writeList(`${place}.json`, list);
  return fileTree('new', place, 'worker', list);
}

const filesIn = (place: string): string[] =>
  readdirSync(place, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(place.length + 1));

/** nakat's transfer alone, straight to the names of the site: what all the rest of the step costs, and what reading back costs. */
export const transfer = (name: string, sshd: Sshd, readBack: boolean): Racer => ({
  name,
  run: async (from, to) => {
    const client = await dial(sshd.target, () => Promise.reject(new Error('no secrets')));
    const session = await sftpSession(client, () => new Error('connection lost'));
    const pieces = sftpPieces(session);
    const all = readdirSync(from, { recursive: true, encoding: 'utf8' });
    const isFolder = (path: string): boolean => lstatSync(join(from, path)).isDirectory();
    for (const folder of all.filter(isFolder).sort()) await session.makeFolder(`${to}/${folder}`);
    await atOnce(256, all, async (path) => {
      const file = join(from, path);
      const { size } = lstatSync(file);
      if (!isFolder(path)) await pieces.put(`${to}/${path}`, { file, size }, { mode: 0o644, readBack });
    });
    client.end();
  },
});

const found = (program: string): boolean =>
  (process.env['PATH'] ?? '').split(':').some((place) => existsSync(join(place, program)));

const run = (program: string, argv: readonly string[]): Promise<void> =>
  new Promise((resolve, reject) => {
    const child = spawn(program, argv, { stdio: ['ignore', 'ignore', 'pipe'] });
    let words = '';
    child.stderr.on('data', (text: Buffer) => (words += text.toString()));
    child.once('error', reject);
    child.once('close', (code) => (code === 0 ? resolve() : reject(new Error(`${program}: ${words}`))));
  });

const tool = (name: string, program: string, upload: (from: string, to: string) => Promise<void>): Racer[] =>
  found(program) ? [{ name, peer: true, run: upload }] : [];

const sshOptions = (sshd: Sshd): string[] =>
  [
    'StrictHostKeyChecking=no',
    'UserKnownHostsFile=/dev/null',
    'LogLevel=ERROR',
    `IdentityFile=${sshd.folder}/user`,
  ].flatMap((option) => ['-o', option]);
const user = userInfo().username;

export const rsync = (name: string, sshd: Sshd, flags: string): Racer[] =>
  tool(name, 'rsync', (from, to) =>
    run('rsync', [
      flags,
      '-e',
      ['ssh', '-p', sshd.port, ...sshOptions(sshd)].join(' '),
      `${from}/`,
      `${user}@127.0.0.1:${to}/`,
    ]),
  );

const lftp = (open: string, at: (to: string) => string): Racer[] =>
  tool('lftp -P8', 'lftp', (from, to) =>
    run('lftp', ['-c', `set net:max-retries 1; ${open}; mirror -R --parallel=8 ${from} ${at(to)}`]),
  );
/** `port`: of the server, or of a line to it. */
export const lftpOverSftp = (sshd: Sshd, port = sshd.port): Racer[] =>
  lftp(
    `set sftp:connect-program "ssh -a -x ${sshOptions(sshd).join(' ')}"; open -u ${user},x sftp://127.0.0.1:${port}`,
    (to) => to,
  );
export const lftpOverFtp = (port: number): Racer[] =>
  lftp(`set ftp:ssl-allow no; open -u anonymous,x ftp://127.0.0.1:${port}`, () => '/site');

export const sftpPut = (sshd: Sshd, batch: string): Racer[] =>
  tool('sftp put -r', 'sftp', (from, to) => {
    const lines = readdirSync(from).map((one) => `put -r "${join(from, one)}" "${to}/"\n`);
    writeFileSync(batch, lines.join(''));
    return run('sftp', ['-q', '-P', String(sshd.port), ...sshOptions(sshd), '-b', batch, `${user}@127.0.0.1`]);
  });
