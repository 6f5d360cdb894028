/** A sample of the fault matrix, and of the bugs that it must see. All of it: `npm run test:faults`. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { installedPrograms } from '../../lab/postgres/programs.ts';
import { requireReal } from '../helpers/real.ts';
import { lostEdits, seededBugs, seen } from './bugs.ts';
import { root } from './lane.ts';
import { sampleOf } from './faults.ts';
import { runMatrix } from './matrix.ts';
import { products } from './products/index.ts';

const built = existsSync(join(root, 'dist/test/faults/worker.js'));
const tools = requireReal(
  'PostgreSQL with pg_dump',
  (await installedPrograms()).some((one) => one.client !== null),
);

const possible = [];
for (const of of products) {
  const missing = (await of.missing?.()) ?? null;
  if (missing === null || requireReal(`${of.name} (${missing})`, false)) possible.push(of);
}

it.runIf(built && tools).each(possible)('$name ends the same way whatever dies', { timeout: 3_600_000 }, async (of) => {
  const results = await runMatrix({
    of,
    seed: 7,
    lanes: 2,
    together: 8,
    choose: (cells) => sampleOf(cells, of.sample),
  });
  expect(
    results.flatMap(({ cell, wrong }) => wrong.map((one) => `${cell.fault.step} ${cell.fault.kind}: ${one}`)),
  ).toEqual([]);
  expect(results).toHaveLength(Object.values(of.sample).flat().length);
});

it.runIf(built)('every bug can still be seeded', async () => {
  expect(await lostEdits()).toEqual([]);
});

it.runIf(built && tools)('sees a bug', { timeout: 3_600_000 }, async () => {
  const [bug] = seededBugs;
  expect(bug && (await seen(bug))).toMatch(/the clean run/);
});
