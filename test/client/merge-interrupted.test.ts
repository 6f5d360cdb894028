/** Ctrl-C: what was unpacked may hold passwords, and must not stay. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer, text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import yazl from 'yazl';
import { mergeFolders } from '../../activities/customizations/merge-folders.ts';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'nakat-merge-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const built = fileURLToPath(new URL('../../dist/client/main.js', import.meta.url));

test.each(['SIGINT', 'SIGTERM'] as const)('%s while it unpacks: nothing is left, and it is said', async (signal) => {
  const scratch = join(folder, 'tmp');
  mkdirSync(scratch);
  const zip = new yazl.ZipFile();
  // So many that they are far from unpacked when the first is there.
  for (let at = 0; at < 3_000; at++) zip.addBuffer(Buffer.from('password'), `config-${at}.php`);
  zip.end();
  writeFileSync(join(folder, 'old.zip'), await buffer(zip.outputStream));
  const argv = ['merge', 'old.zip', 'old.zip', 'old.zip', '--out', 'out', '--json'];
  const command = spawn(process.execPath, [built, ...argv], {
    cwd: folder,
    env: { ...process.env, TMPDIR: scratch, LC_ALL: 'C' },
  });
  const said = Promise.all([text(command.stdout), text(command.stderr)]);
  const ended = new Promise((resolve) => command.once('close', (code, by) => resolve(by ?? code)));
  const unpacked = (): boolean =>
    readdirSync(scratch).some((name) => existsSync(join(scratch, name, 'base/config-0.php')));
  while (!unpacked() && command.exitCode === null) await pause(10);
  command.kill(signal);
  expect(await ended).toBe(2);
  const [out, err] = await said;
  expect(JSON.parse(out)).toMatchObject({ error: { code: 'MERGE_INTERRUPTED' } });
  expect(err).toContain('nothing was written');
  expect(readdirSync(scratch)).toEqual([]);
  expect(readdirSync(folder).sort()).toEqual(['old.zip', 'tmp']);
});

test('aborted while files are put into the result', async () => {
  const sides = ['base', 'ours', 'theirs'].map((side) => {
    for (let at = 0; at < 200; at++) {
      mkdirSync(join(folder, side, `d${at}`), { recursive: true });
      writeFileSync(join(folder, side, `d${at}/f`), '1');
    }
    return join(folder, side);
  });
  const [base = '', ours = '', theirs = ''] = sides;
  const out = join(folder, 'out');
  const controller = new AbortController();
  const merging = mergeFolders({ base, ours, theirs, out, encoding: 'windows-1251' }, controller.signal);
  const refused = expect(merging).rejects.toMatchObject({ code: 'MERGE_INTERRUPTED' });
  while (!existsSync(`${out}.partial/d0/f`)) await new Promise(setImmediate);
  controller.abort();
  await refused;
  expect(readdirSync(folder).sort()).toEqual(['base', 'ours', 'theirs']);
});
