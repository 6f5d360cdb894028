/** An instance is stopped, started, and awaited. */
import { setTimeout as sleep } from 'node:timers/promises';
import { isNakatError, NakatError } from '../../runbook/errors/index.ts';
import type { LogMarks } from '../../runbook/results.ts';
import { getUrl } from '../generic/url.ts';
import { redact } from '../secrets.ts';
import type { StepContext } from '../step.ts';
import { belowBinaries, binariesOf, readConfig, readMain, versionOf, type Instance } from './instance.ts';

/** Milliseconds between two looks: at first, and at most. */
const pause = { first: 200, longest: 2000 };
const longer = (milliseconds: number): number => Math.min(milliseconds * 1.5, pause.longest);
/** Milliseconds for the login page of an instance that ran before and was not changed. */
const loginPatience = 10 * 60_000;

export async function stop(instance: Instance): Promise<LogMarks> {
  const { target, machine, iis } = instance;
  await iis.stop(target.site, ...target.pools.toReversed());
  await proveFree(instance, target.database);
  if (target.streams !== undefined) await proveFree(instance, target.streams);
  const logs: Record<string, number> = {};
  if ((await machine.stat(target.logs)) !== null)
    for (const { name, stat } of await machine.list(target.logs)) if (stat.kind === 'file') logs[name] = stat.size;
  return { logs };
}

/** Also what the last request of a worker that was killed leads to: the next try finds out. */
const refusals: ReadonlySet<string> = new Set(['FILE_FAILED', 'FILE_DENIED', 'FILE_NOT_FOUND', 'TARGET_EXISTS']);

/**
 * Windows renames a folder only when nobody holds a file below it: so it is renamed and named back. A folder that a killed
 * attempt left under the other name comes back first.
 */
async function proveFree({ target, machine }: Instance, folder: string): Promise<void> {
  const aside = `${folder}.nakat-free`;
  const isThere = async (path: string): Promise<boolean> => (await machine.stat(path)) !== null;
  if ((await isThere(aside)) && !(await isThere(folder))) await machine.rename(aside, folder);
  if (!(await isThere(folder))) return;
  try {
    await machine.rename(folder, aside);
  } catch (error) {
    if (!isNakatError(error) || !refusals.has(error.code)) throw error;
    throw new NakatError('INSTANCE_FILES_HELD', {
      values: { instance: target.name, folder },
      where: machine.name,
      ...(error.failure.vendor ? { vendor: error.failure.vendor } : {}),
      cause: error,
    });
  }
  await machine.rename(aside, folder);
}

export const start = ({ target, iis }: Instance): Promise<void> =>
  iis.start(target.site, ...target.pools.filter((pool) => !target.idle.includes(pool)));

/** Everything that tells success: the logs behind the marks, the version in file and links, the login page. */
export async function awaitReady(
  instance: Instance,
  version: string,
  seconds: number,
  marks: LogMarks | undefined,
  context: StepContext,
): Promise<number> {
  const { target, machine } = instance;
  const began = Date.now();
  for (let delay = pause.first; ; delay = longer(delay)) {
    const missing = [
      ...(marks ? await missingWords(instance, version, marks) : []),
      ...(await wrongVersion(instance, version)),
    ];
    const login = await loginProblem(instance, context);
    const took = Math.round((Date.now() - began) / 1000);
    if (missing.length === 0 && login === null) return took;
    context.progress({ note: (missing[0] ?? login ?? '').slice(0, 80) });
    if (Date.now() - began >= seconds * 1000) {
      const values = { instance: target.name, version, seconds, missing: missing.join('; ') };
      if (missing.length > 0) throw new NakatError('INSTANCE_NOT_READY', { values, where: machine.name });
      throw noLogin(instance, login ?? '');
    }
    await sleep(delay, undefined, { signal: context.signal });
  }
}

