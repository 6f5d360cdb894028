/** One machine object, and so one connection, for each target in this process: steps that run at once share it. */
import canonicalize from 'canonicalize';
import type { MachineTarget } from '../../runbook/targets/index.ts';
import type { StepContext } from '../step.ts';
import { connectMachine } from './connect.ts';
import type { Machine } from './machine.ts';

const machines = new Map<string, Promise<Machine>>();

/**
 * The machine of a target, connected by the first that asks. Do not close it: an unused connection closes itself after a minute
 * and is opened again by the next call.
 */
export async function machineFor(
  target: MachineTarget,
  context: Pick<StepContext, 'secret' | 'signal'>,
): Promise<Machine> {
  context.signal.throwIfAborted();
  const key = canonicalize(target) ?? '';
  let machine = machines.get(key);
  if (!machine) {
    // Of no single step: one that is cancelled while connecting must not take the connection from the others.
    machine = connectMachine(target, { secret: context.secret, signal: new AbortController().signal });
    machines.set(key, machine);
    machine.catch(() => machines.delete(key));
  }
  return machine;
}

/** For the end of the process, and of tests. */
export async function closeAllMachines(): Promise<void> {
  const all = [...machines.values()];
  machines.clear();
  await Promise.allSettled(all.map(async (machine) => (await machine).close()));
}
