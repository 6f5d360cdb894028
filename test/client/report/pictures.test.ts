import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { XMLValidator } from 'fast-xml-parser';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { reportHtml } from '../../../client/report/html.ts';
import { readPictures } from '../../../client/report/pictures.ts';
import type { StepReport } from '../../../runbook/report.ts';
import { sample } from './sample.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nakat-pictures-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const digest = (content: Buffer | string): string => createHash('sha256').update(content).digest('hex');
const add = async (name: string, content: string): Promise<{ file: string; sha256: string }> => {
  await writeFile(join(folder, name), content);
  return { file: join(folder, name), sha256: digest(content) };
};

/** A page that differs and one that does not; a name that must be escaped. */
const compared = async () => [
  {
    path: '/same',
    width: 390,
    share: 0,
    findings: [],
    before: await add('s1', 'S1'),
    after: await add('s2', 'S2'),
    difference: null,
  },
  {
    path: '/<b>',
    width: 1280,
    share: 0.0321,
    findings: ['≠ 3.2 % > 0.1 %', '+ 404 /a.css'],
    accepted: ['+ Error: <old>'],
    before: await add('1', 'PNG-BEFORE'),
    after: await add('2', 'PNG-AFTER'),
    difference: await add('3', 'PNG-DIFF'),
  },
];
const report = (sha256: string, failed: boolean) => {
  const base = sample();
  const step: StepReport = {
    ...base.stages[0]!.steps[0]!,
    id: 'production.compare-pages',
    activity: 'comparePages',
    outcome: failed ? 'failed' : 'done',
    result: failed ? {} : { folder, sha256 },
    failure: failed
      ? {
          code: 'PAGES_DIFFER',
          message: '',
          values: { folder, sha256, pages: 'x', count: 1, findings: '' },
          passing: false,
          effect: 'not-done',
        }
      : null,
  };
  return { ...base, stages: [{ ...base.stages[0]!, steps: [step] }] };
};
const indexed = async (): Promise<string> =>
  (await add('index.json', JSON.stringify({ compared: await compared() }))).sha256;
const base64 = (text: string): string => Buffer.from(text).toString('base64');

test.each([true, false])('pictures of a comparison are inside the report (failed: %s)', async (failed) => {
  const given = report(await indexed(), failed);
  const page = reportHtml(given, 'ru', await readPictures(given));
  for (const text of ['PNG-BEFORE', 'PNG-AFTER', 'PNG-DIFF'])
    expect(page).toContain(`src="data:image/png;base64,${base64(text)}"`);
  expect(page).not.toContain(base64('S1'));
  expect(page.indexOf('/&lt;b&gt;')).toBeLessThan(page.indexOf('/same'));
  expect(page).toContain('+ 404 /a.css');
  expect(page.indexOf('Принято человеком')).toBeGreaterThan(page.indexOf('+ 404 /a.css'));
  expect(page.indexOf('+ Error: &lt;old&gt;')).toBeGreaterThan(page.indexOf('Принято человеком'));
  expect(page).toMatch(/Content-Security-Policy" content="[^"]*img-src data:;/);
  expect(XMLValidator.validate(page.replace('<!doctype html>', '').replace(/<style>[^]*<\/style>/, ''))).toBe(true);
});

test('a picture that was changed since is not shown, and a changed list shows none', async () => {
  const given = report(await indexed(), true);
  await writeFile(join(folder, '2'), 'OTHER');
  const [one] = await readPictures(given);
  expect(one!.pages![0]!.shown.map(({ png }) => png)).toEqual([base64('PNG-BEFORE'), null, base64('PNG-DIFF')]);
  await writeFile(join(folder, 'index.json'), '{"compared":[]}');
  const pictures = await readPictures(given);
  expect(pictures[0]!.pages).toBe(null);
  expect(reportHtml(given, 'en', pictures)).toContain('make the report there');
});

test('without pictures the policy lets none in', async () => {
  expect(await readPictures(sample())).toEqual([]);
  expect(reportHtml(sample(), 'en', [])).not.toContain('img-src');
});
