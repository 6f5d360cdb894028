import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { parsePlan } from '../../../runbook/plan/parse.ts';

/* eslint-disable @typescript-eslint/no-explicit-any -- plans as they are written */
const mistakes = (product: string, change: (plan: any) => void): string[] => {
  const file = fileURLToPath(new URL(`../../../examples/${product}.yaml`, import.meta.url));
  const plan = parse(readFileSync(file, 'utf8'));
  change(plan);
  const parsed = parsePlan(stringify(plan, { aliasDuplicateObjects: false }), {});
  if ('mistakes' in parsed) throw new Error(JSON.stringify(parsed.mistakes));
  return parsed.recipe.mistakes(parsed.plan).map(({ path, message }) => `${path.join('.')}: ${message}`);
};

test.each(['bpmsoft-connector', 'zeta-web', 'onec-extension'])('%s: production is not its own test', (product) => {
  expect(mistakes(product, () => undefined)).toEqual([]);
  expect(mistakes(product, ({ production, test }) => (test.infobase.at = production.infobase.at))).toContain(
    'test.infobase.at: the infobase of the test system is production’s own',
  );
  // Two names in the cluster, one database behind them: the rehearsal would restore over production.
  const shared = 'test.infobase.database.name: the database of the test infobase is production’s own';
  const sharing = (change: (name: string) => string) => (plan: any) => {
    plan.test.infobase.database = structuredClone(plan.production.infobase.database);
    plan.test.infobase.database.name = change(plan.test.infobase.database.name);
  };
  expect(
    mistakes(
      product,
      sharing((name) => name),
    ),
  ).toContain(shared);
  expect(
    mistakes(
      product,
      sharing((name) => name.toUpperCase()),
    ),
  ).toContain(shared);
  expect(
    mistakes(
      product,
      sharing((name) => `${name}_test`),
    ),
  ).toEqual([]);
});
