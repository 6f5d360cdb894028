import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { XMLValidator } from 'fast-xml-parser';
import { expect, test } from 'vitest';
import { reportHtml } from '../../../client/report/html.ts';
import { NakatError } from '../../../runbook/errors/index.ts';
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

test('every edit of the customer is listed, with who decided what and when; findings stand with their step', () => {
  const page = reportHtml(sample(), 'en').replace(/\s+/g, ' ');
  expect(page).toContain('<b>o.smirnova</b>: the customer’s file (ours), 20 Nov 2026, 16:01:00');
  expect(page).toMatch(
    /<code>profile\.html<\/code> <\/td> <td>in conflict with the new version: a person decided<\/td>/,
  );
  expect(page).toContain('<code>documents/index.html</code><div class="sub">before: orders/index.html</div>');
  expect(page).toContain('The first 2 of 240; all are in /srv/merges/merge-1/merge.json');
  expect(page).toContain('+ Report.Debts');
  expect(page).not.toMatch(/lines: \d/);
  const { stages, ...rest } = sample();
  const without = stages.map((one) => ({ ...one, steps: one.steps.map(({ edits: _, ...step }) => step) }));
  expect(reportHtml({ ...rest, stages: without }, 'en')).toContain('profile.html: anna');
});

test('after a restore the failure is told as what was, without advice for that moment', () => {
  const top = (change: object): string => reportHtml({ ...sample(), ...change }, 'en').replace(/\s+/g, ' ');
  const advice = 'Find out who changed it';
  expect(top({})).toContain('When it failed:');
  expect(top({})).toContain('Since then production was restored, and the old state proved.');
  expect(top({})).not.toContain(advice);
  expect(top({ restore: { ...sample().restore, proved: false } })).toContain('is not proved.');
  expect(top({ outcome: 'stopped', restore: null })).toContain(advice);
  expect(top({ outcome: 'stopped', restore: null })).not.toContain('When it failed');
});

test('who stopped the run by a decision is named, with the question', () => {
  const values = { decision: 'approval-production', choice: 'reject', why: 'anna: not tonight' };
  const { failure } = new NakatError('DECISION_AGAINST', { values });
  const top = reportHtml({ ...sample(), outcome: 'stopped', restore: null, reason: failure }, 'ru').split('<svg')[0];
  expect(top).toContain('Одобрить обновление рабочей системы');
  expect(top).toContain('отклонить. anna: not tonight');
});

test('times are in the zone of the plan, also where no window was found yet', () => {
  const stopped = { ...sample(), window: null, timeZone: 'Asia/Vladivostok' };
  expect(reportHtml(stopped, 'en')).toContain('Times: Asia/Vladivostok');
  expect(reportHtml({ ...sample(), window: null }, 'en')).toContain('Times: UTC');
});

test('the policy lets exactly this style sheet in', () => {
  const page = reportHtml(sample(), 'en');
  const style = /<style>([^]*)<\/style>/.exec(page)?.[1] ?? '';
  expect(page).toContain(`sha256-${createHash('sha256').update(style).digest('base64')}`);
});
