import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import iconv from 'iconv-lite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { lostChanges } from '../../../activities/customizations/check.ts';
import { prepare, readRecord, type MergeRecord } from '../../../activities/customizations/desk.ts';
import { openMemory } from '../../../activities/customizations/memory.ts';
import { markers, mergeText } from '../../../activities/customizations/merge-text.ts';
import type { SideName } from '../../../activities/customizations/fate.ts';
import { scanFolder, type Trees } from '../../../activities/customizations/trees.ts';
import { triples } from './triples.ts';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'nakat-desk-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

type Files = Record<string, string | Buffer>;
function put(at: string, files: Files): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, at, path)), { recursive: true });
    writeFileSync(join(folder, at, path), content);
  }
}
async function trees(base: Files | null, ours: Files, theirs: Files): Promise<Trees> {
  for (const [side, files] of Object.entries({ base, ours, theirs })) {
    rmSync(join(folder, side), { recursive: true, force: true });
    if (files) put(side, files);
  }
  const open = (side: SideName) => scanFolder(side, join(folder, side));
  return { base: base && (await open('base')), ours: await open('ours'), theirs: await open('theirs') };
}

const merge = async (sides: Trees, place = 'desk', inputs = 'one'): Promise<MergeRecord> =>
  prepare(sides, join(folder, place), {
    legacy: 'windows-1251',
    memory: await openMemory(join(folder, 'memory')),
    inputs,
    where: 'worker',
    time: () => new Date('2026-05-01T10:00:00Z'),
  });
const result = (path: string, place = 'desk'): string => readFileSync(join(folder, place, 'files', path), 'utf8');
const choose = (files: Record<string, string>, by = 'Anna'): void =>
  writeFileSync(join(folder, 'desk', 'choices.yaml'), JSON.stringify({ by, files }));
const waiting = { code: 'MERGE_CONFLICTS' };

const base = {
  'form.php': '1\n2\n3\n',
  'logo.png': Buffer.from([0, 1]),
  'page.php': 'a\nb\nc\nd\ne\n',
  'gone.php': 'old\n',
};
const ours = {
  'form.php': '1\ncustomer\n3\n',
  'logo.png': Buffer.from([0, 2]),
  'page.php': 'A\nb\nc\nd\ne\n',
  'gone.php': 'mine\n',
  'own.php': 'own\n',
};
const theirs = {
  'form.php': '1\nvendor\n3\n',
  'logo.png': Buffer.from([0, 3]),
  'page.php': 'a\nb\nc\nd\nE\n',
  'new.php': 'new\n',
};

test('without a conflict it is done at once, and whole', async () => {
  const record = await merge(
    await trees({ f: '1\n2\n3\n4\n5\n' }, { f: 'A\n2\n3\n4\n5\n', own: '1' }, { f: '1\n2\n3\n4\nE\n' }),
  );
  expect(result('f')).toBe('A\n2\n3\n4\nE\n');
  expect(record.laid.map(({ path, fate }) => `${path} ${fate}`)).toEqual(['f merged', 'own added-by-customer']);
  expect(readdirSync(join(folder, 'desk')).sort()).toEqual(['draft.json', 'files', 'files.json', 'merge.json']);
  // Again: the same answer, nothing is written.
  unlinkSync(join(folder, 'desk', 'files', 'own'));
  expect(await merge(await trees({ f: '1' }, { f: '2' }, { f: '1' }))).toEqual(record);
  expect(existsSync(join(folder, 'desk', 'files', 'own'))).toBe(false);
});

