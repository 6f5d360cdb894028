/**
 * `npm run bench:upload -- make_tree.py`: the upload of a site beside the tools that people use, one after the other in turn, on
 * loopback and in memory. Timed is the whole step with its connection, and the SHA-256 of every local file; the tools check nothing
 * of what arrived, nakat reads or hashes it all and puts it in place only when it is whole. Nothing of it is a test.
 */
import { execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createStepContext } from '../activities/context.ts';
import { digestFile, writeList, type Listed } from '../activities/web/manifest.ts';
import { webSteps } from '../activities/web/steps.ts';
import { fileTree } from '../activities/web/unpack.ts';
import type { Backup, FileTree } from '../runbook/results.ts';
import type { WebTree } from '../runbook/targets/index.ts';
import { startSshd, type Sshd } from '../test/helpers/sshd.ts';
import { startVsftpd, vsftpdFound, type Vsftpd } from '../test/helpers/vsftpd.ts';
import { lines, met, surroundings, type Section } from './report.ts';
import { atOnce, median, quiet, timed } from './statistics.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string', default: '5' }, small: { type: 'string', default: '5000' } },
});
const [maker] = positionals;
if (maker === undefined || !existsSync(maker)) {
  console.error('npm run bench:upload -- path/to/make_tree.py [--rounds 5] [--small 5000]');
  process.exit(2);
}
const rounds = Number(values.rounds);
const memory = existsSync('/dev/shm') ? '/dev/shm' : realpathSync(tmpdir());
const folder = mkdtempSync(join(memory, 'nakat-bench-upload-'));
chmodSync(folder, 0o755);
const [old, fresh] = [join(folder, 'old'), join(folder, 'new')];
const sites = join(folder, 'sites');
mkdirSync(sites);
process.env['NAKAT_BENCH_FTP'] = 'somebody@example.com';
let number = 0;

interface Racer {
  readonly name: string;
  /** Uploads `from` to the site `to`, a folder that holds the old release or nothing. */
  run(from: string, to: string, backup: Backup | null): Promise<void>;
  readonly tree?: (to: string) => WebTree;
  readonly seconds: number[];
}

const found = (program: string): boolean =>
  (process.env['PATH'] ?? '').split(':').some((place) => existsSync(join(place, program)));
const command = (program: string, argv: readonly string[], input = ''): Promise<void> =>
  new Promise((resolve, reject) => {
    const child = spawn(program, argv, { stdio: ['pipe', 'ignore', 'pipe'] });
    let words = '';
    child.stderr.on('data', (text: Buffer) => (words += text.toString()));
    child.once('error', reject);
    child.once('close', (code) => (code === 0 ? resolve() : reject(new Error(`${program}: ${words}`))));
    child.stdin.end(input);
  });

/** As `unpackUpdate` lists it, made anew each time. */
async function listed(place: string): Promise<FileTree> {
  const list = new Map<string, Listed>();
  const paths = readdirSync(place, { recursive: true, encoding: 'utf8' }).filter((path) =>
    lstatSync(join(place, path)).isFile(),
  );
  await atOnce(8, paths, async (path) => {
    list.set(path, { kind: 'file', stamp: '', ...(await digestFile(join(place, path))) });
  });
  await writeList(`${place}.json`, list);
  return fileTree('new', place, 'worker', list);
}

function nakat(name: string, tree: (to: string) => WebTree): Racer {
  return {
    name,
    tree,
    seconds: [],
    run: async (from, to, backup) => {
      if (backup === null) throw new Error('no backup');
      const context = createStepContext({ run: `bench${number}`, step: 'production.upload-tree' });
      const uses = { update: await listed(from), owned: undefined, backup };
      await webSteps.uploadTree({ tree: tree(to), part: '' }, uses, context);
    },
  };
}

const machine = { via: 'local', name: 'worker', os: 'linux', work: join(folder, 'work') } as const;
const common = { name: 'site', keep: [], store: { machine, folder: join(folder, 'store') } };

async function race(
  title: string,
  racers: readonly Racer[],
  changed: boolean,
  ready: (to: string) => void,
  sitesIn: string,
  notes: string[],
  goals: readonly [what: string, of: string, to: string, limit: number][],
): Promise<Section> {
  const sizes = treeDigest(fresh);
  let busy = 0;
  for (let round = 0; round < rounds; round++) {
    for (const racer of racers) {
      const to = join(sitesIn, 'site');
      rmSync(to, { recursive: true, force: true });
      if (changed) cpSync(old, to, { recursive: true, preserveTimestamps: true });
      else mkdirSync(to);
      ready(to);
      number += 1;
      const backup = racer.tree
        ? await webSteps.backUpTree(
            { tree: racer.tree(to) },
            {},
            createStepContext({ run: `bench${number}`, step: 'production.back-up-tree' }),
          )
        : null;
      if (!(await quiet())) busy += 1;
      racer.seconds.push(await timed(() => racer.run(fresh, to, backup)));
      console.error(`${title}, ${round + 1} of ${rounds}: ${racer.name} ${racer.seconds.at(-1)?.toFixed(2)} s`);
      if (racer.tree && treeDigest(to) !== sizes) throw new Error(`${racer.name}: the site is not the new release`);
      rmSync(join(folder, 'store'), { recursive: true, force: true });
    }
  }
  const of = (name: string): number => median(racers.find((racer) => racer.name === name)?.seconds ?? []);
  const first = of(racers[0]?.name ?? '');
  return {
    title,
    rows: racers.map(({ name, seconds }) => ({
      name,
      value: `${median(seconds).toFixed(2)} s`,
      ratio: `${(median(seconds) / first).toFixed(2)} ×`,
    })),
    goals: goals
      .filter(([, , to]) => racers.some((racer) => racer.name === to))
      .map(([what, mine, to, limit]) => ({ what, measured: of(mine) / of(to), limit })),
    notes: [
      ...notes,
      ...(busy > 0 ? [`the machine was busy before ${busy} of ${rounds * racers.length} measurements`] : []),
    ],
  };
}

