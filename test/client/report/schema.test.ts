import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { reportSchema } from '../../../runbook/report-schema.ts';
import { sample } from './sample.ts';

const asWritten = (): unknown => JSON.parse(JSON.stringify(sample()));
const published = z.fromJSONSchema(
  JSON.parse(readFileSync(new URL('../../../docs/report.schema.json', import.meta.url), 'utf8')),
);

test.each([
  ['its own schema', reportSchema],
  ['the published one', published],
])('a report fits %s', (_name, schema) => {
  expect(schema.safeParse(asWritten()).error).toBeUndefined();
});

test.each([
  ['an unknown outcome', { outcome: 'fine' }],
  ['no digest', { digest: undefined }],
  ['a step that is no step', { stages: [{ name: 'preflight', startedAt: null, endedAt: null, steps: [{ id: 'x' }] }] }],
  ['a broken hash', { seal: 'xyz' }],
])('%s does not fit the published schema', (_name, change) => {
  expect(published.safeParse({ ...(asWritten() as object), ...change }).success).toBe(false);
});