test('conflicts wait: markers, sides, a page and choices are there; with the answers it goes on, and remembers', async () => {
  const sides = await trees(base, ours, theirs);
  await expect(merge(sides)).rejects.toMatchObject({ ...waiting, failure: { values: { count: 3 } } });
  expect(await readRecord(join(folder, 'desk'))).toBeNull();
  expect(result('form.php')).toContain(markers.theirs);
  expect(result('page.php')).toBe('A\nb\nc\nd\nE\n');
  expect(readFileSync(join(folder, 'desk/sides/theirs/form.php'), 'utf8')).toBe(theirs['form.php']);
  const page = readFileSync(join(folder, 'desk/compare.html'), 'utf8');
  expect(page).toContain('customer');
  expect(page).not.toContain('<script');
  // Nothing was done: it waits on, for the same.
  await expect(merge(sides)).rejects.toMatchObject(waiting);
  // One of three.
  choose({ 'logo.png': 'theirs' });
  await expect(merge(sides)).rejects.toMatchObject({ failure: { values: { count: 2 } } });
  choose({ 'logo.png': 'theirs', 'gone.php': 'ours' });
  put('desk/files', { 'form.php': '1\ncustomer and vendor\n3\n', 'page.php': 'A\nb\nc\nd\nE adapted\n' });
  const { laid } = await merge(sides);
  expect(result('logo.png')).toBe('\0\u0003');
  expect(result('gone.php')).toBe('mine\n');
  expect(result('page.php')).toBe('A\nb\nc\nd\nE adapted\n');
  const resolved = laid.flatMap(({ path, resolution }) =>
    resolution ? [[path, resolution.choice, resolution.by]] : [],
  );
  expect(resolved).toEqual([
    ['form.php', 'edited', 'Anna'],
    ['gone.php', 'ours', 'Anna'],
    ['logo.png', 'theirs', 'Anna'],
    ['page.php', 'edited', 'Anna'],
  ]);
  // The same again, elsewhere: nobody is asked, and it says who decided.
  const again = await merge(sides, 'again');
  expect(result('form.php', 'again')).toBe('1\ncustomer and vendor\n3\n');
  expect(again.laid.find(({ path }) => path === 'form.php')?.resolution).toEqual({
    choice: 'edited',
    by: 'Anna',
    at: '2026-05-01T10:00:00.000Z',
    remembered: true,
  });
  // The next update: other files around it, the same place in the form.
  const next = await trees(
    { ...base, 'form.php': `0\n${base['form.php']}` },
    { ...ours, 'form.php': `0\n${ours['form.php']}` },
    { ...theirs, 'form.php': `zero\n${theirs['form.php']}` },
  );
  const later = await merge(next, 'later');
  expect(result('form.php', 'later')).toBe('zero\n1\ncustomer and vendor\n3\n');
  expect(later.laid.find(({ path }) => path === 'form.php')?.resolution?.choice).toBe('lines');
});

test('the page of comparison shows eight-bit texts in their letters, and nobody’s markup', async () => {
  const windows = (text: string): Buffer => iconv.encode(text, 'windows-1251');
  const sides = await trees(
    { f: windows('Имя\n') },
    { f: windows('Фирма\n') },
    { f: windows('<script>ФИО</script>\n') },
  );
  await expect(merge(sides)).rejects.toMatchObject(waiting);
  const page = readFileSync(join(folder, 'desk/compare.html'), 'utf8');
  // Within a line the letters that differ are marked.
  const seen = page.replaceAll(/<\/?(ins|del)>/g, '');
  expect(seen).toContain('Фирма');
  expect(seen).toContain('ФИО');
  expect(page).not.toContain('<script');
});

test('a conflict of the same lines with other contents is asked again', async () => {
  await expect(merge(await trees(base, ours, theirs))).rejects.toMatchObject(waiting);
  choose({ 'form.php': 'ours', 'logo.png': 'ours', 'gone.php': 'ours' });
  await merge(await trees(base, ours, theirs));
  const other = await trees(base, ours, { ...theirs, 'form.php': '1\nvendor again\n3\n' });
  await expect(merge(other, 'other', 'two')).rejects.toMatchObject({
    failure: { values: { count: 1, files: 'form.php' } },
  });
});

test.each([
  ['MERGE_CHOICES_NOBODY', { by: '', files: { 'form.php': 'ours', 'logo.png': 'ours', 'gone.php': 'ours' } }],
  ['MERGE_CHOICE_WITHOUT_CONFLICT', { by: 'Anna', files: { 'page.php': 'ours' } }],
  ['MERGE_CHOICE_WITHOUT_CONFLICT', { by: 'Anna', files: { '../../form.php': 'ours' } }],
  ['MERGE_CHOICES_WRONG', { by: 'Anna' }],
])('choices that cannot be taken are refused, and nothing is finished: %s, %j', async (code, content) => {
  const sides = await trees(base, ours, theirs);
  await expect(merge(sides)).rejects.toMatchObject(waiting);
  writeFileSync(join(folder, 'desk', 'choices.yaml'), JSON.stringify(content));
  await expect(merge(sides)).rejects.toMatchObject({ code });
  expect(await readRecord(join(folder, 'desk'))).toBeNull();
  expect(existsSync(join(folder, 'memory'))).toBe(false);
});

test.each(['mine', 3, ['ours']])(
  'a side that is none is refused by name, with those that may stand there: %j',
  async (side) => {
    const sides = await trees(base, ours, theirs);
    await expect(merge(sides)).rejects.toMatchObject(waiting);
    writeFileSync(join(folder, 'desk', 'choices.yaml'), JSON.stringify({ by: 'Anna', files: { 'form.php': side } }));
    await expect(merge(sides)).rejects.toMatchObject({
      code: 'MERGE_CHOICE_UNKNOWN',
      failure: { values: { path: 'form.php', choice: JSON.stringify(side), allowed: 'ours, theirs, edited' } },
    });
    expect(await readRecord(join(folder, 'desk'))).toBeNull();
  },
);