/** Of an instance that nothing was changed of. */
export async function awaitLogin(instance: Instance, context: StepContext): Promise<void> {
  const end = Date.now() + loginPatience;
  for (let delay = pause.first; ; delay = longer(delay)) {
    const problem = await loginProblem(instance, context);
    if (problem === null) return;
    if (Date.now() > end) throw noLogin(instance, problem);
    await sleep(delay, undefined, { signal: context.signal });
  }
}

const noLogin = ({ target, machine }: Instance, problem: string): NakatError =>
  new NakatError('INSTANCE_LOGIN_MISSING', {
    values: { instance: target.name, url: target.url, problem },
    where: machine.name,
  });

/** What the logs do not say yet. A line of failure ends the waiting at once. */
async function missingWords(instance: Instance, version: string, marks: LogMarks): Promise<string[]> {
  const { target, machine } = instance;
  const problem = target.problem === '' ? null : new RegExp(target.problem, 'iu');
  const files = (await machine.stat(target.logs)) === null ? [] : await machine.list(target.logs);
  const missing: string[] = [];
  for (const { file: pattern, line } of target.success) {
    const named = files.filter(({ name, stat }) => stat.kind === 'file' && globOf(pattern).test(name));
    let said = false;
    for (const { name, stat } of named) {
      const mark = marks.logs[name] ?? 0;
      // Shorter than it was: begun anew since.
      const from = stat.size < mark ? 0 : mark;
      if (stat.size <= from) continue;
      const text = (await machine.readFile(machine.join(target.logs, name), 16 * 2 ** 20, from)).toString('utf8');
      const lines = text.split(/\r?\n/).filter((one) => one.trim() !== '');
      const bad = problem && lines.find((one) => problem.test(one));
      if (bad)
        throw new NakatError('INSTANCE_UPGRADE_FAILED', {
          values: { instance: target.name, version, file: name },
          where: machine.name,
          vendor: redact(lines.slice(Math.max(0, lines.indexOf(bad) - 3), lines.indexOf(bad) + 5).join('\n')),
        });
      if (lines.at(-1)?.includes(line)) said = true;
    }
    if (!said) missing.push(`${pattern}: “${line}”`);
  }
  return missing;
}

const globOf = (pattern: string): RegExp =>
  new RegExp(
    `^${pattern
      .split('*')
      .map((one) => one.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
      .join('.*')}$`,
    'i',
  );

async function wrongVersion(instance: Instance, version: string): Promise<string[]> {
  const { target, machine } = instance;
  const found = versionOf(await readMain(instance));
  const wrong = found === version ? [] : [`version ${found} in ${target.main}`];
  const { links } = await readConfig(machine, target.config);
  for (const link of links)
    if (belowBinaries(link, target.binaries) !== null && belowBinaries(link, binariesOf(instance, version)) === null)
      wrong.push(`link ${link.name} → ${link.target}`);
  return wrong;
}

/** Redirections on the same host are followed: the start page sends to the login page. */
async function loginProblem({ target }: Instance, context: StepContext): Promise<string | null> {
  try {
    let url = new URL(target.url);
    let reply = await getUrl(url.href, context);
    for (let hop = 0; hop < 5 && reply.status >= 300 && reply.status < 400 && reply.location; hop++) {
      const next = new URL(reply.location, url);
      if (next.host !== url.host) return `sent to ${next.host}`;
      url = next;
      reply = await getUrl(url.href, context);
    }
    if (reply.status !== 200) return `status ${reply.status} at ${url.pathname}`;
    if (!reply.body.includes(target.login)) return `no “${target.login}” at ${url.pathname}`;
    if (target.health === '') return null;
    const { status } = await getUrl(new URL(target.health, target.url).href, context);
    return status === 200 ? null : `status ${status} at ${target.health}`;
  } catch (error) {
    context.signal.throwIfAborted();
    return error instanceof Error ? error.message || error.name : String(error);
  }
}
