/** Something of a site that is on or off. Read, then set only where it is not yet so, then read again. */
import { NakatError } from '../../runbook/errors/index.ts';
import type { DatabaseTarget, WebSite, WebSwitch } from '../../runbook/targets/index.ts';
import { connectDatabase } from '../databases/connect.ts';
import type { StepContext } from '../step.ts';
import { readValue } from './version.ts';
import { openWeb } from './web.ts';

export interface SwitchPlace {
  readonly site: WebSite;
  readonly database: DatabaseTarget;
}

/** @throws WEB_SWITCH_STUCK where it reads as neither */
export async function readSwitch(at: SwitchPlace, what: WebSwitch, context: StepContext): Promise<boolean> {
  const state = await stateOf(at, what, context);
  if (state.on === null)
    throw new NakatError('WEB_SWITCH_STUCK', {
      values: { site: at.site.name, wanted: 'on/off', found: state.found },
      where: at.site.name,
    });
  return state.on;
}

/** @throws WEB_SWITCH_STUCK when it does not become so */
export async function setSwitch(at: SwitchPlace, what: WebSwitch, on: boolean, context: StepContext): Promise<void> {
  if ((await stateOf(at, what, context)).on === on) return;
  // Statements take no signal: whoever has stopped waiting for the look does not want the change any more.
  context.signal.throwIfAborted();
  if (what.by === 'request') await (await openWeb(at.site, context)).ask(on ? what.on : what.off);
  else {
    const { table, column, where } = what.at;
    await (await connectDatabase(at.database, context)).update(table, { [column]: on ? what.on : what.off }, where);
  }
  const after = await stateOf(at, what, context);
  if (after.on !== on)
    throw new NakatError('WEB_SWITCH_STUCK', {
      values: { site: at.site.name, wanted: on ? 'on' : 'off', found: after.found },
      where: at.site.name,
    });
}

/** `on: null`: neither; `found` is what was read, in few words. */
async function stateOf(
  at: SwitchPlace,
  what: WebSwitch,
  context: StepContext,
): Promise<{ on: boolean | null; found: string }> {
  if (what.by === 'row') {
    const value = await readValue(await connectDatabase(at.database, context), what.at);
    return { on: same(value, what.on) ? true : same(value, what.off) ? false : null, found: value };
  }
  const body = await (await openWeb(at.site, context)).page(what.state.path);
  const [on, off] = [what.state.on, what.state.off].map((pattern) => new RegExp(pattern).test(body));
  return { on: on === off ? null : on === true, found: body.replace(/\s+/g, ' ').slice(0, 100) };
}

/** A plan may write 1 and 0 for booleans, as MySQL's administrators do. */
const same = (read: string, set: string): boolean =>
  read === set || (read === 'true' && set === '1') || (read === 'false' && set === '0');
