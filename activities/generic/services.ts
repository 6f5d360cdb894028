/**
 * Services of systemd, of Windows, and init scripts. Started and stopped only when the system says that they are not so yet, and
 * proved by what it says afterwards, never by an exit code. Sources: systemctl(1) (`show` answers for unknown units too:
 * LoadState=not-found); LSB Core, "Init Script Actions" (codes of `status`); Microsoft Learn, "sc query" and "Service States".
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { NakatError } from '../../runbook/errors/index.ts';
import type { Facts } from '../../runbook/results.ts';
import type { ServiceTarget } from '../../runbook/targets/index.ts';
import type { CommandResult, Machine } from '../machines/machine.ts';
import { machineFor } from '../machines/pool.ts';
import type { StepActivity, StepContext } from '../step.ts';

/** `changing`: on its way to one of the others. `text`: in the system's own words. */
interface State {
  readonly is: 'running' | 'stopped' | 'changing';
  readonly text: string;
}

/** After the command has answered, a service may still be on its way. */
const patience = { milliseconds: 120_000, every: 300 };
/** Milliseconds that it may stand still in another state than the wanted one: a program that ended at once does not come back. */
const standstill = 5000;
/** Seconds for one command: systemd's own limit for a slow start is 90. */
const commandTimeout = 300;

export const startService: StepActivity<'startService'> = ({ service }, _uses, context) =>
  bring(service, 'running', context);
export const stopService: StepActivity<'stopService'> = ({ service }, _uses, context) =>
  bring(service, 'stopped', context);

export const checkService: StepActivity<'checkService'> = async ({ service, runs }, _uses, context) => {
  const machine = await machineFor(service.machine, context);
  const state = await stateOf(service, machine);
  const wanted = runs ? 'running' : 'stopped';
  if (state.is !== wanted) throw notAsWanted(service, state, wanted);
  return { service: service.name, state: state.text };
};

async function bring(service: ServiceTarget, wanted: 'running' | 'stopped', context: StepContext): Promise<Facts> {
  const machine = await machineFor(service.machine, context);
  let state = await stateOf(service, machine);
  const changed = state.is !== wanted;
  if (changed) {
    const argv = commandOf(service, wanted === 'running' ? 'start' : 'stop');
    const result = await machine.run(argv, { timeout: commandTimeout, signal: context.signal });
    let moved = Date.now();
    for (const end = Date.now() + patience.milliseconds; ;) {
      state = await stateOf(service, machine);
      if (state.is === wanted) break;
      if (state.is === 'changing') moved = Date.now();
      // It said no, and nothing moves.
      if (result.code !== 0 && state.is !== 'changing') throw refused(service, argv, result);
      if (Date.now() > end || Date.now() - moved > standstill) throw notAsWanted(service, state, wanted);
      await sleep(patience.every, undefined, { signal: context.signal });
    }
  }
  return { service: service.name, state: state.text, changed };
}

function commandOf(service: ServiceTarget, verb: 'start' | 'stop' | 'status'): string[] {
  if (service.kind === 'windows') return [service.sc, verb === 'status' ? 'queryex' : verb, service.name];
  const sudo = service.sudo ? ['sudo', '-n'] : [];
  if (service.kind === 'script') return [...sudo, service.script, verb];
  return verb === 'status'
    ? [service.systemctl, 'show', '--property=LoadState,ActiveState,SubState,MainPID', '--', service.name]
    : [...sudo, service.systemctl, verb, '--', service.name];
}

async function stateOf(service: ServiceTarget, machine: Machine): Promise<State> {
  const argv = commandOf(service, 'status');
  const result = await machine.run(argv, { timeout: 60 });
  const state = readers[service.kind](result);
  if (state === 'unknown')
    throw new NakatError('SERVICE_UNKNOWN', { values: { service: service.name }, where: machine.name });
  return state ?? fail(refused(service, argv, result));
}

type Reader = (result: CommandResult) => State | 'unknown' | null;

const readers: Record<ServiceTarget['kind'], Reader> = {
  systemd({ code, stdout }) {
    const properties = new Map(stdout.split(/\r?\n/).map((line) => line.split('=', 2) as [string, string]));
    const active = properties.get('ActiveState');
    if (code !== 0 || !active) return null;
    if (properties.get('LoadState') === 'not-found') return 'unknown';
    const text = `${active} (${properties.get('SubState') ?? ''})`;
    // `active (exited)` is a unit whose program has ended, as one-shot units do: that is what running means for them.
    if (active === 'active') return { is: 'running', text };
    const gone = (properties.get('MainPID') ?? '0') === '0';
    return { is: (active === 'inactive' || active === 'failed') && gone ? 'stopped' : 'changing', text };
  },
  /** Labels are translated, the names of states are not. */
  windows({ code, stdout }) {
    // ERROR_SERVICE_DOES_NOT_EXIST
    if (code === 1060) return 'unknown';
    const found =
      /:\s*(\d)\s+(STOPPED|START_PENDING|STOP_PENDING|RUNNING|CONTINUE_PENDING|PAUSE_PENDING|PAUSED)\b/.exec(stdout);
    if (code !== 0 || !found) return null;
    const [, number, text = ''] = found;
    return { is: number === '4' ? 'running' : number === '1' ? 'stopped' : 'changing', text };
  },
  script({ code, stdout }) {
    const text = stdout.trim().split(/\r?\n/).at(-1)?.slice(0, 100) || `status ${code ?? '—'}`;
    if (code === 0) return { is: 'running', text };
    return code !== null && code <= 3 ? { is: 'stopped', text } : null;
  },
};

const fail = (error: NakatError): never => {
  throw error;
};

const refused = (service: ServiceTarget, argv: readonly string[], { stdout, stderr }: CommandResult): NakatError =>
  new NakatError('SERVICE_REFUSED', {
    values: { service: service.name, command: argv.join(' ') },
    vendor: `${stderr}\n${stdout}`.trim(),
    where: service.machine.name,
  });

const notAsWanted = (service: ServiceTarget, { text }: State, wanted: string): NakatError =>
  new NakatError('SERVICE_NOT_AS_WANTED', {
    values: { service: service.name, state: text, wanted },
    where: service.machine.name,
  });
