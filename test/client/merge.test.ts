import { execFileSync } from 'node:child_process';
import {
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
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import yazl from 'yazl';
import { buffer } from 'node:stream/consumers';
import { nakat } from './command.ts';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'nakat-merge-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

type Files = Record<string, string>;
function put(at: string, files: Files): string {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, at, path)), { recursive: true });
    writeFileSync(join(folder, at, path), content);
  }
  return join(folder, at);
}
async function zip(name: string, files: Files, change: (bytes: Buffer) => Buffer = (bytes) => bytes): Promise<string> {
  const file = new yazl.ZipFile();
  for (const [path, content] of Object.entries(files)) file.addBuffer(Buffer.from(content), path);
  file.end();
  writeFileSync(join(folder, name), change(await buffer(file.outputStream)));
  return join(folder, name);
}
const out = (): string => join(folder, 'out');
const merge = (...argv: string[]) => nakat(['merge', ...argv, '--out', out()]);

const base = { 'a.txt': '1\n2\n3\n4\n5\n', 'b.txt': 'b\n' };
const ours = { 'a.txt': 'A\n2\n3\n4\n5\n', 'b.txt': 'b\n', 'own.txt': 'own\n' };
const theirs = { 'a.txt': '1\n2\n3\n4\nE\n', 'b.txt': 'new b\n' };

test('three folders without a conflict', async () => {
  const { code, out: said } = await merge(put('base', base), put('ours', ours), put('theirs', theirs));
  expect(code).toBe(0);
  expect(said).toContain('No conflicts');
  expect(readFileSync(join(out(), 'a.txt'), 'utf8')).toBe('A\n2\n3\n4\nE\n');
  expect(readdirSync(out()).sort()).toEqual(['a.txt', 'b.txt', 'own.txt']);
  expect(readdirSync(folder).sort()).toEqual(['base', 'ours', 'out', 'theirs']);
});

const under = (top: string, files: Files): Files =>
  Object.fromEntries(Object.entries(files).map(([path, content]) => [`${top}/${path}`, content]));

test.each([
  ['one of the archives has it', 'account', '', '', { base: 'account' }],
  ['each archive has one of its own', 'account-1', '', 'account-2', { base: 'account-1', theirs: 'account-2' }],
  ['all have the same', 'account', 'account', 'account', {}],
])('a folder around everything: %s', async (_name, baseTop, oursTop, theirsTop, tops) => {
  const within = (top: string, files: Files): Files => (top === '' ? files : under(top, files));
  const { code, out: said } = await merge(
    await zip('old.zip', within(baseTop, base)),
    put('ours', within(oursTop, ours)),
    await zip('new.zip', within(theirsTop, theirs)),
    '--json',
  );
  expect(code).toBe(0);
  expect(JSON.parse(said)).toMatchObject({ tops });
  expect(readdirSync(join(out(), oursTop)).sort()).toEqual(['a.txt', 'b.txt', 'own.txt']);
});

test('a folder around everything in the archives is no top where the customer has a second folder beside it', async () => {
  const { code, out: said } = await merge(
    await zip('old.zip', under('account', base)),
    put('ours', { ...under('account', ours), 'extra/x.html': 'x' }),
    await zip('new.zip', under('account', { ...theirs, 'z.html': 'new' })),
  );
  expect(code).toBe(0);
  expect(said).not.toContain('top of');
  expect(readdirSync(out(), { recursive: true }).sort()).toEqual(
    ['account', 'account/a.txt', 'account/b.txt', 'account/own.txt', 'account/z.html', 'extra', 'extra/x.html'].sort(),
  );
});

test('which folder of an archive was taken for the top is said', async () => {
  const { out: said } = await merge(await zip('old.zip', under('account', base)), put('ours', ours), put('t', theirs));
  expect(said).toContain('Taken for the top of base: the folder account/');
});

test('conflicts: exit code 3, markers, a page, and all of it as JSON', async () => {
  const sides = [put('base', base), put('ours', ours), put('theirs', { ...theirs, 'a.txt': 'X\n2\n3\n4\n5\n' })];
  const html = join(folder, 'conflicts.html');
  const { code, out: said } = await merge(...sides, '--html', html, '--json');
  expect(code).toBe(3);
  expect(JSON.parse(said)).toEqual({
    out: out(),
    threeWay: true,
    tops: {},
    files: { 'new-version': 1, 'added-by-customer': 1 },
    merged: [],
    moved: [],
    changed: [
      { path: 'a.txt', fate: 'conflict' },
      { path: 'b.txt', fate: 'new-version' },
      { path: 'own.txt', fate: 'added-by-customer' },
    ],
    conflicts: [{ path: 'a.txt', kind: 'both-changed', at: { base: 'a.txt', ours: 'a.txt', theirs: 'a.txt' } }],
    html,
  });
  expect(readFileSync(join(out(), 'a.txt'), 'utf8')).toContain('<<<<<<< ours');
  expect(readFileSync(html, 'utf8')).toContain('a.txt');
});

