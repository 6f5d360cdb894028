/**
 * Locking an infobase of a cluster. What was there before the lock is written into the lock itself (`denied-parameter`, in
 * the same call of rac): a lost answer or a dead worker cannot lose it, and another run's lock is recognised.
 *
 * A file infobase has no cluster: it can only be seen whether somebody has it open (1Cv8.1CL, see `open-sign.ts`); new
 * sessions cannot be kept out from outside, so a lock there means that nobody was in it at that moment.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { NakatError } from '../../runbook/errors/index.ts';
import { note } from '../../runbook/messages/progress.ts';
import type { LockState } from '../../runbook/results.ts';
import { askInside } from './inside.ts';
import type { Onec } from './onec.ts';
import type { Rac, Session } from './rac.ts';

type Settings = Readonly<Record<string, string>>;

/** What a lock overwrites besides the two switches; kept only where it was set. */
const texts = ['denied-from', 'denied-to', 'denied-message', 'denied-parameter', 'permission-code'] as const;
const endings = 30;

/**
 * Denies sessions from a moment that is still to come, and waits until then: clients of БСП look at the lock every minute, tell
 * their user and end by themselves (1c-syntax/ssl_3_1, СоединенияИБКлиент). The moment is kept in the lock: an attempt that
 * comes later waits for the same one. The cluster takes the time of its own machine, which is asked for it.
 */
export async function announce(onec: Onec, rac: Rac, message: string, seconds: number): Promise<LockState> {
  const { target, context } = onec;
  const info = await rac.info();
  const mark = readMark(info);
  if (mark !== null && mark.run !== context.run)
    throw new NakatError('INFOBASE_LOCKED_BY_RUN', { values: { infobase: target.name, run: mark.run } });
  if (mark === null) {
    const from = localTime(await now(onec), seconds);
    await set(onec, rac, {
      'sessions-deny': 'on',
      'denied-from': from,
      'denied-to': '',
      'denied-message': message,
      'denied-parameter': writeMark(context.run, info),
      'permission-code': target.permissionCode,
    });
  }
  const from = (await rac.info())['denied-from'] ?? '';
  for (;;) {
    const left = from === '' ? 0 : Date.parse(`${from}Z`) - Date.parse(`${await now(onec)}Z`);
    if (!(left > 0)) return mark?.before ?? switches(info);
    context.progress({ note: note('minutesLeft', { name: target.name, minutes: Math.ceil(left / 60_000) }) });
    await sleep(Math.min(left, 30_000), undefined, { signal: context.signal });
  }
}

/** Local time of the machine on which the programs of 1C run, `2026-05-01T22:15:00`: no zone, as the cluster writes it. */
async function now(onec: Onec): Promise<string> {
  const { machine, context } = onec;
  if (machine.os === 'windows') return (await askInside(onec, { do: 'now' }))[0];
  return (await machine.run(['date', '+%Y-%m-%dT%H:%M:%S'], { timeout: 60, signal: context.signal })).stdout.trim();
}

const localTime = (from: string, seconds: number): string =>
  new Date(Date.parse(`${from}Z`) + seconds * 1000).toISOString().slice(0, 19);

/** Denies sessions and jobs, ends the sessions there are and proves that none is left. */
export async function lock(onec: Onec, rac: Rac, message: string): Promise<LockState> {
  const { target, context } = onec;
  const info = await rac.info();
  const mark = readMark(info);
  if (mark !== null && mark.run !== context.run)
    throw new NakatError('INFOBASE_LOCKED_BY_RUN', { values: { infobase: target.name, run: mark.run } });
  const before = mark?.before ?? switches(info);
  const parameter = mark === null ? writeMark(context.run, info) : info['denied-parameter']!;
  await set(onec, rac, {
    'sessions-deny': 'on',
    'scheduled-jobs-deny': 'on',
    'denied-from': '',
    'denied-to': '',
    'denied-message': message,
    'denied-parameter': parameter,
    'permission-code': target.permissionCode,
  });
  await endSessions(onec, rac);
  return before;
}

/** Sessions may start; jobs stay denied, and the mark stays for `unlock`. */
export const admit = (onec: Onec, rac: Rac): Promise<void> =>
  set(onec, rac, { 'sessions-deny': 'off', 'scheduled-jobs-deny': 'on' });

export const denyJobs = (onec: Onec, rac: Rac): Promise<void> => set(onec, rac, { 'scheduled-jobs-deny': 'on' });

