/**
 * What a run decided once it must decide again, in every later version: the only code that a run under way is not kept from.
 * `NAKAT_RECORD=1 npx vitest run test/replay` stores the histories of this version (a file that is there is an error).
 */
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger, Worker, type WorkflowBundle } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils.js';
import { beforeAll, describe, expect, test } from 'vitest';
import { version } from '../../workers/version.ts';
import type { Report } from '../../runbook/report.ts';
import { startLive, type Live } from '../workflows/live.ts';
import { drive } from './drive.ts';
import { fetchHistory, store, storedHistories, type StoredHistory } from './histories.ts';
import { scenarios } from './scenarios.ts';

const recording = process.env['NAKAT_RECORD'] !== undefined;
let bundle: WorkflowBundle;

beforeAll(async () => {
  bundle = await bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL('../../workflows/index.ts', import.meta.url)),
    logger: new DefaultLogger('WARN'),
  });
});

/** Errors by workflow id; a history that replays has none. */
async function replay(stored: readonly StoredHistory[]): Promise<Map<string, Error>> {
  const failed = new Map<string, Error>();
  const histories = stored.map(({ workflowId, history }) => ({ workflowId, history: historyFromJSON(history) }));
  let replayed = 0;
  for await (const { workflowId, error } of Worker.runReplayHistories({ workflowBundle: bundle }, histories)) {
    replayed++;
    if (error) failed.set(workflowId, error);
  }
  expect(replayed).toBe(stored.length);
  return failed;
}

test('the bundle holds the workflow alone', () => {
  const modules = [...bundle.code.matchAll(/^\/\*{3}\/ "([^"]+)"/gm)].map((match) => match[1] ?? '');
  expect(modules.length).toBeGreaterThan(50);
  expect(
    modules.filter((name) => /node_modules\/(zod|yaml|pg|ssh2|canonicalize|intl-messageformat)\b/.test(name)),
  ).toEqual([]);
  // What the SDK itself brings in place of node's own.
  const own = modules.filter((name) => name.startsWith('./') && !name.startsWith('./node_modules/'));
  expect(own.length).toBeGreaterThan(10);
  expect(own.filter((name) => !/^\.\/(workflows|runbook)\//.test(name))).toEqual([]);
  expect(bundle.code).not.toMatch(/require\("(node:|fs"|crypto"|path"|os"|net")/);
  expect(bundle.code).not.toContain('ZodError');
});

describe.each([
  ['kept in memory', undefined],
  ['replayed at every task', 0],
])('runs %s', (_name, maxCachedWorkflows) => {
  test('end as their scenarios say, and replay', async () => {
    const live: Live = await startLive(maxCachedWorkflows === undefined ? {} : { maxCachedWorkflows });
    try {
      const reports: Report[] = await Promise.all(scenarios.map((scenario) => drive(live, scenario)));
      for (const [index, { name, outcome, reason }] of scenarios.entries()) {
        const report = reports[index] as Report;
        expect([name, report.outcome, report.reason?.code]).toEqual([name, outcome, reason]);
      }
      const histories = await Promise.all(scenarios.map(({ name }) => fetchHistory(live.nakat, name)));
      expect(await replay(histories)).toEqual(new Map());
      if (recording && maxCachedWorkflows === undefined)
        for (const [index, { name }] of scenarios.entries()) store(version, name, histories[index] as StoredHistory);
    } finally {
      await live.stop();
    }
  });
});

describe('stored histories', () => {
  const stored = storedHistories();

  test('are there for every scenario', () => {
    const known = stored.map(({ file }) => file);
    const missing = scenarios
      .map(({ name }) => name)
      .filter((name) => !known.some((file) => file.endsWith(`-${name}.json`)));
    expect(missing).toEqual([]);
  });

  test('replay', async () => {
    expect(await replay(stored.map(({ text }) => JSON.parse(text) as StoredHistory))).toEqual(new Map());
  });

  test('that decide otherwise do not', async () => {
    const text = stored.find(({ file }) => file.endsWith('-restored.json'))?.text ?? '';
    const broken = text.replaceAll('"activityType":{"name":"reachMachine"}', '"activityType":{"name":"reachTheMoon"}');
    expect(broken).not.toBe(text);
    const failed = await replay([JSON.parse(broken) as StoredHistory]);
    expect([...failed.values()]).toEqual([expect.any(DeterminismViolationError)]);
  });

  test('name no machine and hold no trace', () => {
    const telling = stored.filter(({ text }) => /nakat@|stackTrace/.test(text) || text.length > 120_000);
    expect(telling.map(({ file }) => file)).toEqual([]);
  });
});