const treeDigest = (place: string): string =>
  execFileSync(
    'sh',
    ['-c', 'cd "$1" && find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum', 'sh', place],
    { encoding: 'utf8' },
  );

const python = (...argv: string[]): void => void execFileSync('python3', [maker, ...argv], { stdio: 'ignore' });
python(old, '--small', values.small);
cpSync(old, fresh, { recursive: true, preserveTimestamps: true });
python(fresh, '--small', values.small, '--change', '50');
python(fresh, '--small', values.small, '--stealth', '10');

const running: { stop(): Promise<void> }[] = [];
const begun = <T extends { stop(): Promise<void> }>(server: T): T => (running.push(server), server);
const sections: Section[] = [];
console.error(surroundings());
try {
  const plain: Sshd = begun(await startSshd());
  const filesOnly: Sshd = begun(await startSshd(['ForceCommand internal-sftp']));
  const over =
    (sshd: Sshd) =>
    (to: string): WebTree => ({ via: 'machine', machine: sshd.target, folder: to, ...common });
  const ssh = (sshd: Sshd): string[] => [
    '-o',
    'StrictHostKeyChecking=no',
    '-o',
    'UserKnownHostsFile=/dev/null',
    '-o',
    'LogLevel=ERROR',
    '-i',
    join(sshd.folder, 'user'),
  ];
  const peer = (name: string, program: string, run: (from: string, to: string) => Promise<void>): Racer[] =>
    found(program) ? [{ name, seconds: [], run }] : [];
  const rsync = (name: string, flags: string): Racer[] =>
    peer(name, 'rsync', (from, to) =>
      command('rsync', [
        flags,
        '-e',
        ['ssh', '-p', plain.port, ...ssh(plain)].join(' '),
        `${from}/`,
        `${userInfo().username}@127.0.0.1:${to}/`,
      ]),
    );
  const lftp = (name: string, open: string, at: (to: string) => string): Racer[] =>
    peer(name, 'lftp', (from, to) =>
      command('lftp', ['-c', `set net:max-retries 1; ${open}; mirror -R --parallel=8 ${from} ${at(to)}`]),
    );
  const sftpOpen = `set sftp:connect-program "ssh -a -x ${ssh(filesOnly).join(' ')}"; open -u ${userInfo().username},x sftp://127.0.0.1:${filesOnly.port}`;
  const sftp = peer('sftp put -r', 'sftp', (from, to) => {
    writeFileSync(
      join(folder, 'batch'),
      readdirSync(from)
        .map((one) => `put -r "${join(from, one)}" "${to}/"\n`)
        .join(''),
    );
    return command('sftp', [
      '-q',
      '-P',
      String(filesOnly.port),
      ...ssh(filesOnly),
      '-b',
      join(folder, 'batch'),
      `${userInfo().username}@127.0.0.1`,
    ]);
  });
  const nothing = (): void => {};
  const sizes = [`${values.small} small files and what make_tree.py adds to them`];
  sections.push(
    await race(
      'First upload, SFTP only',
      [nakat('nakat', over(filesOnly)), ...sftp, ...lftp('lftp -P8', sftpOpen, (to) => to)],
      false,
      nothing,
      sites,
      sizes,
      [
        ['nakat of sftp put -r', 'nakat', 'sftp put -r', 0.45],
        ['nakat of lftp -P8', 'nakat', 'lftp -P8', 0.45],
      ],
    ),
    await race(
      'First upload, commands may run',
      [nakat('nakat', over(plain)), ...rsync('rsync -a', '-a')],
      false,
      nothing,
      sites,
      sizes,
      [['nakat of rsync -a', 'nakat', 'rsync -a', 1.1]],
    ),
    await race(
      '60 files changed, 10 of them with size and time kept',
      [nakat('nakat', over(plain)), ...rsync('rsync -ac', '-ac')],
      true,
      nothing,
      sites,
      sizes,
      [['nakat of rsync -ac', 'nakat', 'rsync -ac', 1.3]],
    ),
  );
  if (vsftpdFound) {
    const ftp: Vsftpd = begun(await startVsftpd({ below: memory }));
    const tree = (): WebTree => ({
      via: 'ftp',
      host: '127.0.0.1',
      port: ftp.port,
      user: 'anonymous',
      password: { env: 'NAKAT_BENCH_FTP' },
      security: 'none',
      certificate: 'checked',
      folder: '/site',
      connections: 8,
      ...common,
    });
    const owned = (to: string): void => void execFileSync('chown', ['-R', 'ftp', to]);
    const open = `set ftp:ssl-allow no; open -u anonymous,x ftp://127.0.0.1:${ftp.port}`;
    const both = (): Racer[] => [nakat('nakat', tree), ...lftp('lftp -P8', open, () => '/site')];
    sections.push(
      await race('First upload, FTP', both(), false, owned, ftp.root, sizes, [
        ['nakat of lftp -P8', 'nakat', 'lftp -P8', 0.7],
      ]),
      await race('60 files changed, FTP', both(), true, owned, ftp.root, sizes, [
        ['nakat of lftp -P8', 'nakat', 'lftp -P8', 0.5],
      ]),
    );
  }
} finally {
  for (const server of running) await server.stop();
  rmSync(folder, { recursive: true, force: true });
}
for (const section of sections) console.log(lines(section).join('\n'));
process.exitCode = sections.every((section) => section.goals.every(met)) ? 0 : 1;
process.exit();
