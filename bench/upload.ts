/**
 * `npm run bench:upload -- make_tree.py`: the upload of a site beside the tools that people use, one after the other in turn, on
 * loopback and in memory. The tools check nothing of what arrived; nakat reads or hashes it all, and puts it in place only when it is
 * whole. Nothing of it is a test.
 */
import { execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { WebTree } from '../runbook/targets/index.ts';
import { startSshd, type Sshd } from '../test/helpers/sshd.ts';
import { startVsftpd, vsftpdFound } from '../test/helpers/vsftpd.ts';
import { lines, met, surroundings, type Section } from './report.ts';
import { makeReleases, race, type Course } from './upload/race.ts';
import { lftpOverFtp, lftpOverSftp, nakat, rsync, sftpPut, transfer } from './upload/racers.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '5' },
    small: { type: 'string', default: '5000' },
    only: { type: 'string', default: '' },
  },
});
const [maker] = positionals;
if (maker === undefined || !existsSync(maker)) {
  console.error(
    'npm run bench:upload -- path/to/make_tree.py [--rounds 5] [--small 5000] [--only sftp,host,changed,line,ftp]',
  );
  process.exit(2);
}
const wanted = (part: string): boolean => values.only === '' || values.only.split(',').includes(part);
const memory = existsSync('/dev/shm') ? '/dev/shm' : realpathSync(tmpdir());
const folder = mkdtempSync(join(memory, 'nakat-bench-upload-'));
chmodSync(folder, 0o755);
process.env['NAKAT_BENCH_FTP'] = 'somebody@example.com';

const machine = { via: 'local', name: 'worker', os: 'linux', work: join(folder, 'work') } as const;
const common = { name: 'site', keep: [], store: { machine, folder: join(folder, 'store') } };
const sftpTree =
  (sshd: Sshd, port = sshd.port) =>
  (to: string): WebTree => ({ via: 'machine', machine: { ...sshd.target, port }, folder: to, ...common });

const running: { stop(): Promise<void> }[] = [];
const begun = <T extends { stop(): Promise<void> }>(server: T): T => (running.push(server), server);
const sections: Section[] = [];

/** 20 ms there and back, 100 Mbit/s each way. Returns its port. */
async function slowLine(to: number): Promise<number> {
  const script = fileURLToPath(new URL('./upload/line.js', import.meta.url));
  const child = fork(script, [to, 10, 12_500_000].map(String));
  begun({ stop: async () => void child.disconnect() });
  const [port] = (await once(child, 'message')) as [number];
  return port;
}

console.error(surroundings());
try {
  const { old, fresh } = makeReleases(maker, folder, values.small, '20');
  const usual: Omit<Course, 'title' | 'racers' | 'goals'> = {
    rounds: Number(values.rounds),
    fresh,
    site: join(folder, 'site'),
    store: common.store.folder,
    notes: [`${values.small} small files and 20 of 5 MB`],
  };
  const plain: Sshd = begun(await startSshd());
  const filesOnly: Sshd = begun(await startSshd(['ForceCommand internal-sftp']));
  const batch = join(folder, 'batch');

  if (wanted('sftp'))
    sections.push(
      await race({
        ...usual,
        title: 'First upload, SFTP only',
        racers: [
          nakat('nakat', sftpTree(filesOnly)),
          transfer('its transfer alone', filesOnly, true),
          transfer('the same, not read back', filesOnly, false),
          ...sftpPut(filesOnly, batch),
          ...lftpOverSftp(filesOnly),
        ],
        goals: [
          ['nakat', 'sftp put -r', 0.45],
          ['nakat', 'lftp -P8', 0.45],
        ],
        notes: [...usual.notes, 'every byte is read back over the same connection and hashed'],
      }),
    );
  if (wanted('host'))
    sections.push(
      await race({
        ...usual,
        title: 'First upload, commands may run',
        racers: [nakat('nakat', sftpTree(plain)), ...rsync('rsync -a', plain, '-a')],
        goals: [['nakat', 'rsync -a', 1.1]],
        notes: [...usual.notes, 'every file is hashed by the host'],
      }),
    );
  if (wanted('changed'))
    sections.push(
      await race({
        ...usual,
        title: '60 files changed, 10 of them with size and time kept',
        old,
        racers: [nakat('nakat', sftpTree(plain)), ...rsync('rsync -ac', plain, '-ac')],
        goals: [['nakat', 'rsync -ac', 1.3]],
      }),
    );
  if (wanted('line')) {
    const small = makeReleases(maker, folder, '1000', '2');
    const [toFiles, toHost] = [await slowLine(filesOnly.port), await slowLine(plain.port)];
    sections.push(
      await race({
        ...usual,
        title: 'First upload, 20 ms and 100 Mbit/s',
        fresh: small.fresh,
        racers: [
          nakat('nakat, SFTP only', sftpTree(filesOnly, toFiles)),
          nakat('nakat, commands may run', sftpTree(plain, toHost)),
          ...lftpOverSftp(filesOnly, toFiles),
        ],
        goals: [
          ['nakat, SFTP only', 'lftp -P8', 0.09],
          ['nakat, commands may run', 'lftp -P8', 0.09],
        ],
        notes: ['1000 small files and 2 of 5 MB', 'the rate is shared by all connections of an upload'],
      }),
    );
  }
  if (wanted('ftp') && vsftpdFound) {
    const ftp = begun(await startVsftpd({ below: memory }));
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
    const course = {
      ...usual,
      racers: [nakat('nakat', tree), ...lftpOverFtp(ftp.port)],
      site: join(ftp.root, 'site'),
      ready: (site: string): void => void execFileSync('chown', ['-R', 'ftp', site]),
    };
    sections.push(
      await race({ ...course, title: 'First upload, FTP', goals: [['nakat', 'lftp -P8', 0.7]] }),
      await race({ ...course, title: '60 files changed, FTP', old, goals: [['nakat', 'lftp -P8', 0.5]] }),
    );
  }
} finally {
  for (const server of running) await server.stop();
  rmSync(folder, { recursive: true, force: true });
}
for (const section of sections) console.log(lines(section).join('\n'));
process.exitCode = sections.every((section) => section.goals.every(met)) ? 0 : 1;
process.exit();
