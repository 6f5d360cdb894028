/** `npm run test:faults [-- --product <name>] [--step <text>] [--kind <kind>] [--seed <n>] [--lanes <n>] [--together <n>]`: the whole matrix, a table per product. */
import { parseArgs } from 'node:util';
import { faultKinds, type Cell } from './faults.ts';
import { seededBugs, seen } from './bugs.ts';
import { runMatrix, type CellResult } from './matrix.ts';
import type { FaultProduct } from './product.ts';
import { products } from './products/index.ts';

const { values } = parseArgs({
  options: {
    product: { type: 'string' },
    step: { type: 'string' },
    kind: { type: 'string' },
    seed: { type: 'string', default: '1' },
    lanes: { type: 'string', default: '2' },
    together: { type: 'string', default: '8' },
    bugs: { type: 'boolean' },
  },
});
const whole = !values.product && !values.step && !values.kind;
let passed = 0;
const failures: string[] = [];
if (!values.bugs) for (const of of products) if (!values.product || of.name === values.product) await matrixOf(of);
if (whole || values.bugs) await lookForBugs();
for (const failure of failures) process.stdout.write(`✖ ${failure}\n`);
process.stdout.write(`${passed} passed, ${failures.length} failed\n`);
process.exitCode = failures.length === 0 && passed > 0 ? 0 : 1;

async function matrixOf(of: FaultProduct): Promise<void> {
  const together: { readonly cells: readonly Cell[]; readonly line: string }[] = [];
  const began = Date.now();
  const results = await runMatrix({
    of,
    seed: Number(values.seed),
    lanes: Number(values.lanes),
    together: Number(values.together),
    onTrouble: (cells, wrong) => {
      const line = `${of.name} together: ${cells.map(({ fault }) => `${fault.step} ${fault.kind}`).join(', ')}: ${wrong.join('; ')}`;
      together.push({ cells, line });
      process.stderr.write(`${line}\n`);
    },
    choose: (cells) =>
      cells.filter(
        (cell) =>
          (!values.step || cell.fault.step.includes(values.step)) && (!values.kind || cell.fault.kind === values.kind),
      ),
    onResult: ({ cell, wrong, seconds }, done, total) => {
      const line = `${of.name} ${done}/${total} ${cell.fault.step} ${cell.fault.kind} ${seconds.toFixed(1)} s`;
      process.stderr.write(wrong.length === 0 ? `${line}\n` : `${line} WRONG: ${wrong.join('; ')}\n`);
    },
  });
  process.stdout.write(`${of.name}, ${Math.round((Date.now() - began) / 1000)} s\n${table(results)}\n\n`);
  for (const { cell, wrong } of results) {
    if (wrong.length === 0) passed++;
    else failures.push(`${of.name} ${cell.fault.step} ${cell.fault.kind}: ${wrong.join('; ')}`);
  }
  // Wrong together and right in halves is wrong too.
  const wrongAlone = new Set(results.filter(({ wrong }) => wrong.length > 0).map(({ cell }) => cell));
  failures.push(...together.filter(({ cells }) => !cells.some((cell) => wrongAlone.has(cell))).map(({ line }) => line));
}

/** A matrix that cannot fail proves nothing. */
async function lookForBugs(): Promise<void> {
  for (const bug of seededBugs) {
    const red = await seen(bug);
    process.stdout.write(`seeded bug "${bug.name}": ${red === null ? 'NOT SEEN' : `red: ${red.slice(0, 160)}`}\n`);
    if (red === null) failures.push(`seeded bug "${bug.name}" was not seen`);
    else passed++;
  }
}

/** Points down, faults across. */
function table(all: readonly CellResult[]): string {
  const steps = [...new Set(all.map((one) => one.cell.fault.step))].sort();
  const width = Math.max(...steps.map((step) => step.length), 4);
  const mark = (step: string, kind: string): string => {
    const found = all.find((one) => one.cell.fault.step === step && one.cell.fault.kind === kind);
    return found === undefined ? '·' : found.wrong.length === 0 ? found.cell.scenario : 'WRONG';
  };
  const row = (first: string, cells: readonly string[]): string =>
    [first.padEnd(width), ...cells.map((cell) => cell.padEnd(13))].join('  ').trimEnd();
  return [
    row('step', faultKinds),
    ...steps.map((step) =>
      row(
        step,
        faultKinds.map((kind) => mark(step, kind)),
      ),
    ),
  ].join('\n');
}
