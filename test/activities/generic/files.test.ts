/** Folders and files: whole or not at all, and nothing of them lost by a step that was cut off. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { createStepContext } from '../../../activities/context.ts';
import { copyFiles, uploadFile } from '../../../activities/generic/copy.ts';
import { backUpFolder, restoreFolder } from '../../../activities/generic/folders.ts';
import { closeAllMachines } from '../../../activities/machines/pool.ts';

let dir: string;
const made: string[] = [];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'nakat-files-'));
  made.push(dir);
  mkdirSync(join(dir, 'app/sub'), { recursive: true });
  writeFileSync(join(dir, 'app/a.txt'), 'old');
  writeFileSync(join(dir, 'app/sub/b ж.txt'), 'same');
});
afterAll(async () => {
  await closeAllMachines();
  for (const one of made) rmSync(one, { recursive: true, force: true });
});
const machine = () => ({ via: 'local', os: 'linux', name: 'app', work: join(dir, 'work') }) as const;
const context = (step: string, attempt = 1) => createStepContext({ run: '1a2b3c4d', step, attempt });
const text = (file: string): string => readFileSync(join(dir, file), 'utf8');

test('a folder is backed up once, and comes back as it was', async () => {
  const folder = join(dir, 'app');
  const params = { machine: machine(), folder, backups: join(dir, 'backups') };
  const backup = await backUpFolder(params, {}, context('production.back-up-folder'));
  expect(backup).toMatchObject({ system: 'files', bytes: 7, verified: 'manifest' });
  writeFileSync(join(folder, 'a.txt'), 'new');
  // Another attempt gives the same backup, not one of the changed folder.
  expect(await backUpFolder(params, {}, context('production.back-up-folder', 2))).toEqual(backup);
  writeFileSync(join(folder, 'more.txt'), 'more');
  await restoreFolder({ machine: machine(), folder }, { backup }, context('restore.restore-folder'));
  expect(text('app/a.txt')).toBe('old');
  expect(readdirSync(folder).sort()).toEqual(['a.txt', 'sub']);
  expect(readdirSync(dir).filter((name) => name.includes('nakat-'))).toEqual([]);
});

test('cut off between the two renames: nothing is lost', async () => {
  const folder = join(dir, 'app');
  const backup = await backUpFolder(
    { machine: machine(), folder, backups: join(dir, 'backups') },
    {},
    context('production.back-up-folder'),
  );
  renameSync(folder, `${folder}.nakat-old`);
  await restoreFolder({ machine: machine(), folder }, { backup }, context('restore.restore-folder'));
  expect(text('app/a.txt')).toBe('old');
});

test('a damaged backup is not put in place', async () => {
  const folder = join(dir, 'app');
  const backup = await backUpFolder(
    { machine: machine(), folder, backups: join(dir, 'backups') },
    {},
    context('production.back-up-folder'),
  );
  writeFileSync(join(folder, 'a.txt'), 'new');
  writeFileSync(join(backup.place, 'a.txt'), 'bad');
  await expect(
    restoreFolder({ machine: machine(), folder }, { backup }, context('restore.restore-folder')),
  ).rejects.toMatchObject({ code: 'FILES_BACKUP_DAMAGED' });
  expect(text('app/a.txt')).toBe('new');
});

test('a folder is replaced as a whole; the same again does nothing', async () => {
  mkdirSync(join(dir, 'new'));
  writeFileSync(join(dir, 'new/a.txt'), 'new');
  const params = { machine: machine(), from: join(dir, 'new'), to: join(dir, 'app') };
  expect(await copyFiles(params, {}, context('production.copy'))).toEqual({ files: 1, bytes: 3, copied: true });
  expect(readdirSync(join(dir, 'app'))).toEqual(['a.txt']);
  expect(await copyFiles(params, {}, context('production.copy', 2))).toMatchObject({ copied: false });
  expect(await copyFiles({ ...params, to: join(dir, 'deep/er/app') }, {}, context('production.copy-2'))).toMatchObject({
    copied: true,
  });
  await expect(copyFiles({ ...params, from: join(dir, 'none') }, {}, context('production.copy'))).rejects.toMatchObject(
    { code: 'FOLDER_TO_COPY_MISSING' },
  );
});

test('a single file too', async () => {
  const params = { machine: machine(), from: join(dir, 'app/a.txt'), to: join(dir, 'app/sub/b ж.txt') };
  expect(await copyFiles(params, {}, context('production.copy'))).toEqual({ files: 1, bytes: 3, copied: true });
  expect(text('app/sub/b ж.txt')).toBe('old');
  expect(await copyFiles(params, {}, context('production.copy'))).toMatchObject({ copied: false });
});

test('only the approved file is uploaded', async () => {
  const path = join(dir, 'package.zip');
  writeFileSync(path, 'approved');
  const archive = { path, name: 'x', version: '1', sha256: createHash('sha256').update('approved').digest('hex') };
  const to = join(dir, 'uploaded.zip');
  expect(await uploadFile({ machine: machine(), archive, to }, {}, context('production.upload'))).toMatchObject({
    uploaded: true,
  });
  expect(text('uploaded.zip')).toBe('approved');
  writeFileSync(path, 'another!');
  // It is there already, as it was approved.
  expect(await uploadFile({ machine: machine(), archive, to }, {}, context('production.upload', 2))).toMatchObject({
    uploaded: false,
  });
  rmSync(to);
  await expect(uploadFile({ machine: machine(), archive, to }, {}, context('production.upload'))).rejects.toMatchObject(
    { code: 'FILE_DIGEST_CHANGED' },
  );
});
