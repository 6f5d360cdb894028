/** The demo from its start to its report, as a user starts it, everything built before. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Report } from '../runbook/report.ts';
import type { Section } from './report.ts';
import { median, quiet } from './statistics.ts';

export async function measureDemo(folder: string, rounds: number): Promise<Section> {
  const seconds: number[] = [];
  let report: Report | undefined;
  for (let round = 0; round < rounds; round++) {
    await quiet();
    const started = performance.now();
    report = await demo(join(folder, 'demo'));
    seconds.push((performance.now() - started) / 1000);
  }
  const steps = report?.stages.flatMap((stage) => stage.steps).filter((step) => step.outcome === 'done') ?? [];
  return {
    title: `The demo, from the command to its end: median of ${rounds}`,
    rows: [
      { name: 'all of it', value: `${median(seconds).toFixed(1)} s` },
      {
        name: `the run alone, ${steps.length} steps`,
        value: `${(((report?.endedAt ?? 0) - (report?.startedAt ?? 0)) / 1000).toFixed(1)} s`,
      },
    ],
    goals: [{ what: 'seconds', measured: median(seconds), limit: 60 }],
    notes: [],
  };
}

async function demo(stateDir: string): Promise<Report> {
  const main = fileURLToPath(new URL('../client/main.js', import.meta.url));
  const child = spawn(process.execPath, [main, 'demo', '--yes', '--json', '--state', stateDir], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let document = '';
  let said = '';
  child.stdout.on('data', (text: Buffer) => (document += text.toString()));
  child.stderr.on('data', (text: Buffer) => (said = (said + text.toString()).slice(-2000)));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`the demo ended with ${code}: ${said}`);
  return JSON.parse(document) as Report;
}
