/** The steps one after the other, on the practice ground's pages, with the files of a site on this machine. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { createHash } from 'node:crypto';
import iconv from 'iconv-lite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import yazl from 'yazl';
import { createStepContext } from '../../../activities/context.ts';
import { customizationSteps as steps } from '../../../activities/customizations/steps.ts';
import { webSteps } from '../../../activities/web/steps.ts';
import { editedPages, editedProfile, newVersion, oldVersion, type Pages } from '../../../lab/customizations/pages.ts';
import type { Backup, FileTree } from '../../../runbook/results.ts';
import type { MachineTarget, WebTree } from '../../../runbook/targets/index.ts';
import { treeOf } from '../web/fixture.ts';

let folder: string;
let tree: WebTree;
let machine: Extract<MachineTarget, { via: 'local' }>;
const site = (): string => join(folder, 'site');
beforeEach(() => {
  folder = mkdtempSync(join(realpathSync(tmpdir()), 'nakat-custom-'));
  machine = { via: 'local', name: 'worker', os: 'linux', work: join(folder, 'work') };
  const store = { machine, folder: join(folder, 'store') };
  tree = { via: 'machine', name: 'www.example.com', machine, folder: site(), keep: ['cache'], store };
  write({ ...editedPages, 'cache/session': 'of a visitor' });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(pages: Pages): void {
  for (const [path, content] of Object.entries(pages)) {
    mkdirSync(dirname(join(site(), path)), { recursive: true });
    writeFileSync(join(site(), path), content, { mode: 0o640 });
  }
}
const at = (step: string) => createStepContext({ run: '1a2b3c4d', step });
async function unpacked(name: string, pages: Pages): Promise<FileTree> {
  const zip = new yazl.ZipFile();
  for (const [path, content] of Object.entries(pages)) zip.addBuffer(Buffer.from(content), `account/${path}`);
  zip.end();
  const path = join(folder, `${name}.zip`);
  const bytes = await buffer(zip.outputStream);
  writeFileSync(path, bytes);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const archive = { path, sha256, name, version: '1' };
  return webSteps.unpackUpdate(
    { archive, into: { machine, folder: join(folder, 'desk') } },
    {},
    at(`rehearsal.${name}`),
  );
}
const desk = () => ({ machine, folder: join(folder, 'desk'), remembered: join(folder, 'decided') });
const options = { part: 'account', encoding: 'windows-1251' as const, keep: ['cache'] as string[] };
const capture = (step = 'rehearsal.capture'): Promise<Backup> => steps.captureCustomizations({ tree }, {}, at(step));
const merge = (uses: { base?: FileTree; ours: Backup; theirs: FileTree }): Promise<FileTree> =>
  steps.mergeCustomizations({ desk: desk(), ...options }, { base: undefined, ...uses }, at('rehearsal.merge'));
const text = (path: string): string => readFileSync(join(site(), path), 'utf8');

test('edits are carried over, checked, put in place; and the restore brings back exactly what was there', async () => {
  symlinkSync('/etc/hostname', join(site(), 'elsewhere'));
  mkdirSync(join(site(), 'empty'));
  const before = treeOf(site());
  const [base, theirs, ours] = [await unpacked('old', oldVersion), await unpacked('new', newVersion), await capture()];
  expect(existsSync(`${ours.place}.zip`)).toBe(true);
  const merged = await merge({ base, ours, theirs });
  // A second time: the same answer, and nothing is done again.
  expect(await merge({ base, ours, theirs })).toEqual(merged);
  const { lines, edits } = await steps.checkCustomizations(
    options,
    { base, ours, theirs, merged },
    at('rehearsal.check'),
  );
  expect(edits?.files).toContainEqual({ path: 'index.html', fate: 'merged' });
  expect(edits?.files).toContainEqual({ path: 'orders/delivery.html', fate: 'added-by-customer' });
  expect(edits?.total).toBe(edits?.files.length);
  expect(lines.map(({ values }) => values?.['path'])).toEqual([
    'css/account.css',
    'index.html',
    'js/account.js',
    'lang/messages.txt',
  ]);

  const backup = await capture('production.capture');
  await steps.checkStillMerged({ tree }, { merged: ours, now: backup }, at('production.still'));
  for (const _ of [1, 2]) await steps.applyCustomizations({ tree }, { merged, backup }, at('production.apply'));
  expect(text('index.html')).toContain('Welcome to our shop');
  expect(text('index.html')).toContain('New: reconciliation');
  expect(text('js/account.js')).toContain("replace('.', ',')");
  expect(text('js/account.js')).toContain('cancelled');
  expect(iconv.decode(readFileSync(join(site(), 'lang/messages.txt')), 'windows-1251')).toBe(
    'Заказ=Заявка\r\nСумма=Сумма\r\nДоговор=Договор\r\nАкт=Акт сверки\r\n',
  );
  expect(readFileSync(join(site(), 'lang/hints.txt'))).toEqual(newVersion['lang/hints.txt']);
  expect(readFileSync(join(site(), 'img/logo.png'))).toEqual(newVersion['img/logo.png']);
  expect(text('orders/delivery.html')).toContain('A page of our own');
  for (const gone of ['js/old-menu.js', 'orders/print.html']) expect(existsSync(join(site(), gone)), gone).toBe(false);
  expect(existsSync(join(site(), 'documents/print.html'))).toBe(true);
  // Rights of the site, what it writes itself, links and empty folders are not the merge's.
  expect((statSync(join(site(), 'index.html')).mode & 0o777).toString(8)).toBe('640');
  expect(text('cache/session')).toBe('of a visitor');
  expect(treeOf(site())).toMatchObject({ elsewhere: 'link /etc/hostname', empty: before['empty'] });
  expect(readdirSync(site()).filter((name) => name.startsWith('.nakat'))).toEqual([]);

  await webSteps.restoreTree({ tree }, { backup }, at('restore.restore'));
  expect((await webSteps.proveTree({ tree }, { backup }, at('restore.prove'))).lines.every(({ equal }) => equal)).toBe(
    true,
  );
  expect(treeOf(site())).toEqual(before);
});

test('a conflict goes no further: the step fails, the pages are not touched, and nothing can be put in place', async () => {
  write({ 'profile.html': editedProfile });
  const before = treeOf(site());
  const [base, theirs, ours] = [await unpacked('old', oldVersion), await unpacked('new', newVersion), await capture()];
  await expect(merge({ base, ours, theirs })).rejects.toMatchObject({
    code: 'MERGE_CONFLICTS',
    failure: { passing: false, values: { count: 1, files: 'profile.html' } },
  });
  const place = join(folder, 'desk', 'merge-1a2b3c4d-rehearsal-merge');
  expect(existsSync(join(place, 'files.json'))).toBe(false);
  expect(treeOf(site())).toEqual(before);
  writeFileSync(join(place, 'choices.yaml'), 'by: Anna\nfiles: { profile.html: theirs }\n');
  const merged = await merge({ base, ours, theirs });
  const { lines, edits } = await steps.checkCustomizations(
    options,
    { base, ours, theirs, merged },
    at('rehearsal.check'),
  );
  expect(edits?.files[0]).toMatchObject({
    path: 'profile.html',
    fate: 'resolved',
    decided: { choice: 'theirs', by: 'Anna', remembered: false, at: expect.any(Number) as number },
  });
  expect(lines.find(({ values }) => values?.['path'] === 'profile.html')?.values).toMatchObject({
    who: 'Anna',
    choice: 'theirs',
  });
});

test('what the running site has for itself is no part of the vendor’s versions either: the customer did not remove it', async () => {
  const base = await unpacked('old', { ...oldVersion, 'cache/.htaccess': 'deny' });
  const theirs = await unpacked('new', { ...newVersion, 'cache/.htaccess': 'deny from all' });
  const ours = await capture();
  const merged = await merge({ base, ours, theirs });
  expect(existsSync(join(merged.place, 'cache'))).toBe(false);
  const { edits } = await steps.checkCustomizations(options, { base, ours, theirs, merged }, at('rehearsal.check'));
  expect(edits?.files.map(({ path }) => path)).not.toContain('cache/.htaccess');
});

test('pages that somebody edited since are found before anything is written', async () => {
  const ours = await capture();
  write({ 'index.html': 'edited again' });
  const now = await capture('production.capture');
  await expect(steps.checkStillMerged({ tree }, { merged: ours, now }, at('production.still'))).rejects.toMatchObject({
    code: 'PAGES_EDITED_SINCE',
    failure: { values: { files: 'index.html' } },
  });
});

test('a prepared folder that somebody changed afterwards is neither approved nor put in place', async () => {
  const [base, theirs, ours] = [await unpacked('old', oldVersion), await unpacked('new', newVersion), await capture()];
  const merged = await merge({ base, ours, theirs });
  unlinkSync(join(merged.place, 'orders/delivery.html'));
  await expect(
    steps.checkCustomizations(options, { base, ours, theirs, merged }, at('rehearsal.check')),
  ).rejects.toMatchObject({ code: 'WEB_TREE_DAMAGED' });
  const before = treeOf(site());
  writeFileSync(join(merged.place, 'index.html'), 'evil');
  const backup = await capture('production.capture');
  await expect(steps.applyCustomizations({ tree }, { merged, backup }, at('production.apply'))).rejects.toMatchObject({
    code: 'WEB_TREE_DAMAGED',
  });
  expect(treeOf(site())).toEqual(before);
});

test('an archive without the named folder, and pages without files, are refused', async () => {
  const [base, theirs, ours] = [await unpacked('old', oldVersion), await unpacked('new', newVersion), await capture()];
  await expect(
    steps.mergeCustomizations(
      { desk: desk(), ...options, part: 'cabinet' },
      { base, ours, theirs },
      at('rehearsal.merge'),
    ),
  ).rejects.toMatchObject({ code: 'MERGE_SIDE_EMPTY' });
  rmSync(site(), { recursive: true });
  mkdirSync(site());
  await expect(capture('rehearsal.again')).rejects.toMatchObject({ code: 'MERGE_SIDE_EMPTY' });
});