/** Puts back what was before this run's lock; an infobase that this run did not lock is left alone. */
export async function unlock(onec: Onec, rac: Rac, lockState: LockState | undefined): Promise<void> {
  const info = await rac.info();
  const mark = readMark(info);
  // Somebody emptied the parameter field by hand: the permission code still tells that the lock is ours.
  const ours =
    mark === null
      ? lockState !== undefined && info['permission-code'] === onec.target.permissionCode
      : mark.run === onec.context.run;
  const before = mark?.before ?? lockState;
  if (!ours || before === undefined) return;
  await set(onec, rac, {
    ...Object.fromEntries(texts.map((name) => [name, ''])),
    ...mark?.texts,
    'sessions-deny': before.sessionsDenied ? 'on' : 'off',
    'scheduled-jobs-deny': before.jobsDenied ? 'on' : 'off',
  });
}

/** Sessions of others. Our own are the Designer's, of our user, from the machine on which our programs run. */
export async function foreignSessions({ machine, target, context }: Onec, rac: Rac): Promise<Session[]> {
  const sessions = await rac.sessions();
  if (!sessions.some((session) => session.app === 'Designer')) return sessions;
  const host = (await machine.run(['hostname'], { timeout: 60, signal: context.signal })).stdout.trim().toLowerCase();
  return sessions.filter(
    ({ app, user, host: from }) =>
      !(app === 'Designer' && user === target.user && host !== '' && from.toLowerCase() === host),
  );
}

async function endSessions(onec: Onec, rac: Rac): Promise<void> {
  const { target, context } = onec;
  for (let turn = 0; ; turn++) {
    const sessions = await foreignSessions(onec, rac);
    context.progress({ note: note('sessions', { name: target.name, count: sessions.length }) });
    if (sessions.length === 0) return;
    if (turn === endings) {
      const names = sessions.map(({ app, user, host }) => `${user || '-'}@${host} (${app})`);
      throw new NakatError('INFOBASE_SESSIONS_LEFT', {
        values: { infobase: target.name, count: sessions.length, sessions: names.join(', ') },
      });
    }
    for (const session of sessions) await rac.terminate(session);
    // The cluster ends sessions in its own time.
    if (turn > 0) await sleep(1000, undefined, { signal: context.signal });
  }
}

/** Sets and reads back. A call whose answer was lost is simply made again: it says how things shall be, not what to change. */
async function set(onec: Onec, rac: Rac, settings: Settings): Promise<void> {
  await rac.update(settings);
  const info = await rac.info();
  for (const setting of ['sessions-deny', 'scheduled-jobs-deny', 'denied-parameter']) {
    const wanted = settings[setting];
    if (wanted !== undefined && info[setting] !== wanted) {
      throw new NakatError('INFOBASE_NOT_AS_SET', {
        values: { infobase: onec.target.name, setting, value: info[setting] ?? '' },
      });
    }
  }
}

export const switches = (info: Settings): LockState => ({
  sessionsDenied: info['sessions-deny'] === 'on',
  jobsDenied: info['scheduled-jobs-deny'] === 'on',
});

/** `nakat:<run>:<sessions>:<jobs>`, and the texts of a foreign lock as base64url JSON behind it. */
function writeMark(run: string, info: Settings): string {
  const { sessionsDenied, jobsDenied } = switches(info);
  const kept = Object.fromEntries(texts.flatMap((name) => (info[name] ? [[name, info[name]]] : [])));
  const rest = Object.keys(kept).length === 0 ? '' : `:${Buffer.from(JSON.stringify(kept)).toString('base64url')}`;
  return `nakat:${run}:${sessionsDenied ? 'on' : 'off'}:${jobsDenied ? 'on' : 'off'}${rest}`;
}

function readMark(info: Settings): { run: string; before: LockState; texts: Settings } | null {
  const match = /^nakat:([^:]+):(on|off):(on|off)(?::([\w-]+))?$/.exec(info['denied-parameter'] ?? '');
  if (match === null) return null;
  const [, run, sessions, jobs, rest] = match;
  return {
    run: run!,
    before: { sessionsDenied: sessions === 'on', jobsDenied: jobs === 'on' },
    texts: rest === undefined ? {} : (JSON.parse(Buffer.from(rest, 'base64url').toString('utf8')) as Settings),
  };
}
