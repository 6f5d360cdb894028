/** What a watch needs of a worker: the services asked, the file fetched, the plan compiled with it, and how the run before ended. */
import { join } from 'node:path';
import { Context } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import { readSecret } from '../activities/secrets.ts';
import { askServices } from '../activities/updates/ask.ts';
import { fetchUpdate } from '../activities/updates/store.ts';
import { NakatError } from '../runbook/errors/index.ts';
import type { PlanMistake } from '../runbook/plan/parse.ts';
import type { Report } from '../runbook/report.ts';
import type { WatchActivities } from '../workflows/watch.ts';
import { asOffer } from '../runbook/watch/offer.ts';
import type { OfferEnd } from '../runbook/watch/state.ts';
import { workflowIdOf } from '../workflows/messages.ts';
import { crossing } from './activities.ts';
import { compileWith, digestOf } from './plan-files.ts';
import { version } from './version.ts';

export type OfferActivities = Omit<WatchActivities, 'notify'>;

/** @param stateDir fetched updates are kept in `updates` there. */
export function offerActivities(client: Client, stateDir: string): OfferActivities {
  const within = async <T>(step: string, work: (signal: AbortSignal) => Promise<T>): Promise<T> => {
    const { cancellationSignal, info, heartbeat } = Context.current();
    const heart = setInterval(() => heartbeat(), 10_000);
    try {
      return await work(cancellationSignal);
    } catch (error) {
      throw crossing(error, { step: { id: step, params: {} } }, info.attempt);
    } finally {
      clearInterval(heart);
    }
  };
  return {
    askServices: ({ watch: { services }, installed, seen }) =>
      within('watch.ask', (signal) => askServices({ services, installed, seen }, { secret: readSecret, signal })),
    runsOf: ({ system, offered }) =>
      within('watch.runs', async () => {
        const now = await stateOf(client, system);
        return {
          busy: now === 'going',
          end: offered === null ? null : ((await stateOf(client, system, offered)) ?? 'stopped'),
        };
      }),
    prepareOffer: ({ input, service: name, release }) =>
      within('watch.fetch', async (signal) => {
        const service = input.watch.services.find((one) => one.name === name);
        if (!service) throw new Error(`no service ${name}`);
        const found = await fetchUpdate(service, release, join(stateDir, 'updates'), { secret: readSecret, signal });
        const compiled = await compileWith(
          { recipes: {}, ...input.plan },
          { version: found.version, file: found.path },
        );
        if ('mistakes' in compiled) throw invalid(found.version, compiled.mistakes);
        const { runbook } = compiled;
        const offered = asOffer(runbook, found, input.watch.rehearse);
        return { found, run: { runbook: offered, digest: digestOf(offered), nakat: version } };
      }),
  };
}

const invalid = (version: string, mistakes: readonly PlanMistake[]): NakatError =>
  new NakatError('OFFER_PLAN_INVALID', {
    values: {
      version,
      problems: mistakes.map(({ line, path, message }) => `${line}: ${path} ${message}`).join('; '),
    },
  });

/** Of the system’s newest run, or of that one; null: there is none. A run that was ended by force is nobody’s word. */
async function stateOf(client: Client, system: string, workflowRun?: string): Promise<OfferEnd | null> {
  const handle = client.workflow.getHandle(workflowIdOf(system), workflowRun);
  const described = await handle.describe().catch((error: unknown) => {
    if (error instanceof Error && error.name === 'WorkflowNotFoundError') return null;
    throw error;
  });
  if (described === null) return null;
  if (described.status.name === 'RUNNING') return 'going';
  if (described.status.name !== 'COMPLETED') return 'stopped';
  const { outcome, reason } = (await handle.result()) as Report;
  switch (outcome) {
    case 'updated':
      return 'updated';
    case 'stopped':
      return reason && ['DECISION_AGAINST', 'RUN_CANCELLED'].includes(reason.code) ? 'refused' : 'stopped';
    case 'restored':
    case 'handed-over':
      return 'failed';
    case 'going':
      return 'going';
  }
}
