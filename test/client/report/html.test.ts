import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { XMLValidator } from 'fast-xml-parser';
import { expect, test } from 'vitest';
import { reportHtml } from '../../../client/report/html.ts';
import { sample } from './sample.ts';

const languages = ['en', 'ru'] as const;

test.each(languages)('the report in %s is well-formed, closed in itself and escaped', async (language) => {
  const page = reportHtml(sample(), language);
  if (process.env['NAKAT_KEEP_REPORT'])
    await writeFile(join(process.env['NAKAT_KEEP_REPORT'], `${language}.html`), page);
  const asXml = page.replace('<!doctype html>', '').replace(/<style>[^]*<\/style>/, '');
  expect(XMLValidator.validate(asXml)).toBe(true);
  expect(page).not.toMatch(/<script|javascript:|https?:|url\(|@import|\son\w+=|style="/);
  expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
  expect(page).toContain('rehearsal &lt;ok&gt;');
});

test('the policy lets exactly this style sheet in', () => {
  const page = reportHtml(sample(), 'en');
  const style = /<style>([^]*)<\/style>/.exec(page)?.[1] ?? '';
  expect(page).toContain(`sha256-${createHash('sha256').update(style).digest('base64')}`);
});
