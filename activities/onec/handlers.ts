/** Update handlers, initial data, and the proof that both moved. */
import { setTimeout as sleep } from 'node:timers/promises';
import { NakatError } from '../../runbook/errors/index.ts';
import type { ParamsOf } from '../../runbook/steps/index.ts';
import type { OnecQuestion } from '../../runbook/targets/index.ts';
import { sameVersion } from '../../runbook/versions.ts';
import { nameFor } from '../step.ts';
import { runClient } from './client.ts';
import { stateOf, type State } from './configuration.ts';
import { askInside, doInside } from './inside.ts';
import { putAway, type Onec } from './onec.ts';

/** Nobody is watching the client: a dialog would hold it for ever. Less than the step's own time limit. */
const longest = 11.5 * 3600;
/** Errors of the event log that are shown, the newest; characters of each. */
const [shown, longestError] = [10, 1000];

export const answerOf = async (onec: Onec, question: OnecQuestion): Promise<string> =>
  (await askInside(onec, { do: 'question', question }))[0].trim();

/** 1C answers in its own words. */
export const isYes = (answer: string): boolean => !/^(?:|нет|ложь|no|false|0)$/i.test(answer);

/**
 * Starts 1C as a user and follows it. Handlers that have ended are known to the infobase and do not run twice, so a lost
 * client is simply started again. Throws UPDATE_HANDLERS_FAILED.
 */
export async function runHandlers(
  onec: Onec,
  { version, command, deferred }: ParamsOf<'runUpdateHandlers'>,
): Promise<State> {
  const job = nameFor(onec.context, 'handlers');
  const done = ({ data }: State): boolean =>
    !data.pending && sameVersion(data.version, version) && (deferred === 'later' || data.deferred === '');
  let said = '';
  let begun = Date.now() - longest * 1000;
  // While the client has the infobase for itself, nobody else is let in to look.
  const { state: running } = await onec.machine.jobStatus(job);
  if (running === 'running' || !done(await stateOf(onec))) {
    if (running !== 'running') begun = Date.now();
    const words = deferred === 'now' ? `ВыполнитьОтложенноеОбновлениеСейчас;${command}` : command;
    said = await runClient(onec, job, { execute: '', command: words, seconds: longest });
  }
  await putAway(onec, job);
  const after = await stateOf(onec);
  if (done(after)) return after;
  const { data } = after;
  const state = data.pending || !sameVersion(data.version, version) ? `${data.version} → ${version}` : data.deferred;
  throw new NakatError('UPDATE_HANDLERS_FAILED', {
    values: { infobase: onec.target.name, state },
    where: onec.machine.name,
    vendor: [said, await errorsSince(onec, begun)].join('\n').trim(),
  });
}

/** Of the infobase's event log: a handler that fails is told of there only. Empty where it cannot be read; that they failed is known without it. */
async function errorsSince(onec: Onec, begun: number): Promise<string> {
  try {
    // Clocks of two machines: a minute more.
    const [errors] = await askInside(onec, { do: 'errors', seconds: Math.ceil((Date.now() - begun) / 1000) + 60 });
    return errors
      .slice(-shown)
      .map((error) => error.slice(0, longestError))
      .join('\n');
  } catch {
    onec.context.signal.throwIfAborted();
    return '';
  }
}

/** Polls as long as the step may take. */
export async function awaitDeferred(onec: Onec, every = 15_000): Promise<State> {
  const began = Date.now() - longest * 1000;
  for (;;) {
    const state = await stateOf(onec);
    const { pending, deferred, version } = state.data;
    // Paused by somebody: nobody goes on with them at night.
    if (pending || /ошибк|error|приостан|paus/i.test(deferred))
      throw new NakatError('UPDATE_HANDLERS_FAILED', {
        values: { infobase: onec.target.name, state: deferred || version },
        where: onec.machine.name,
        vendor: await errorsSince(onec, began),
      });
    if (deferred === '') return state;
    onec.context.progress({ note: deferred });
    await sleep(every, undefined, { signal: onec.context.signal });
  }
}

/** Throws INITIAL_DATA_NOT_REFRESHED. */
export async function refresh(
  onec: Onec,
  { action, question, version }: ParamsOf<'refreshInitialData'>,
): Promise<string> {
  const job = nameFor(onec.context, 'refresh');
  const { state } = await onec.machine.jobStatus(job);
  let now = state === 'running' ? '' : await answerOf(onec, question);
  if (!sameVersion(now, version)) {
    if (action.kind === 'client')
      await runClient(onec, job, { execute: action.execute, command: action.command, seconds: 3.5 * 3600 });
    else await doInside(onec, job, { do: 'question', question: action });
    await putAway(onec, job);
    now = await answerOf(onec, question);
  }
  if (sameVersion(now, version)) return now;
  throw new NakatError('INITIAL_DATA_NOT_REFRESHED', {
    values: { infobase: onec.target.name, version: now, wanted: version },
    where: onec.machine.name,
  });
}

/** Configuration, data and initial data are where they should be. Throws CONFIGURATION_VERSION_STUCK. */
export async function checkVersions(
  onec: Onec,
  { version, initialData }: ParamsOf<'checkConfigurationVersion'>,
): Promise<Record<string, string | boolean>> {
  const state = await stateOf(onec);
  const found = [
    ['configuration', state.version, version],
    ['data', state.data.version, version],
    ...(initialData === null
      ? []
      : [['initial data', await answerOf(onec, initialData.question), initialData.version]]),
  ] as [string, string, string][];
  for (const [what, now, wanted] of found) {
    if (!sameVersion(now, wanted) || (what === 'configuration' && state.changed))
      throw new NakatError('CONFIGURATION_VERSION_STUCK', {
        values: { infobase: onec.target.name, what, version: now, wanted },
        where: onec.machine.name,
      });
  }
  return {
    ...Object.fromEntries(found.map(([what, now]) => [what.replace(' d', 'D'), now])),
    deferred: state.data.deferred,
  };
}