test('an edited text with a marker left in it waits on, whatever the choice says', async () => {
  const sides = await trees({ f: '1\n' }, { f: '2\n' }, { f: '3\n' });
  await expect(merge(sides)).rejects.toMatchObject(waiting);
  put('desk/files', { f: `2 and 3\n${markers.theirs}\n` });
  choose({ f: 'edited' });
  await expect(merge(sides)).rejects.toMatchObject(waiting);
  put('desk/files', { f: '2 and 3\n' });
  await merge(sides);
  expect(result('f')).toBe('2 and 3\n');
});

test('a file removed by the one who decides is gone, and stays gone when it is remembered', async () => {
  const sides = await trees({ f: '1\n', g: '1' }, { f: '2\n', g: '1' }, { f: '3\n', g: '1' });
  await expect(merge(sides)).rejects.toMatchObject(waiting);
  unlinkSync(join(folder, 'desk/files/f'));
  // A file that is missing may be an accident: it has to be said.
  await expect(merge(sides)).rejects.toMatchObject(waiting);
  choose({ f: 'edited' });
  await merge(sides);
  await merge(sides, 'again');
  for (const place of ['desk', 'again']) expect(existsSync(join(folder, place, 'files/f'))).toBe(false);
});

test('names that collide: the side that is chosen brings its own name', async () => {
  const sides = await trees({ a: '1' }, { a: '1', 'Form.php': 'mine' }, { a: '1', 'form.php': 'vendor' });
  await expect(merge(sides)).rejects.toMatchObject(waiting);
  choose({ 'Form.php': 'ours' });
  await merge(sides);
  expect(readdirSync(join(folder, 'desk/files')).sort()).toEqual(['Form.php', 'a']);
  expect(result('Form.php')).toBe('mine');
});

test('a draft that was cut off is made anew; other inputs make another', async () => {
  const sides = await trees(base, ours, theirs);
  put('desk/files.partial', { half: 'x' });
  put('desk/files', { stale: 'x' });
  await expect(merge(sides)).rejects.toMatchObject(waiting);
  expect(existsSync(join(folder, 'desk/files/stale'))).toBe(false);
  expect(existsSync(join(folder, 'desk/files.partial'))).toBe(false);
  const calm = await trees({ f: '1' }, { f: '1' }, { f: '2' });
  await merge(calm, 'desk', 'two');
  expect(readdirSync(join(folder, 'desk/files'))).toEqual(['f']);
});

test('a change of the customer that is not in the result is found, whatever the merge says of itself', async () => {
  const sides = await trees(
    { f: '1\n2\n3\n4\n5\n', g: '1', h: 'x\ny\n' },
    { f: 'A\n2\n3\n4\n5\n', g: '2', own: '1' },
    { f: '1\n2\n3\n4\nE\n', g: '1', h: 'x\ny\n' },
  );
  const record = await merge(sides);
  const lost = async (): Promise<string[]> =>
    lostChanges(sides, await scanFolder('theirs', join(folder, 'desk/files')), record, 'windows-1251');
  expect(await lost()).toEqual([]);
  put('desk/files', { f: '1\n2\n3\n4\nE\n' });
  expect(await lost()).toEqual(['f']);
  put('desk/files', { f: 'A\n1\n2\n3\n4\nE\n' });
  expect(await lost()).toEqual(['f']);
  put('desk/files', { f: 'A\n2\n3\n4\nE\n', g: '1', h: 'x\ny\n' });
  unlinkSync(join(folder, 'desk/files/own'));
  expect(await lost()).toEqual(['g', 'own', 'h']);
});

test('of generated merges none is said to have lost a change; where the vendor alone came through, it is found', async () => {
  const content = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');
  const clean = triples(7, 3000).flatMap(({ base, ours, theirs }) => {
    const [b, o, t] = [content(base), content(ours), content(theirs)];
    const sides = { base: Buffer.from(b), ours: Buffer.from(o), theirs: Buffer.from(t) };
    const merged = mergeText(sides, { legacy: 'windows-1251' });
    return o !== b && t !== b && merged.kind === 'clean' ? [{ b, o, t, merged: merged.content.toString() }] : [];
  });
  const named = (of: (one: (typeof clean)[number]) => string): Files =>
    Object.fromEntries(clean.map((one, at) => [`f${at}`, of(one)]));
  const sides = await trees(
    named(({ b }) => b),
    named(({ o }) => o),
    named(({ t }) => t),
  );
  const record = await merge(sides);
  const lost = async (): Promise<string[]> =>
    lostChanges(sides, await scanFolder('theirs', join(folder, 'desk/files')), record, 'windows-1251');
  expect(await lost()).toEqual([]);
  put(
    'desk/files',
    named(({ t }) => t),
  );
  const changes = clean.filter(({ t, merged }) => t !== merged).length;
  expect(changes).toBeGreaterThan(500);
  // By counting lines it is not seen when the customer only moved some.
  expect((await lost()).length / changes).toBeGreaterThan(0.85);
});
