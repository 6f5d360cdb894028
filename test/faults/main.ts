/** `npm run test:faults [-- --step <text>] [-- --seed <n>] [-- --lanes <n>]`: the whole matrix, as a table. */
import { parseArgs } from 'node:util';
import { faultKinds, type Cell } from './faults.ts';
import { seededBugs, seen } from './bugs.ts';
import { runMatrix, type CellResult } from './matrix.ts';

const { values } = parseArgs({
  options: {
    step: { type: 'string' },
    kind: { type: 'string' },
    seed: { type: 'string', default: '1' },
    lanes: { type: 'string', default: '3' },
    together: { type: 'string', default: '8' },
  },
});
/** Runs with several faults that went wrong. */
const troubles: { cells: readonly Cell[]; wrong: readonly string[] }[] = [];
const results = await runMatrix({
  seed: Number(values.seed),
  lanes: Number(values.lanes),
  together: Number(values.together),
  onTrouble: (cells, wrong) => {
    troubles.push({ cells, wrong });
    process.stderr.write(
      `together wrong: ${cells.map((cell) => cell.fault.step).join(', ')} ${cells[0]?.fault.kind}: ${wrong.join('; ')}\n`,
    );
  },
  choose: (cells) =>
    cells.filter(
      (cell) =>
        (!values.step || cell.fault.step.includes(values.step)) && (!values.kind || cell.fault.kind === values.kind),
    ),
  onResult: ({ cell, wrong, seconds }, done, total) => {
    const line = `${done}/${total} ${cell.fault.step} ${cell.fault.kind} ${seconds.toFixed(1)} s`;
    process.stderr.write(wrong.length === 0 ? `${line}\n` : `${line} WRONG: ${wrong.join('; ')}\n`);
  },
});
process.stdout.write(`${table(results)}\n`);
const blind: string[] = [];
if (!values.step && !values.kind) {
  for (const bug of seededBugs) {
    const red = await seen(bug);
    process.stdout.write(`seeded bug "${bug.name}": ${red === null ? 'NOT SEEN' : `red: ${red.slice(0, 160)}`}\n`);
    if (red === null) blind.push(bug.name);
  }
}
const failed = results.filter((one) => one.wrong.length > 0);
for (const { cell, wrong } of failed)
  process.stdout.write(`✖ ${cell.fault.step} ${cell.fault.kind}: ${wrong.join('; ')}\n`);
// Right alone and wrong together is wrong too.
const together = troubles.filter(({ cells }) => !failed.some((one) => cells.includes(one.cell)));
for (const { cells, wrong } of together) {
  process.stdout.write(
    `✖ together: ${cells.map((cell) => cell.fault.step).join(', ')} ${cells[0]?.fault.kind}: ${wrong.join('; ')}\n`,
  );
}
const wrongInAll = failed.length + together.length + blind.length;
process.stdout.write(`${results.length - failed.length} passed, ${wrongInAll} failed\n`);
process.exitCode = wrongInAll === 0 && results.length > 0 ? 0 : 1;

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
