/** The same way where the host gives FTP and PostgreSQL, where only a person reaches the site's files, and with what is broken from the start. Without pictures of pages. */
import { join } from 'node:path';
import { readFile } from 'node:fs/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { vsftpdFound } from '../../../lab/vsftpd.ts';
import { requireReal } from '../../helpers/real.ts';
import { stateOf } from './look.ts';
import { startTrial, type Trial } from './trial.ts';

let trial: Trial | undefined;
afterEach(() => trial?.stop());
/** A machine that is busy with other tests takes a multiple of the usual seconds. */
const patience = 900_000;
const withoutPages = (plan: string): string => plan.replace(/^pages:[^]*?\n\n/m, '');

describe.skipIf(!requireReal('vsftpd', vsftpdFound))('over FTPS, with the site on PostgreSQL', () => {
  test(
    'a migration that fails ends with everything as before',
    async () => {
      trial = await startTrial(undefined, withoutPages, { way: 'ftps', siteDatabase: 'postgres' });
      const before = await stateOf(trial.ground);
      await trial.stage('preflight');
      await trial.stage('rehearsal');
      expect(await stateOf(trial.ground)).toEqual(before);
      trial.ground.breakIt('migration');
      await expect(trial.stage('production')).rejects.toMatchObject({ code: 'MIGRATION_FAILED' });
      const broken = await stateOf(trial.ground);
      expect(broken['files']).not.toBe(before['files']);
      trial.ground.breakIt(undefined);
      await trial.stage('restore');
      expect(await stateOf(trial.ground)).toEqual(before);
    },
    patience,
  );
});

test(
  'by hand: the archive is put in place by a person, and looked at from outside',
  async () => {
    trial = await startTrial(undefined, withoutPages, { way: 'manual', siteDatabase: 'postgres' });
    const { ground, runbook, step } = trial;
    const before = await stateOf(ground);
    await trial.stage('preflight');
    await trial.stage('rehearsal');
    expect(trial.asked).toEqual([]);
    for (const { id } of runbook.stages.find(({ name }) => name === 'production')?.steps ?? []) {
      // Before the person has done anything, the site still has the old files.
      if (id === 'production.upload-by-hand')
        await expect(step('production.check-served')).rejects.toMatchObject({ code: 'WEB_SERVED_DIFFERS' });
      await step(id);
    }
    await trial.stage('acceptance');
    expect(trial.asked).toMatchObject(
      [/save-by-hand: no/, /upload-by-hand: \d+/].map((one) => expect.stringMatching(one)),
    );
    expect(trial.results.get('production.check-served')).toMatchObject({ notPublic: 0 });
    expect(await stateOf(ground)).toMatchObject({ schema: '4.3.0', version: '4.3.0', configuration: '3.2.1' });
    expect(await readFile(join(ground.folders.site, 'js/pictures.js'), 'utf8')).toContain('pictures');
    // And back, as after a failure.
    await trial.stage('restore');
    const after = await stateOf(ground);
    expect(after).toEqual(before);
  },
  patience,
);

test(
  'a line that is cut in the middle of the upload, for longer than anybody tries, ends with everything as before',
  async () => {
    trial = await startTrial('upload-cut', withoutPages);
    const before = await stateOf(trial.ground);
    await trial.stage('preflight');
    await trial.stage('rehearsal');
    await expect(trial.stage('production')).rejects.toMatchObject({ failure: { passing: true } });
    expect(trial.results.has('production.upload-tree')).toBe(false);
    expect(trial.results.has('production.check-configuration-version')).toBe(true);
    await trial.stage('restore');
    expect(await stateOf(trial.ground)).toEqual(before);
  },
  patience,
);

test(
  'a configuration and a schema that are not the vendor’s are put before a specialist, and nothing is touched by then',
  async () => {
    trial = await startTrial('customized', withoutPages);
    const before = await stateOf(trial.ground);
    await trial.stage('preflight');
    expect(trial.asked).toMatchObject(
      [/decide-configuration: [1-9]/, /decide-schema: [1-9]/].map((one) => expect.stringMatching(one)),
    );
    expect(await stateOf(trial.ground)).toEqual(before);
  },
  patience,
);
