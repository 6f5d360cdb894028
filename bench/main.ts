/**
 * `npm run bench`: how quick the product is beside what it stands on and what people use instead. Everything is measured here and now,
 * one after the other in turn; nothing of it is a test.
 */
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { connect } from '../client/connect.ts';
import { startServer } from '../workers/server.ts';
import { measureDemo } from './demo.ts';
import { lines, met, surroundings, type Section } from './report.ts';
import { measureSteps } from './steps.ts';
import { measureVersions } from './versions.ts';
import { measureWaiting } from './waiting.ts';

const parts = ['steps', 'waiting', 'demo', 'versions'] as const;
const usage = `npm run bench -- [${parts.join('|')}…] [--rounds 7] [--runs 1000] [--json]`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '7' },
    runs: { type: 'string', default: '1000' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const unknown = positionals.filter((name) => !(parts as readonly string[]).includes(name));
if (values.help || unknown.length > 0) {
  console.error(usage);
  process.exit(unknown.length > 0 ? 2 : 0);
}
const wanted = (part: (typeof parts)[number]): boolean => positionals.length === 0 || positionals.includes(part);

const folder = await mkdtemp(join(tmpdir(), 'nakat-bench-'));
// The demo's database server runs as another account.
await chmod(folder, 0o755);
const sections: Section[] = [];
const show = (section: Section): void => {
  sections.push(section);
  if (!values.json) console.log(lines(section).join('\n'));
};
console.error(surroundings());
const server = await startServer({ stateDir: join(folder, 'temporal') });
const interrupted = new Promise<never>((_, fail) => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => fail(new Error(signal)));
});
try {
  await Promise.race([measure(), interrupted]);
} finally {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
}
if (values.json) console.log(JSON.stringify({ on: surroundings(), sections }, null, 2));
process.exitCode = sections.every((section) => section.goals.every(met)) ? 0 : 1;
// Workers end when their parent does; an interrupted measurement is not waited for.
process.exit();

async function measure(): Promise<void> {
  if (wanted('versions')) show(measureVersions(Number(values.rounds)));
  if (wanted('steps') || wanted('waiting')) {
    const nakat = await connect({ address: server.address });
    if (wanted('steps')) show(await measureSteps(nakat, folder, Number(values.rounds)));
    if (wanted('waiting')) show(await measureWaiting(nakat, folder, Number(values.runs)));
    await nakat.close();
  }
  if (wanted('demo')) show(await measureDemo(folder, 3));
}
