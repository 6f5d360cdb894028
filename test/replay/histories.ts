/** Histories of runs as they were made by released versions: what a later version must still be able to go on with. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import type { Nakat } from '../../client/connect.ts';
import { workflowIdOf } from '../../workflows/messages.ts';

export interface StoredHistory {
  readonly workflowId: string;
  readonly history: unknown;
}

const folder = fileURLToPath(new URL('histories', import.meta.url));

/** In the form of `historyToJSON`: plain `JSON.stringify` of a fetched history cannot be replayed (sdk-typescript issue 1362). */
export const fetchHistory = (nakat: Nakat, system: string): Promise<StoredHistory> =>
  fetchHistoryOf(nakat, workflowIdOf(system));

export async function fetchHistoryOf(nakat: Nakat, workflowId: string, runId?: string): Promise<StoredHistory> {
  const history = await nakat.client.workflow.getHandle(workflowId, runId).fetchHistory();
  const events = JSON.parse(historyToJSON(history)) as unknown;
  return { workflowId, history: anonymous(events) };
}

/** Without what names the machine on which it was made. */
function anonymous(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(anonymous);
  // Also the name of a worker's own queue.
  if (typeof value === 'string') return value.startsWith('nakat@') ? 'recorded' : value;
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => key !== 'stackTrace')
      .map(([key, inner]) => [key, key === 'identity' ? 'recorded' : anonymous(inner)]),
  );
}

export const storedHistories = (): { file: string; text: string }[] =>
  readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .map((file) => ({ file, text: readFileSync(join(folder, file), 'utf8') }));

/** One file per version and scenario, never written again: it stands for runs that are out there. */
export const store = (version: string, scenario: string, history: StoredHistory): void =>
  writeFileSync(join(folder, `${version}-${scenario}.json`), JSON.stringify(history), { flag: 'wx' });
