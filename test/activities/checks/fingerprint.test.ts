import { expect, test } from 'vitest';
import { compareFingerprints } from '../../../activities/checks/fingerprint.ts';
import { driftBetween } from '../../../activities/checks/state.ts';
import type { DriftState, Fingerprint } from '../../../runbook/results.ts';

const crm = {
  name: 'crm',
  versions: { Base: '1.5', Connector: '2.3' },
  schema: 's1',
  tables: [{ table: 'Contact', rows: 10, checksum: 'c1' }],
};
const trade = { name: 'trade', generation: 'g1', tables: [{ table: '_Reference7', rows: 3, checksum: 'r1' }] };
const web = { name: 'web', count: 4, bytes: 40, sha256: 'f1' };
const before: Fingerprint = { databases: [crm], infobases: [trade], sites: [web] };

test('the same state is proved line by line', () => {
  const lines = compareFingerprints(before, structuredClone(before));
  expect(lines.map(({ what }) => what)).toEqual([
    'version of Base',
    'version of Connector',
    'schema',
    'table Contact: rows, checksum',
    'infobase: generation',
    'infobase table _Reference7: rows, checksum',
    'files: number, bytes, SHA-256',
  ]);
  expect(lines.every(({ equal }) => equal)).toBe(true);
});

test.each<[string, Partial<Fingerprint>]>([
  ['version of Connector', { databases: [{ ...crm, versions: { Base: '1.5', Connector: '2.4' } }] }],
  ['version of Connector', { databases: [{ ...crm, versions: { Base: '1.5' } }] }],
  ['version of New', { databases: [{ ...crm, versions: { ...crm.versions, New: '1' } }] }],
  ['schema', { databases: [{ ...crm, schema: 's2' }] }],
  [
    'table Contact: rows, checksum',
    { databases: [{ ...crm, tables: [{ table: 'Contact', rows: 11, checksum: 'c1' }] }] },
  ],
  [
    'table Contact: rows, checksum',
    { databases: [{ ...crm, tables: [{ table: 'Contact', rows: 10, checksum: 'c2' }] }] },
  ],
  ['table Contact: rows, checksum', { databases: [{ ...crm, tables: [] }] }],
  ['infobase: generation', { infobases: [{ ...trade, generation: 'g2' }] }],
  ['infobase table _Reference7: rows, checksum', { infobases: [{ ...trade, tables: [] }] }],
  ['files: number, bytes, SHA-256', { sites: [{ ...web, sha256: 'f2' }] }],
  ['files: number, bytes, SHA-256', { sites: [] }],
])('a difference in %s is one line that is not equal', (what, change) => {
  const different = compareFingerprints(before, { ...before, ...change }).filter(({ equal }) => !equal);
  expect(different.map((line) => line.what)).toEqual([what]);
});

test('of several of a kind, each is named; one that is gone differs in everything', () => {
  const two = { ...before, databases: [crm, { ...crm, name: 'shop' }] };
  const different = compareFingerprints(two, before).filter(({ equal }) => !equal);
  expect(different.map((line) => line.what)).toEqual([
    'shop: version of Base',
    'shop: version of Connector',
    'shop: schema',
    'shop: table Contact: rows, checksum',
  ]);
});

const state: DriftState = {
  facts: {
    'crm: core': '1.5',
    'crm: package Base': '1',
    'crm: package Gone': '2',
    'crm: schema': 'a'.repeat(32),
    'file /p.zip': 'b'.repeat(64),
  },
};

test('drift is told in words, and digests only by name', () => {
  expect(driftBetween(state, structuredClone(state))).toEqual([]);
  const { 'crm: package Gone': _, ...left } = state.facts;
  const now = {
    facts: {
      ...left,
      'crm: core': '1.6',
      'crm: package New': '1',
      'crm: schema': 'c'.repeat(32),
      'file /p.zip': 'd'.repeat(64),
    },
  };
  expect(driftBetween(state, now)).toEqual([
    'crm: core 1.5 → 1.6',
    'crm: package Gone 2 → —',
    'crm: package New — → 1',
    'crm: schema',
    'file /p.zip',
  ]);
});
