import { setTimeout as sleep } from 'node:timers/promises';
import { NakatError } from '../../runbook/errors/index.ts';
import { note } from '../../runbook/messages/progress.ts';
import type { SiteExchangeState } from '../../runbook/results.ts';
import type { exchangeSteps as catalogue } from '../../runbook/steps/exchange.ts';
import type { ParamsOf } from '../../runbook/steps/index.ts';
import { poll } from '../bpmsoft/wait.ts';
import { connectDatabase } from '../databases/connect.ts';
import type { StepActivities, StepContext } from '../step.ts';
import { evenIfDead } from '../website/dead.ts';
import { readSwitch, setSwitch } from '../website/switch.ts';
import { demandEntry, letsIn, openExchange } from './commerceml.ts';
import { compare, endedExchanges, type Entry } from './journal.ts';

type On = Pick<ParamsOf<'readSiteExchange'>, 'site' | 'database' | 'exchange'>;

export const exchangeSteps: StepActivities<keyof typeof catalogue> = {
  readSiteExchange: (on, _uses, context) => stateOf(on, context),

  async checkSiteExchange(on, _uses, context) {
    const state = await stateOf(on, context);
    const { name } = on.site;
    if (!state.on) throw new NakatError('SITE_EXCHANGE_OFF', { values: { site: name }, where: name });
    // Later "it refuses" is the proof that the exchange is off: that counts only with an account that is let in now.
    if (on.exchange.endpoint) await demandEntry(on.site, on.exchange.endpoint, context);
    return state;
  },

  async switchSiteExchangeOff({ mayBeDead, ...off }, _uses, context) {
    if (mayBeDead) return evenIfDead(context, (within) => switchOff(off, within));
    await switchOff(off, context);
    return {};
  },

  async switchSiteExchangeOn(on, { before }, context) {
    await setSwitch(on, on.exchange.switch, before?.on ?? true, context);
    return null;
  },

  /**
   * An exchange that ended since `before` was read is the one that is asked for, whoever began it: so a second attempt finds
   * the first one's. Over the protocol it is begun here, and begun anew where an attempt died in the middle: the site empties
   * its folder at `init`, and an import writes the same records again. What 1C's schedule begins may fail once and go well at
   * the next turn: the last one counts, and a second failure in this attempt, or none better within `limit`, is the verdict.
   */
  async runExchange({ start, limit, tables, ...on }, { before }, context) {
    const { site, exchange } = on;
    const began = performance.now();
    const fresh = async (): Promise<Entry[]> =>
      (await ended(on, context)).filter(({ at }) => before.last === '' || compare(at, before.last) > 0);
    const known = await fresh();
    let last = known.at(-1);
    const verdict = (found: Entry[]): Entry | undefined => {
      const newest = found.at(-1);
      const final = start.by === 'protocol' || newest?.status === exchange.journal.ok;
      return final || found.length >= known.length + 2 ? newest : undefined;
    };
    let entry = verdict(known);
    if (!entry && start.by === 'protocol') {
      if (!exchange.endpoint)
        throw new NakatError('EXCHANGE_NOT_UNDERSTOOD', {
          values: { site: site.name, mode: 'checkauth' },
          vendor: 'no endpoint in the plan',
          where: site.name,
        });
      await (await openExchange(site, exchange.endpoint, context)).send(start.files);
    }
    entry ??= await poll(limit, context.signal, async (elapsed) => {
      context.progress({ note: note('waited', { seconds: Math.round(elapsed) }) });
      const found = await fresh();
      last = found.at(-1);
      return verdict(found);
    });
    entry ??= last;
    if (!entry)
      throw new NakatError('EXCHANGE_NO_RESULT', { values: { site: site.name, seconds: limit }, where: site.name });
    if (entry.status !== exchange.journal.ok)
      throw new NakatError('EXCHANGE_FAILED', {
        values: { site: site.name, stage: exchange.journal.table },
        vendor: entry.message,
        where: site.name,
      });
    const database = await connectDatabase(on.database, context);
    const rows: Record<string, number> = {};
    for (const table of tables) rows[table] = await database.count(table);
    return {
      status: entry.status,
      message: entry.message.slice(0, 500),
      rows,
      seconds: Math.round((performance.now() - began) / 100) / 10,
    };
  },
};

async function stateOf(on: On, context: StepContext): Promise<SiteExchangeState> {
  const last = (await ended(on, context)).at(-1);
  return { on: await readSwitch(on, on.exchange.switch, context), last: last?.at ?? '' };
}

const ended = async ({ database, exchange }: On, context: StepContext): Promise<Entry[]> =>
  endedExchanges(await connectDatabase(database, context), exchange.journal);

async function switchOff({ settle, ...on }: ParamsOf<'switchSiteExchangeOff'>, context: StepContext): Promise<void> {
  await setSwitch(on, on.exchange.switch, false, context);
  const { site, exchange } = on;
  const stillRuns = (seen: string): NakatError =>
    new NakatError('SITE_EXCHANGE_STILL_RUNS', { values: { site: site.name, seen }, where: site.name });
  if (exchange.endpoint && (await letsIn(site, exchange.endpoint, context)))
    throw stillRuns(`${exchange.endpoint.path}: checkauth → success`);
  // Two looks with no time between them tell nothing.
  if (settle === 0) return;
  // One that had begun before may still end: afterwards there must be quiet.
  const before = (await ended(on, context)).length;
  await sleep(settle * 1000, undefined, { signal: context.signal });
  const more = (await ended(on, context)).slice(before);
  if (more.length > 0) throw stillRuns(`${exchange.journal.table}: ${more.map(({ at }) => at).join(', ')}`);
}
