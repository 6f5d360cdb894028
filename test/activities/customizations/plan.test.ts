import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { SideName } from '../../../activities/customizations/fate.ts';
import type { Outcome } from '../../../activities/customizations/outcome.ts';
import { planMerge } from '../../../activities/customizations/plan.ts';
import { scanFolder, type Tree } from '../../../activities/customizations/trees.ts';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'nakat-plan-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

type Files = Record<string, string>;
async function tree(side: SideName, files: Files): Promise<Tree> {
  for (const [path, content] of Object.entries({ 'always.txt': 'here', ...files })) {
    mkdirSync(dirname(join(folder, side, path)), { recursive: true });
    writeFileSync(join(folder, side, path), content);
  }
  return scanFolder(side, join(folder, side));
}

async function plan(base: Files | null, ours: Files, theirs: Files): Promise<Record<string, string>> {
  const outcomes = await planMerge({
    base: base && (await tree('base', base)),
    ours: await tree('ours', ours),
    theirs: await tree('theirs', theirs),
  });
  return Object.fromEntries(outcomes.filter(({ path }) => path !== 'always.txt').map((one) => [one.path, said(one)]));
}
const said = (one: Outcome): string =>
  one.do === 'take'
    ? `${one.from}: ${one.fate}`
    : one.do === 'leave-out'
      ? `gone: ${one.fate}`
      : `${one.do}: ${one.kind}`;

const long = Array.from({ length: 40 }, (_, at) => `line ${at}`).join('\n');
const edited = long.replace('line 3', 'customer');
const renewed = long.replace('line 30', 'vendor');

test.each<[string, Files, Files, Files, Record<string, string>]>([
  ['untouched', { f: '1' }, { f: '1' }, { f: '1' }, { f: 'theirs: unchanged' }],
  ['the vendor’s change', { f: '1' }, { f: '1' }, { f: '2' }, { f: 'theirs: new-version' }],
  ['the customer’s edit', { f: '1' }, { f: '2' }, { f: '1' }, { f: 'ours: edit-kept' }],
  ['both', { f: '1' }, { f: '2' }, { f: '3' }, { f: 'merge: both-changed' }],
  ['both alike', { f: '1' }, { f: '2' }, { f: '2' }, { f: 'theirs: same-in-both' }],
  ['added by the vendor', {}, {}, { f: '1' }, { f: 'theirs: added-by-vendor' }],
  ['added by the customer', {}, { f: '1' }, {}, { f: 'ours: added-by-customer' }],
  ['added by both', {}, { f: '1' }, { f: '2' }, { f: 'merge: both-added' }],
  ['removed by the vendor', { f: '1' }, { f: '1' }, {}, { f: 'gone: removed-by-vendor' }],
  ['removed by the customer', { f: '1' }, {}, { f: '1' }, { f: 'gone: removed-by-customer' }],
  ['removed by both', { f: '1' }, {}, {}, { f: 'gone: removed-by-vendor' }],
  ['edited, and removed by the vendor', { f: '1' }, { f: '2' }, {}, { f: 'ask: edited-and-removed' }],
  ['removed by the customer, and changed', { f: '1' }, {}, { f: '2' }, { f: 'ask: removed-and-changed' }],
  [
    'edited, and moved by the vendor',
    { 'a/f': long },
    { 'a/f': edited },
    { 'b/f': long },
    { 'b/f': 'ours: edit-kept' },
  ],
  [
    'edited, moved and changed by the vendor',
    { 'a/f': long },
    { 'a/f': edited },
    { 'b/f': renewed },
    { 'b/f': 'merge: both-changed' },
  ],
  [
    'moved by the customer, changed by the vendor',
    { 'a/f': long },
    { 'c/f': long },
    { 'a/f': renewed },
    { 'c/f': 'theirs: new-version' },
  ],
  [
    'something else under another name is no move',
    { 'a/f': long },
    { 'a/f': edited },
    { 'b/g': 'another\n' },
    { 'a/f': 'ask: edited-and-removed', 'b/g': 'theirs: added-by-vendor' },
  ],
  [
    'names that differ in case only',
    {},
    { 'Form.php': '1' },
    { 'form.php': '2' },
    { 'Form.php': 'ask: names-collide' },
  ],
  [
    'names that differ in composition only',
    {},
    { '\u0439.php': '1' },
    { '\u0438\u0306.php': '2' },
    { '\u0439.php': 'ask: names-collide' },
  ],
  ['a file where the vendor has a folder', {}, { lib: '1' }, { 'lib/f': '2' }, { lib: 'ask: names-collide' }],
  [
    'a file of the vendor’s where the customer has made a folder of it',
    { f: '1' },
    { 'f/a': 'x', 'f/b': 'y', own: 'z' },
    { f: '2' },
    { 'f/a': 'ask: names-collide', own: 'ours: added-by-customer' },
  ],
  [
    'moved to where the customer has a file: each name as it is',
    { 'a/f': long },
    { 'a/f': edited, b: '1' },
    { 'b/f': long },
    { 'a/f': 'ask: edited-and-removed', b: 'ask: names-collide' },
  ],
])('%s', async (_name, base, ours, theirs, wanted) => {
  expect(await plan(base, ours, theirs)).toEqual(wanted);
});