test('two sides: what differs is a conflict', async () => {
  const { code, out: said } = await merge(put('ours', ours), put('theirs', theirs), '--json');
  expect(code).toBe(3);
  expect(JSON.parse(said)).toMatchObject({ threeWay: false, conflicts: [{ path: 'a.txt' }, { path: 'b.txt' }] });
});

test('a file that was moved, and the edits with it, is named in the list of all that was not left as it was', async () => {
  const [kept, text] = [{ k: '1' }, '1\n2\n3\n4\n5\n'];
  const sides = [
    put('base', { ...kept, 'd/f': text, gone: 'x' }),
    put('ours', { ...kept, 'd/f': text.replace('1', 'A'), gone: 'x', A: 'mine' }),
    put('theirs', { ...kept, 'e/f': text.replace('5', 'E'), 'A/z': 'z' }),
  ];
  const { code, out: said, err } = await merge(...sides, '--json');
  expect(code).toBe(3);
  expect(JSON.parse(said)).toMatchObject({
    moved: [{ from: 'd/f', to: 'e/f' }],
    changed: [
      { path: 'A', fate: 'conflict' },
      { path: 'A/z', fate: 'conflict' },
      { path: 'e/f', from: 'd/f', fate: 'merged' },
      { path: 'gone', fate: 'removed-by-vendor' },
    ],
    conflicts: [{ path: 'A', names: { ours: ['A'], theirs: ['A/z'] } }],
  });
  expect(err).toContain('d/f → e/f');
  expect(err).toContain('the customer has A, the vendor has A/z');
});

test('the result of git merge-file, rights included, for a tree of real files', async () => {
  const sides = ['base', 'ours', 'theirs'].map((name, at) => put(name, [base, ours, theirs][at] ?? {}));
  execFileSync('chmod', ['755', join(folder, 'theirs/b.txt')]);
  expect((await merge(...sides)).code).toBe(0);
  const git = execFileSync('git', ['merge-file', '-p', 'ours/a.txt', 'base/a.txt', 'theirs/a.txt'], { cwd: folder });
  expect(readFileSync(join(out(), 'a.txt'))).toEqual(git);
  expect(execFileSync('stat', ['-c', '%a', join(out(), 'b.txt')], { encoding: 'utf8' }).trim()).toBe('755');
});

test.each([
  ['one side', () => Promise.resolve(['ours']), 'USAGE'],
  ['four sides', () => Promise.resolve(['a', 'b', 'c', 'd']), 'USAGE'],
  ['a side that is not there', () => Promise.resolve([put('ours', ours), join(folder, 'nowhere')]), 'FILE_NOT_FOUND'],
  [
    'a file that is no archive',
    () => Promise.resolve([put('ours', ours), join(put('x', { f: 'text' }), 'f')]),
    'PACKAGE_NOT_ZIP',
  ],
  [
    'a path out of the folder',
    async () => [
      put('ours', ours),
      await zip('z.zip', { 'xx/evil': '1' }, (bytes) => swapped(bytes, 'xx/evil', '../evil')),
    ],
    'PACKAGE_UNSAFE',
  ],
  [
    'an absolute path',
    async () => [
      put('ours', ours),
      await zip('z.zip', { 'xtmp/evil': '1' }, (bytes) => swapped(bytes, 'xtmp/evil', '/tmp/evil')),
    ],
    'PACKAGE_UNSAFE',
  ],
  ['a device of Windows', async () => [put('ours', ours), await zip('z.zip', { 'aux.txt': '1' })], 'PACKAGE_UNSAFE'],
  [
    'names that collide',
    async () => [put('ours', ours), await zip('z.zip', { 'A.txt': '1', 'a.txt': '2' })],
    'PACKAGE_UNSAFE',
  ],
  ['a bomb', async () => [put('ours', ours), await zip('z.zip', { f: 'a'.repeat(32 * 2 ** 20) })], 'PACKAGE_UNSAFE'],
])('%s is refused with exit code 2, and nothing is left', async (_name, sides, code) => {
  const answer = await merge(...(await sides()), '--json');
  expect(answer.code).toBe(2);
  expect(JSON.parse(answer.out)).toMatchObject({ error: { code } });
  expect(existsSync(out())).toBe(false);
  expect(readdirSync(folder).filter((name) => name.includes('partial'))).toEqual([]);
});

test('what lies where the result is made stays', async () => {
  const own = put('out.partial', { f: '1' });
  const { code, err } = await merge(put('base', { f: '1' }), own, put('theirs', { f: '1' }));
  expect([code, err]).toEqual([2, expect.stringContaining('FILE_EXISTS')]);
  expect([readdirSync(own), existsSync(out())]).toEqual([['f'], false]);
});

