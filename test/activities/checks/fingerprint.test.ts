import { expect, test } from 'vitest';
import { compareFingerprints } from '../../../activities/checks/fingerprint.ts';
import { driftBetween } from '../../../activities/checks/state.ts';
import type { DriftState, Fingerprint } from '../../../runbook/results.ts';

const before: Fingerprint = {
  versions: { Base: '1.5', Connector: '2.3' },
  schema: 's1',
  tables: [{ table: 'Contact', rows: 10, checksum: 'c1' }],
  infobase: { generation: 'g1', tables: [{ table: '_Reference7', rows: 3, checksum: 'r1' }] },
  files: { count: 4, bytes: 40, sha256: 'f1' },
};

test('the same state is proved line by line', () => {
  const lines = compareFingerprints(before, structuredClone(before));
  expect(lines.map(({ what }) => what)).toEqual([
    'version Base',
    'version Connector',
    'schema',
    'table Contact',
    'infobase generation',
    'infobase table _Reference7',
    'files',
  ]);
  expect(lines.every(({ equal }) => equal)).toBe(true);
});

test.each<[string, Partial<Fingerprint>]>([
  ['version Connector', { versions: { Base: '1.5', Connector: '2.4' } }],
  ['version Connector', { versions: { Base: '1.5' } }],
  ['version New', { versions: { ...before.versions, New: '1' } }],
  ['schema', { schema: 's2' }],
  ['table Contact', { tables: [{ table: 'Contact', rows: 11, checksum: 'c1' }] }],
  ['table Contact', { tables: [{ table: 'Contact', rows: 10, checksum: 'c2' }] }],
  ['table Contact', { tables: [] }],
  ['infobase generation', { infobase: { generation: 'g2', tables: before.infobase?.tables ?? [] } }],
  ['infobase table _Reference7', { infobase: { generation: 'g1', tables: [] } }],
  ['files', { files: { count: 4, bytes: 40, sha256: 'f2' } }],
])('a difference in %s is one line that is not equal', (what, change) => {
  const different = compareFingerprints(before, { ...before, ...change }).filter(({ equal }) => !equal);
  expect(different.map((line) => line.what)).toEqual([what]);
});

const state: DriftState = {
  versions: { core: '1.5', packages: { Base: '1', Gone: '2' } },
  schema: 's',
  package: 'p',
  settings: 'x',
};

test('drift is told in words', () => {
  expect(driftBetween(state, structuredClone(state))).toEqual([]);
  const now = {
    versions: { core: '1.6', packages: { Base: '2', New: '1' } },
    schema: 't',
    package: 'q',
    settings: 'y',
  };
  expect(driftBetween(state, now)).toEqual([
    'core 1.5 → 1.6',
    'package Base 1 → 2',
    'package Gone 2 → —',
    'package New — → 1',
    'schema',
    'archive',
    'settings',
  ]);
});
