/**
 * The vendor's own script. Nothing interrupts it: it is a job of the machine, and a step that is given up leaves it running. Its
 * exit codes are not documented, so its last status line and what it left decide (the vendor's page on the scripts).
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { NakatError } from '../../runbook/errors/index.ts';
import type { Backup, Facts } from '../../runbook/results.ts';
import { redact } from '../secrets.ts';
import { nameFor, type StepContext } from '../step.ts';
import { readMain, versionOf, type Instance } from './instance.ts';
import { readPoint } from './point.ts';

const prefix = 'upgrade';
/** Milliseconds between two looks at a script that still runs. */
const every = 1000;

export async function runUpgrade(
  instance: Instance,
  version: string,
  script: string,
  backup: Backup,
  context: StepContext,
): Promise<Facts> {
  const { target, machine } = instance;
  await readPoint(instance, backup);
  const job = nameFor(context, prefix);
  const before = await machine.jobStatus(job);
  const reached = async (): Promise<string> => versionOf(await readMain(instance));
  // At a first attempt an ended one of ours means that a person has decided to try once more.
  if (before.state === 'ended' && context.attempt === 1 && (await reached()) !== version) await machine.forgetJob(job);
  const { stdout, stderr } = await machine.job(job, commandOf(target.name, version, script), {
    signal: context.signal,
    leaveRunning: () => true,
    onOutput: (text) => context.progress({ note: text.trim().split('\n').at(-1)?.slice(0, 80) ?? '' }),
  });
  const status = [...stdout.matchAll(/^Status:\s*(.+?)\s*$/gm)].at(-1)?.[1] ?? '–';
  const now = await reached();
  if (status !== 'Completed' || now !== version)
    throw new NakatError('INSTANCE_SCRIPT_FAILED', {
      values: { instance: target.name, status, version: now },
      where: machine.name,
      vendor: redact((stderr.trim() === '' ? stdout : `${stdout}\n${stderr}`).trim().slice(-2000)),
    });
  return { script, status, version: now };
}

export const commandOf = (name: string, version: string, script: string): string[] => [
  'powershell.exe',
  '-NoProfile',
  '-NonInteractive',
  '-ExecutionPolicy',
  'Bypass',
  '-File',
  script,
  '-name',
  name,
  '-version',
  version,
];

/** Before anything is stopped: a script of this run that still works is waited for, however long it takes. */
export async function awaitUpgrades({ machine }: Instance, context: StepContext): Promise<void> {
  const folder = machine.join(machine.work, 'jobs');
  if ((await machine.stat(folder)) === null) return;
  const own = (await machine.list(folder))
    .map(({ name }) => name)
    .filter((name) => name.startsWith(`${prefix}-${context.run}-`));
  for (const job of own)
    for (
      ;
      (await machine.jobStatus(job)).state === 'running';
      await sleep(every, undefined, { signal: context.signal })
    )
      context.progress({ note: job });
}
