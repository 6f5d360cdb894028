import { expect, test } from 'vitest';
import { compile } from '../../../runbook/compile.ts';
import { parsePlan } from '../../../runbook/plan/parse.ts';
import { example, mistakes, type Plan } from './zeta-web.plans.ts';

test.each<[string, (plan: Plan) => void, RegExp]>([
  [
    'nothing that stays the same while visitors work',
    (plan) => void delete plan['site'].door,
    /^fingerprint\.tables: expected tables that visitors do not write/,
  ],
  [
    'no way to the release',
    (plan) => void (plan['update'].configuration.to = '3.2.0'),
    /^update\.configuration\.to: .*3\.2\.0.*3\.1\.5, 3\.2\.1/,
  ],
  [
    'nothing to update',
    (plan) => void (plan['update'].configuration.to = '3.1.4'),
    /^update\.configuration\.to: .*nothing to update/,
  ],
  [
    'no version',
    (plan) => void (plan['update'].configuration.from = 'old'),
    /^update\.configuration: "old" is no version/,
  ],
  [
    'production as its own test: 1C',
    (plan) => void (plan['test'].infobase.at = plan['production'].infobase.at),
    /^test\.infobase\.at: /,
  ],
  [
    'production as its own test: database',
    (plan) => void (plan['test'].web.database = plan['production'].web.database),
    /^test\.web\.database\.name: /,
  ],
  [
    'production as its own test: address',
    (plan) => void (plan['test'].web.url = plan['production'].web.url),
    /^test\.web\.url: /,
  ],
  [
    'production as its own test: files',
    (plan) => void (plan['test'].web.files = plan['production'].web.files),
    /^test\.web\.files\.folder: /,
  ],
  [
    'a rehearsal by hand',
    (plan) => void (plan['test'].web.files = { via: 'manual', name: 'x', store: plan['production'].web.files.store }),
    /^test\.web\.files\.via: /,
  ],
  [
    'customized pages that are kept',
    (plan) => void (plan['production'].web.files.keep = ['account']),
    /^production\.web\.files\.keep: .*customizations.*account/,
  ],
  [
    'customized pages below what the copy keeps',
    (plan) => {
      plan['customizations'].folder = 'site/account';
      plan['test'].web.files.keep = ['site'];
    },
    /^test\.web\.files\.keep: .*customizations.*site\/account/,
  ],
  [
    'a whole configuration from an update file',
    (plan) => void (plan['update'].configuration.releases[1].way = 'load'),
    /^update\.configuration\.releases\.1\.way: .*`kind: cf`/,
  ],
  [
    'pages behind a door without a key',
    (plan) => {
      delete plan['production'].web.user;
      delete plan['production'].web.password;
    },
    /^production\.web\.user: .*site\.letIn: address/,
  ],
  ['an exchange without an account', (plan) => void delete plan['test'].web.exchange, /^test\.exchange: /],
  [
    'an unknown machine',
    (plan) => void (plan['production'].web.files.machine = 'nowhere'),
    /^production\.web\.files\.machine: unknown machine/,
  ],
  [
    'a store that is not on the worker',
    (plan) => void (plan['production'].web.files.store.machine = 'web'),
    /^production\.web\.files\.store\.machine: expected a machine with `via: local`/,
  ],
  [
    'an unknown store',
    (plan) => void (plan['production'].web.files.store.machine = 'nowhere'),
    /^production\.web\.files\.store\.machine: unknown machine/,
  ],
  [
    'a pattern that is none',
    (plan) => void (plan['site'].version.pattern = '('),
    /^site\.version\.pattern: expected a regular expression/,
  ],
])('%s is a mistake, said where it stands', (_name, change, expected) => {
  expect(mistakes(change)).toEqual([expect.stringMatching(expected)]);
});

test('a site that knows the worker’s address needs no account, nor does one whose pages are not compared', () => {
  const without = (change: (plan: Plan) => void) =>
    mistakes((plan) => {
      delete plan['production'].web.user;
      delete plan['production'].web.password;
      change(plan);
    });
  expect(without((plan) => void (plan['site'].letIn = 'address'))).toEqual([]);
  expect(without((plan) => void delete plan['pages'])).toEqual([]);
  expect(
    without((plan) => {
      delete plan['site'].door;
      plan['fingerprint'] = { tables: ['goods'] };
    }),
  ).toEqual([]);
});

test('a list of columns that is none', () => {
  const parsed = parsePlan(example, {});
  if ('mistakes' in parsed) throw new Error('mistakes');
  const files = Object.fromEntries(
    Object.entries(parsed.recipe.files(parsed.plan)).map(([name, { file }]) => [
      name,
      { path: file, sha256: 'a'.repeat(64), text: '[1]' },
    ]),
  );
  const result = compile(parsed, files);
  expect('mistakes' in result && result.mistakes[0]).toMatchObject({ path: 'schemas.before' });
});
