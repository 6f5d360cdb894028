/** A command of the administrator's own, and how its success is told: exit code, output, files. */
import { NakatError } from '../../runbook/errors/index.ts';
import type { Facts } from '../../runbook/results.ts';
import type { ParamsOf } from '../../runbook/steps/index.ts';
import type { CommandResult, Machine } from '../machines/machine.ts';
import { machineFor } from '../machines/pool.ts';
import { redact } from '../secrets.ts';
import { follow } from './trees.ts';
import { nameFor, type StepActivity, type StepContext } from '../step.ts';

type Command = ParamsOf<'runCommand'>;

/**
 * The job of a command that succeeded stays: it is how a later attempt knows that it was done. What failed is started anew only by
 * the first attempt of another try, since that one was wanted by a person (or is a restore's own).
 */
export const runCommand: StepActivity<'runCommand'> = async (command, _uses, context) => {
  const machine = await machineFor(command.machine, context);
  const job = nameFor(context, 'command');
  const endedBefore = (await machine.jobStatus(job)).state === 'ended';
  let result = await start(machine, job, command, context);
  let problem = await problemOf(machine, command, result);
  if (problem && endedBefore && context.attempt === 1) {
    await machine.forgetJob(job);
    result = await start(machine, job, command, context);
    problem = await problemOf(machine, command, result);
  }
  return judged(machine, command, result, problem);
};

export const checkCommand: StepActivity<'checkCommand'> = async (command, _uses, context) => {
  const machine = await machineFor(command.machine, context);
  const job = nameFor(context, 'command');
  await machine.forgetJob(job);
  const result = await start(machine, job, command, context);
  await machine.forgetJob(job);
  return judged(machine, command, result, await problemOf(machine, command, result));
};

async function start(machine: Machine, job: string, command: Command, context: StepContext): Promise<CommandResult> {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(command.env))
    env[name] = typeof value === 'string' ? value : await context.secret(value);
  return machine.job(job, command.argv, {
    ...follow(context),
    env,
    ...(command.folder === '' ? {} : { cwd: command.folder }),
  });
}

/** In words; null: success. */
async function problemOf(machine: Machine, command: Command, result: CommandResult): Promise<string | null> {
  const { codes, output, notOutput, file, noFile } = command.success;
  const said = `${result.stdout}\n${result.stderr}`;
  if (result.code === null || !codes.includes(result.code)) return `exit code ${result.code ?? '—'}`;
  if (output !== '' && !new RegExp(output, 'mu').test(said)) return `output without /${output}/`;
  if (notOutput !== '' && new RegExp(notOutput, 'mu').test(said)) return `output with /${notOutput}/`;
  if (file !== '' && (await machine.stat(file)) === null) return `no ${file}`;
  if (noFile !== '' && (await machine.stat(noFile)) !== null) return `${noFile} is there`;
  return null;
}

function judged(machine: Machine, { argv }: Command, result: CommandResult, problem: string | null): Facts {
  if (problem === null) return { code: result.code ?? 0, says: lastLine(result.stdout) || lastLine(result.stderr) };
  throw new NakatError('COMMAND_NOT_SUCCESSFUL', {
    values: { program: argv[0] ?? '', problem },
    where: machine.name,
    vendor: [result.stdout, result.stderr].map(lastLines).filter(Boolean).join('\n'),
  });
}

const lastLines = (text: string): string => text.trim().split(/\r?\n/).slice(-8).join('\n').slice(-1000);

const lastLine = (text: string): string => redact(text.trim().split(/\r?\n/).at(-1) ?? '').slice(0, 200);
