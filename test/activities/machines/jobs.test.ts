import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createStepContext } from '../../../activities/context.ts';
import { connectMachine } from '../../../activities/machines/connect.ts';
import type { Machine } from '../../../activities/machines/machine.ts';
import type { MachineTarget } from '../../../runbook/targets/index.ts';
import { compiled } from '../../helpers/compiled.ts';
import { alive } from '../../helpers/alive.ts';
import { requireReal } from '../../helpers/real.ts';
import { sshdFound, startSshd, type Sshd } from '../../helpers/sshd.ts';

const real = requireReal('sshd', sshdFound);
const wait = { timeout: 30_000, interval: 20 };

describe.each(['local', 'ssh'] as const)('jobs on a Linux machine by %s', (via) => {
  const skipped = via === 'ssh' && !real;
  let sshd: Sshd | undefined;
  let root: string;
  let folder: string;
  let target: MachineTarget;
  let machine: Machine;

  beforeAll(async () => {
    if (skipped) return;
    root = mkdtempSync(join(tmpdir(), 'nakat-jobs-'));
    const work = join(root, `работа 'nakat'`);
    if (via === 'ssh') sshd = await startSshd();
    target = sshd ? { ...sshd.target, work } : { via: 'local', name: 'here', os: 'linux', work };
    machine = await connectMachine(target, createStepContext());
  });
  beforeEach(() => {
    if (!skipped) folder = mkdtempSync(join(root, 'test-'));
  });
  afterAll(async () => {
    // What a failed test left running.
    const left = skipped || !existsSync(join(target.work, 'jobs')) ? [] : readdirSync(join(target.work, 'jobs'));
    for (const name of left) if (!name.startsWith('.')) await machine.forgetJob(name);
    await machine?.close();
    await sshd?.stop();
    if (root) rmSync(root, { recursive: true, force: true });
  });

  const test = it.skipIf(skipped);
  const at = (name: string): string => join(folder, name);
  const jobFolder = (name: string): string => join(target.work, 'jobs', name);
  /** Notes each start, says `begun`, and ends with 7 when the file `go` is there. */
  const waiting = (): string[] => [
    'sh',
    '-c',
    'cd "$1"; echo begun; echo $$ >>starts; while [ ! -e go ]; do sleep 0.05; done; echo готово; echo bad >&2; exit 7',
    'sh',
    folder,
  ];
  const starts = (): number[] =>
    existsSync(at('starts')) ? readFileSync(at('starts'), 'utf8').trim().split('\n').map(Number) : [];
  const begun = () => vi.waitUntil(() => starts().length > 0 && starts()[0]! > 0, wait);
  const go = (): void => writeFileSync(at('go'), '');
  const done = { code: 7, stdout: 'begun\nготово\n', stderr: 'bad\n' };

  test('runs once, however often and by however many it is asked for', async () => {
    expect(await machine.jobStatus('once')).toEqual({ state: 'absent', code: null });
    const attempts = Array.from({ length: 5 }, () => machine.job('once', waiting()));
    await begun();
    expect(await machine.jobStatus('once')).toEqual({ state: 'running', code: null });
    go();
    for (const result of await Promise.all(attempts)) expect(result).toEqual(done);
    expect(await machine.jobStatus('once')).toEqual({ state: 'ended', code: 7 });
    expect(await machine.job('once', waiting())).toEqual(done);
    expect(starts()).toHaveLength(1);
    expect(readdirSync(join(target.work, 'jobs'))).toEqual(['once']);
    expect(readdirSync(jobFolder('once')).sort()).toEqual(['code', 'command', 'pid', 'stderr', 'stdout']);
    await machine.forgetJob('once');
    await machine.forgetJob('once');
    expect(await machine.jobStatus('once')).toEqual({ state: 'absent', code: null });
    expect(readdirSync(join(target.work, 'jobs'))).toEqual([]);
  });

  test('goes on without the worker, and a second worker follows it', async () => {
    const code = compiled(
      ['runbook', 'activities'],
      `
      import { connectMachine } from './activities/machines/connect.js';
      import { createStepContext } from './activities/context.js';
      const { target, argv } = JSON.parse(process.argv[2]);
      await (await connectMachine(target, createStepContext())).job('orphan', argv);
    `,
    );
    const worker = spawn(process.execPath, [code.entry, JSON.stringify({ target, argv: waiting() })], {
      stdio: 'inherit',
    });
    const ended = new Promise((resolve) => worker.once('exit', resolve));
    await begun().finally(() => {
      worker.kill('SIGKILL');
      code.remove();
    });
    await ended;
    expect(await machine.jobStatus('orphan')).toEqual({ state: 'running', code: null });
    const seen: string[] = [];
    const followed = machine.job('orphan', waiting(), { onOutput: (text) => seen.push(text) });
    go();
    expect(await followed).toEqual(done);
    // The two outputs are read side by side, so their order among each other is not known.
    expect([...seen.join('').trim().split('\n')].sort()).toEqual(['bad', 'begun', 'готово']);
    expect(starts()).toHaveLength(1);
    await machine.forgetJob('orphan');
  });

  test('is ended with all its processes when it is cancelled', async () => {
    const cancel = new AbortController();
    // One that leaves the group, one that does not hear the request (its end by force takes ten seconds, so once).
    const deaf = via === 'local' ? `trap '' TERM; ` : '';
    const family = `cd "$1"; setsid sleep 300 & echo $! >starts; ${deaf}echo $$ >>starts; while :; do sleep 0.1; done`;
    const job = machine.job('cancelled', ['sh', '-c', family, 'sh', folder], { signal: cancel.signal });
    await vi.waitUntil(() => starts().length === 2, wait);
    cancel.abort();
    await expect(job).rejects.toMatchObject({ code: 'JOB_CANCELLED' });
    expect(starts().filter(alive)).toEqual([]);
    expect((await machine.jobStatus('cancelled')).state).toBe('absent');
    await expect(machine.job('cancelled', waiting(), { signal: cancel.signal })).rejects.toMatchObject({
      code: 'JOB_CANCELLED',
    });
    expect(starts()).toHaveLength(2);
  });

  test('is left running when only the worker goes away', async () => {
    const stop = new AbortController();
    const job = machine.job('left', waiting(), { signal: stop.signal, leaveRunning: () => true });
    await begun();
    stop.abort();
    await expect(job).rejects.toMatchObject({ code: 'JOB_LEFT_RUNNING', failure: { passing: true } });
    expect((await machine.jobStatus('left')).state).toBe('running');
    await machine.forgetJob('left');
    expect(starts().filter(alive)).toEqual([]);
  });

  test('is ended at its time-out, with its last words', async () => {
    const job = machine.job('slow', ['sh', '-c', 'echo still at it; sleep 300'], { timeout: 3 });
    await expect(job).rejects.toMatchObject({
      code: 'JOB_TIMEOUT',
      failure: { vendor: 'still at it', values: { seconds: 3 } },
    });
    expect((await machine.jobStatus('slow')).state).toBe('absent');
  });

  test('is lost when it is gone without a code, and starts anew only when it is forgotten', async () => {
    const job = machine.job('lost', waiting());
    const seen = expect(job).rejects.toMatchObject({
      code: 'JOB_LOST',
      failure: { vendor: 'begun', values: { folder: jobFolder('lost') } },
    });
    await begun();
    process.kill(-Number(readFileSync(join(jobFolder('lost'), 'pid'), 'utf8').split(' ')[0]), 'SIGKILL');
    await seen;
    await expect(machine.job('lost', waiting())).rejects.toMatchObject({ code: 'JOB_LOST' });
    expect(starts()).toHaveLength(1);
    await machine.forgetJob('lost');
    go();
    expect(await machine.job('lost', waiting())).toEqual(done);
    expect(starts()).toHaveLength(2);
    await machine.forgetJob('lost');
  });

  test('still runs while only its supervisor was killed', async () => {
    const job = machine.job('headless', waiting());
    const seen = expect(job).rejects.toMatchObject({ code: 'JOB_LOST' });
    await begun();
    process.kill(Number(readFileSync(join(jobFolder('headless'), 'pid'), 'utf8').split(' ')[0]), 'SIGKILL');
    expect((await machine.jobStatus('headless')).state).toBe('running');
    go();
    await seen;
    await machine.forgetJob('headless');
  });

  test('is not taken for another process that has its number, or for one before a restart', async () => {
    go();
    await machine.job('reused', waiting());
    rmSync(join(jobFolder('reused'), 'code'));
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const ticks = readFileSync(`/proc/${process.pid}/stat`, 'utf8').replace(/.*\) /s, '').split(' ')[19];
    const pid = (text: string): void => writeFileSync(join(jobFolder('reused'), 'pid'), `${text}\n`);
    pid(`${process.pid} ${ticks} ${boot}`);
    expect((await machine.jobStatus('reused')).state).toBe('running');
    pid(`${process.pid} 1 ${boot}`);
    expect((await machine.jobStatus('reused')).state).toBe('lost');
    pid(`${process.pid} ${ticks} 00000000-0000-0000-0000-000000000000`);
    expect((await machine.jobStatus('reused')).state).toBe('lost');
    // And forgetting it does not kill that other one: it is this test.
    await machine.forgetJob('reused');
  });

  test('gets its environment, folder and rights, and its secret is neither in ps nor on the disk', async () => {
    const secret = `s3cret "с пробелом"\n'и кавычкой'`;
    const script =
      'printf "%s|%s|%s|" "$TOKEN" "$dir" "$n"; pwd; umask; cat /proc/[0-9]*/cmdline >cmdlines; echo $$ >starts; while [ ! -e go ]; do sleep 0.05; done';
    const job = machine.job('env', ['sh', '-c', script], { env: { TOKEN: secret, dir: 'd', n: 'n' }, cwd: folder });
    await begun();
    for (const name of readdirSync(jobFolder('env'))) {
      if (name !== 'stdout') expect(readFileSync(join(jobFolder('env'), name), 'utf8')).not.toContain('s3cret');
    }
    expect(readFileSync(at('cmdlines'), 'utf8')).not.toContain('s3cret');
    go();
    const umask = (await machine.run(['sh', '-c', 'umask'])).stdout;
    expect((await job).stdout).toBe(`${secret}|d|n|${folder}\n${umask}`);
    await machine.forgetJob('env');
  });

  test('says that a program or a folder is missing', async () => {
    expect((await machine.job('none', ['no-such-program'])).code).toBe(127);
    const result = await machine.job('nowhere', ['touch', at('touched')], { cwd: at('нет') });
    expect(result.code).toBe(126);
    expect(result.stderr).toContain('нет');
    expect(existsSync(at('touched'))).toBe(false);
    await expect(machine.job('../other', ['true'])).rejects.toMatchObject({ code: 'COMMAND_INVALID' });
    for (const name of ['none', 'nowhere']) await machine.forgetJob(name);
  });

  test('gives all of a long output, characters whole', async () => {
    const text: string[] = [];
    const result = await machine.job(
      'long',
      ['sh', '-c', 'i=0; while [ $i -lt 100000 ]; do echo ж; i=$((i+1)); done'],
      {
        onOutput: (piece) => text.push(piece),
      },
    );
    expect(text.join('')).toBe('ж\n'.repeat(100_000));
    expect(result.stdout).toBe('ж\n'.repeat(100_000));
    await machine.forgetJob('long');
  });

  it.skipIf(via === 'local' || skipped)(
    'is followed again after the connection broke, and after the server was away',
    async () => {
      const job = machine.job('cut', waiting());
      await begun();
      sshd!.breakConnections();
      await vi.waitUntil(() => sshd!.connections() === 1, wait);
      await sshd!.halt();
      sshd!.breakConnections();
      expect(starts().filter(alive)).toHaveLength(1);
      await sshd!.start();
      go();
      expect(await job).toEqual(done);
      expect(starts()).toHaveLength(1);
      await machine.forgetJob('cut');
    },
  );
});
