import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createStepContext } from '../../../activities/context.ts';
import { connectMachine } from '../../../activities/machines/connect.ts';
import type { Machine } from '../../../activities/machines/machine.ts';
import { alive } from '../../helpers/alive.ts';
import { requireReal } from '../../helpers/real.ts';
import { sshdFound, startSshd, type Sshd } from '../../helpers/sshd.ts';

const real = requireReal('sshd', sshdFound);
/** Any text that a program can be given. */
const word = fc
  .oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: fc.constantFrom(...`'"\\$\`!*?~#&|;<>(){}[] \n\t\r-=%йёЖ€😀`) }),
  )
  .map((text) => text.replaceAll('\0', ''));

describe.each(['local', 'ssh'] as const)('a Linux machine by %s', (via) => {
  const skipped = via === 'ssh' && !real;
  let sshd: Sshd | undefined;
  let folder: string;
  let machine: Machine;

  beforeAll(async () => {
    if (skipped) return;
    folder = mkdtempSync(join(tmpdir(), 'nakat-machine-'));
    const work = join(folder, 'work');
    if (via === 'ssh') sshd = await startSshd();
    const target = sshd ? { ...sshd.target, work } : ({ via: 'local', name: 'here', os: 'linux', work } as const);
    machine = await connectMachine(target, createStepContext());
  });

  afterAll(async () => {
    await machine?.close();
    await sshd?.stop();
    if (folder) rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
  });

  const test = it.skipIf(skipped);

  test('gives a program exactly the arguments, whatever they hold', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(word, { minLength: 1, maxLength: 12 }), async (words) => {
        const echo = await machine.run(['printf', '%s\\0', ...words]);
        expect(echo.stdout).toBe(words.map((one) => `${one}\0`).join(''));
      }),
      { numRuns: 60 },
    );
  });

  test('gives a program exactly the environment and the input', async () => {
    await fc.assert(
      fc.asyncProperty(word, word, async (value, stdin) => {
        const script = 'printf "%s\\0" "$SECRET"; cat';
        const echo = await machine.run(['sh', '-c', script], { env: { SECRET: value }, stdin });
        expect(echo.stdout).toBe(`${value}\0${stdin}`);
      }),
      { numRuns: 40 },
    );
  });

  test('refuses what no program can be given', async () => {
    await expect(machine.run(['echo', 'a\0b'])).rejects.toMatchObject({ code: 'COMMAND_INVALID' });
    await expect(machine.run(['echo', '\ud800'])).rejects.toMatchObject({ code: 'COMMAND_INVALID' });
    await expect(machine.run(['echo'], { env: { 'A=B; rm': 'x' } })).rejects.toMatchObject({ code: 'COMMAND_INVALID' });
  });

  test('says how a program ended', async () => {
    expect(await machine.run(['sh', '-c', 'echo out; echo err >&2; exit 3'])).toEqual({
      code: 3,
      stdout: 'out\n',
      stderr: 'err\n',
    });
    expect((await machine.run(['sh', '-c', 'kill -9 $$'])).code).toBeNull();
    expect((await machine.run(['no-such-program'])).code).toBe(127);
  });

  test('ends a command at its time-out and when it is cancelled', async () => {
    const [pids, mark] = [join(folder, 'pids'), join(folder, 'late')];
    const late = ['sh', '-c', 'echo $$ >>"$1"; sleep 20; touch "$2"', 'sh', pids, mark];
    await expect(machine.run(late, { timeout: 0.3 })).rejects.toMatchObject({ code: 'COMMAND_TIMEOUT' });
    await expect(machine.run(late, { signal: AbortSignal.timeout(300) })).rejects.toMatchObject({
      code: 'COMMAND_CANCELLED',
    });
    // sshd does not pass signals on to the commands of root (session.c), so over SSH only the waiting is known to end.
    if (via === 'local') {
      const began = existsSync(pids) ? readFileSync(pids, 'utf8').trim().split('\n').map(Number) : [];
      await expect.poll(() => began.filter(alive)).toEqual([]);
      expect(existsSync(mark)).toBe(false);
    }
    expect((await machine.run(['echo', 'on'])).stdout).toBe('on\n');
  });

  test('files: names with quotes, spaces and Cyrillic; contents byte for byte', async () => {
    const odd = machine.join(folder, `дело "№1" it's $HOME \\ ;`);
    const file = machine.join(odd, 'вложение', 'a\nb');
    await machine.makeFolder(machine.join(odd, 'вложение'));
    await machine.makeFolder(machine.join(odd, 'вложение'));
    const content = Buffer.from(Array.from({ length: 300_000 }, (_, i) => i % 251));
    await machine.writeFile(file, content, 0o640);
    expect(await machine.stat(file)).toMatchObject({ kind: 'file', size: 300_000, mode: 0o640 });
    expect((await machine.readFile(file)).equals(content)).toBe(true);
    expect((await machine.readFile(file, 5)).equals(content.subarray(0, 5))).toBe(true);
    await machine.writeFile(file, 'short');
    expect(await machine.stat(file)).toMatchObject({ size: 5, mode: 0o640 });
    expect((await machine.list(odd)).map(({ name, stat }) => [name, stat.kind])).toEqual([['вложение', 'folder']]);
    expect(readdirSync(join(odd, 'вложение'))).toEqual(['a\nb']);
    await machine.rename(file, `${file}2`);
    await machine.writeFile(file, 'other');
    await machine.rename(file, `${file}2`);
    expect((await machine.readFile(`${file}2`)).toString()).toBe('other');
    await expect(machine.rename(`${file}2`, machine.join(odd, 'вложение'))).rejects.toMatchObject({
      code: 'TARGET_EXISTS',
    });
    await expect(machine.writeFile(odd, 'x')).rejects.toMatchObject({ code: 'TARGET_EXISTS' });
    await expect(machine.makeFolder(`${file}2`)).rejects.toMatchObject({ code: 'TARGET_EXISTS' });
    await machine.remove(odd);
    await machine.remove(odd);
    expect(await machine.stat(odd)).toBeNull();
  });

  test('says which file is missing or denied', async () => {
    const missing = machine.join(folder, 'нет');
    await expect(machine.readFile(missing)).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
    await expect(machine.list(missing)).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
    await expect(machine.hash(missing)).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
    await expect(machine.freeSpace(missing)).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
    await expect(machine.readFile(folder)).rejects.toMatchObject({ code: 'FILE_FAILED' });
  });

  test('removes links, never what they point to, and no whole disk', async () => {
    const target = join(folder, 'kept');
    mkdirSync(target);
    writeFileSync(join(target, 'file'), 'kept');
    mkdirSync(join(folder, 'gone'));
    symlinkSync(target, join(folder, 'gone', 'link'));
    symlinkSync(target, join(folder, 'link'));
    await machine.remove(join(folder, 'gone'));
    await machine.remove(`${join(folder, 'link')}/`);
    expect(readFileSync(join(target, 'file'), 'utf8')).toBe('kept');
    expect(readdirSync(folder)).not.toContain('link');
    for (const path of ['/', '//', '', 'relative', '/tmp/..']) {
      await expect(machine.remove(path)).rejects.toMatchObject({ code: 'PATH_REFUSED' });
    }
    await machine.remove(target);
  });

  test('brings files there and back', async () => {
    const local = join(folder, 'big');
    const content = Buffer.alloc(5_000_001, 'нагрузка');
    writeFileSync(local, content);
    const seen: number[] = [];
    const remote = machine.join(folder, 'remote big');
    await machine.upload(local, remote, (done) => seen.push(done));
    expect(seen.at(-1)).toBe(content.length);
    expect((await machine.hash(remote)).get('')).toEqual({
      size: content.length,
      sha256: createHash('sha256').update(content).digest('hex'),
    });
    await machine.download(remote, `${local}-back`);
    expect(readFileSync(`${local}-back`).equals(content)).toBe(true);
    await expect(machine.download(`${remote}-no`, `${local}-no`)).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
    writeFileSync(`${local}-empty`, '');
    await machine.upload(`${local}-empty`, remote);
    expect((await machine.stat(remote))?.size).toBe(0);
    expect(readdirSync(folder).filter((name) => name.endsWith('.nakat-new') || name.endsWith('-no'))).toEqual([]);
  });

  test('hashes a tree as sha256sum does, and copies it whole or not at all', async () => {
    const tree = join(folder, 'дерево');
    mkdirSync(join(tree, 'в папке'), { recursive: true });
    for (let i = 0; i < 40; i++) writeFileSync(join(tree, 'в папке', `файл ${i}\n'`), `${i}`);
    writeFileSync(join(tree, '-n'), '');
    chmodSync(join(tree, '-n'), 0o600);
    const hashes = await machine.hash(tree);
    expect(hashes.size).toBe(41);
    expect([...hashes.keys()]).toEqual([...hashes.keys()].sort());
    expect(hashes.get(`в папке/файл 7\n'`)).toEqual({
      size: 1,
      sha256: createHash('sha256').update('7').digest('hex'),
    });
    expect(hashes.get('-n')?.size).toBe(0);

    const copy = join(folder, 'копия', 'вторая');
    await machine.copyFolder(tree, copy, 'copy-1');
    expect(await machine.hash(copy)).toEqual(hashes);
    await machine.copyFolder(tree, copy, 'copy-1');
    await expect(machine.copyFolder(tree, copy, 'copy-2')).rejects.toMatchObject({ code: 'TARGET_EXISTS' });
    // The name is there again although its job has ended: made anew.
    await machine.remove(copy);
    mkdirSync(`${copy}.partial`);
    writeFileSync(join(`${copy}.partial`, 'half'), 'x');
    await machine.copyFolder(tree, copy, 'copy-1');
    expect(await machine.hash(copy)).toEqual(hashes);
    await expect(machine.copyFolder(join(folder, 'nothing'), join(folder, 'to'), 'copy-3')).rejects.toMatchObject({
      code: 'COPY_INCOMPLETE',
    });
    expect(await machine.stat(join(folder, 'to'))).toBeNull();
    for (const job of ['copy-1', 'copy-2', 'copy-3']) await machine.forgetJob(job);
    expect(readdirSync(join(folder, 'work', 'jobs'))).toEqual([]);
  });

  test('knows the free space', async () => {
    const said =
      Number(execFileSync('df', ['--output=avail', '-B1024', folder], { encoding: 'utf8' }).split('\n')[1]) * 1024;
    expect(Math.abs((await machine.freeSpace(folder)) - said)).toBeLessThan(1e9);
  });
});
