import { expect, test } from 'vitest';
import { tellSaid } from '../../../runbook/messages/say.ts';
import { asOffer, offerLines } from '../../../runbook/watch/offer.ts';
import type { Found } from '../../../runbook/watch/state.ts';
import { tinyRunbook } from '../../client/tiny.ts';

const found: Found = {
  service: 'vendor',
  version: '2.0',
  changes: 'Быстрее. {name} {changes}',
  path: '/store/x.cfe',
  sha256: 'a'.repeat(64),
  bytes: 1,
  checkedBy: 'sha256',
};
const { runbook } = tinyRunbook('crm');

test('asked first: a decision before the rehearsal, for the same people', () => {
  const { decisions } = asOffer(runbook, found, false);
  expect(decisions.map((one) => [one.id, one.before])).toEqual([
    ['install', 'rehearsal'],
    ['approval-production', 'production'],
  ]);
  expect(decisions[0]).toMatchObject({
    choices: ['install', 'refuse'],
    atDeadline: 'refuse',
    by: ['anna', 'boris'],
    deadline: 3600,
  });
  expect(decisions[1]?.text).toBeUndefined();
});

test('rehearsed first: the approval says what it is about', () => {
  const { decisions } = asOffer(runbook, found, true);
  expect(decisions.map((one) => one.id)).toEqual(['approval-production']);
  expect(decisions[0]?.text).toBeDefined();
  // Without anybody to approve there is still somebody to ask.
  expect(asOffer({ ...runbook, decisions: [] }, found, true).decisions).toMatchObject([
    { id: 'install', before: 'production' },
  ]);
});

test.each([
  ['sha256', 'en', 'vendor offers A 2.0 (SHA-256 as the vendor names it).'],
  ['md5', 'en', 'vendor offers A 2.0 (only MD5 is published, and it agrees).'],
  [null, 'en', 'vendor offers A 2.0 (NOT checked: the vendor publishes no checksum).'],
  ['sha256', 'ru', 'vendor предлагает A 2.0 (SHA-256 совпал с названным поставщиком).'],
] as const)('checked by %s, in %s', (checkedBy, language, line) => {
  const [text] = offerLines(asOffer(runbook, { ...found, checkedBy }, false));
  const lines = tellSaid(text ?? { en: '', ru: '' }, language).split('\n');
  expect(lines[0]).toBe(line);
  // The vendor's words stay as they are, whatever they look like.
  expect(lines.at(-1)).toBe('Быстрее. {name} {changes}');
  const [without] = offerLines(asOffer(runbook, { ...found, checkedBy, changes: '' }, false));
  expect(tellSaid(without ?? { en: '', ru: '' }, language)).toBe(line);
});