test('without the old version: what differs is asked, what one side alone has is kept', async () => {
  expect(await plan(null, { same: '1', own: '1', f: '1' }, { same: '1', added: '1', f: '2' })).toEqual({
    same: 'theirs: unchanged',
    own: 'ours: added-by-customer',
    added: 'theirs: added-by-vendor',
    f: 'merge: no-old-version',
  });
});

test('two customers’ files that differ in case only are the customer’s own affair', async () => {
  expect(await plan({}, { 'A.txt': '1', 'a.txt': '2' }, {})).toEqual({
    'A.txt': 'ours: added-by-customer',
    'a.txt': 'ours: added-by-customer',
  });
});

test('rights: who changed them has them', async () => {
  const at = (side: SideName, mode: number): Tree => ({
    side,
    folder,
    files: new Map([['f', { size: 1, sha256: 'a', mode }]]),
  });
  const mode = async (b: number, o: number, t: number): Promise<number | undefined> =>
    (await planMerge({ base: at('base', b), ours: at('ours', o), theirs: at('theirs', t) }))[0]?.mode;
  expect(await mode(0o644, 0o644, 0o755)).toBe(0o755);
  expect(await mode(0o644, 0o755, 0o644)).toBe(0o755);
  expect(await mode(0o644, 0o600, 0o755)).toBe(0o600);
});

test.each([
  ['a link', (at: string) => symlinkSync('/etc', join(at, 'etc'))],
  ['a link to a file', (at: string) => symlinkSync('/etc/hostname', join(at, 'f'))],
  ['a pipe, which would be waited for', (at: string) => execFileSync('mkfifo', [join(at, 'f')])],
  ['a name with a line end', (at: string) => writeFileSync(join(at, 'a\nb'), '1')],
  ['a name with a backslash', (at: string) => writeFileSync(join(at, 'a\\b'), '1')],
])('refuses %s in a folder', async (_name, make) => {
  mkdirSync(join(folder, 'ours'));
  writeFileSync(join(folder, 'ours', 'always.txt'), 'here');
  make(join(folder, 'ours'));
  await expect(scanFolder('ours', join(folder, 'ours'))).rejects.toMatchObject({ code: 'MERGE_FILE_REFUSED' });
});

test('an empty side is refused: it would remove every page', async () => {
  mkdirSync(join(folder, 'theirs'));
  await expect(scanFolder('theirs', join(folder, 'theirs'))).rejects.toMatchObject({ code: 'MERGE_SIDE_EMPTY' });
});