test('a side without files is named as it was given', async () => {
  const empty = await zip('empty.zip', {});
  const { code, err } = await merge(put('base', base), put('ours', ours), empty);
  expect(code).toBe(2);
  expect(err).toContain(`There are no files in theirs (${empty})`);
  expect(err).toContain('in a plan also');
});

test('a result without any file is a folder', async () => {
  const { code } = await merge(put('base', { f: '1', g: '1' }), put('ours', { f: '1' }), put('theirs', { g: '1' }));
  expect(code).toBe(0);
  expect(readdirSync(out())).toEqual([]);
});

test('a folder that is not empty is nobody’s to overwrite', async () => {
  put('out', { mine: '1' });
  const { code } = await merge(put('ours', ours), put('theirs', theirs));
  expect(code).toBe(2);
  expect(readdirSync(out())).toEqual(['mine']);
});

test('a result within one of the sides is refused: it would become part of it', async () => {
  const site = put('ours', ours);
  const { code } = await nakat(['merge', site, put('theirs', theirs), '--out', join(site, 'merged')]);
  expect(code).toBe(2);
  expect(readdirSync(site).sort()).toEqual(Object.keys(ours).sort());
});

test('a result within a side that goes by another name is refused as well', async () => {
  const site = put('ours', ours);
  symlinkSync('ours', join(folder, 'link'));
  const { code } = await nakat(['merge', site, put('theirs', theirs), '--out', join(folder, 'link/not-there/merged')]);
  expect(code).toBe(2);
  expect(readdirSync(site).sort()).toEqual(Object.keys(ours).sort());
});

test.each<[string, () => string, string]>([
  ['a file that is there', () => join(put('x', { 'page.html': 'mine' }), 'page.html'), 'FILE_EXISTS'],
  ['within a side', () => join(folder, 'ours/new.html'), 'USAGE'],
  ['within a side that goes by another name', () => join(folder, 'link/new.html'), 'USAGE'],
  ['within the result', () => join(folder, 'out/new.html'), 'USAGE'],
  ['the result itself', () => join(folder, 'out'), 'USAGE'],
  ['where the result is made', () => join(folder, 'out.partial'), 'USAGE'],
  ['a folder that is not there', () => join(folder, 'nowhere/new.html'), 'USAGE'],
])('a page at a place that is not for it is refused before anything is merged: %s', async (name, place, error) => {
  symlinkSync('ours', join(folder, 'link'));
  if (name === 'within the result') mkdirSync(out());
  const html = place();
  const sides = [put('base', base), put('ours', ours), put('theirs', { ...theirs, 'a.txt': 'X\n' })];
  const { code, out: said } = await merge(...sides, '--html', html, '--json');
  expect([code, JSON.parse(said)]).toMatchObject([2, { error: { code: error } }]);
  expect(existsSync(out()) ? readdirSync(out()) : []).toEqual([]);
  expect(readdirSync(join(folder, 'ours'))).not.toContain('new.html');
  if (error === 'FILE_EXISTS') expect(readFileSync(html, 'utf8')).toBe('mine');
});

test('without conflicts no page is written, and it is said', async () => {
  const html = join(folder, 'page.html');
  const { code, out: said } = await merge(
    put('base', base),
    put('ours', ours),
    put('theirs', theirs),
    '--html',
    html,
    '--lang',
    'ru',
  );
  expect([code, existsSync(html)]).toEqual([0, false]);
  expect(said).toContain(`Сравнивать нечего: ${html} не записан`);
});

test.each([
  ['en', 'what the customer changed', /[а-яё]/i],
  ['ru', 'что изменил заказчик', /customer|vendor|Conflicts/],
])('the page speaks the language of the command: %s', async (language, wanted, other) => {
  const html = join(folder, 'page.html');
  const sides = [put('base', { 'a/b': '1\n' }), put('ours', { 'a/b': '2\n' }), put('theirs', { 'a/b': '3\n' })];
  await merge(...sides, '--html', html, '--lang', language);
  const page = readFileSync(html, 'utf8');
  expect(page).toContain(`<html lang="${language}">`);
  expect(page).toContain('<h2>a/b</h2>');
  expect(page).toContain(wanted);
  expect(page.replace(/<style>.*<\/style>/s, '')).not.toMatch(other);
});

test('a file that cannot be used is named with its side, and nothing is left', async () => {
  symlinkSync('/etc/hostname', join(put('ours', ours), 'linked'));
  const { code, err } = await merge(put('base', base), join(folder, 'ours'), put('theirs', theirs));
  expect(code).toBe(2);
  expect(err).toContain('linked of ours');
  expect(existsSync(out())).toBe(false);
});

/** A name of the same length, everywhere in the archive. */
const swapped = (bytes: Buffer, from: string, to: string): Buffer =>
  Buffer.from(bytes.toString('latin1').replaceAll(from, to), 'latin1');
