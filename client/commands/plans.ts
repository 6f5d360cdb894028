/** plan, check, run: what begins with a plan file. */
import { argumentTexts, cliTexts, commandTexts, optionTexts } from '../../runbook/messages/cli.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import { compilePlanFile } from '../compile.ts';
import { doesOf, renderPlan } from '../plan-view.ts';
import { startRun } from '../runs.ts';
import { personOf, rows, withNakat, type Shell } from '../shell.ts';
import { followToEnd } from './looks.ts';
import { positive } from './numbers.ts';
import type { Builder } from './builder.ts';

interface StartOptions {
  readonly as?: string;
  readonly detach?: boolean;
  readonly timeout?: number;
}

export function addPlans(builder: Builder): void {
  const { t } = builder;
  const plan = builder
    .command('plan', commandTexts.plan, [
      'nakat plan crm.yaml',
      'nakat plan crm.yaml --params | less',
      'nakat plan crm.yaml --json > runbook.json',
    ])
    .argument('<file>', t(argumentTexts.planFile))
    .option('--params', t(optionTexts.params));
  builder.act(plan, async (shell, { params }: { params?: boolean }, file: string) => {
    const compiled = await compilePlanFile(file);
    shell.document({ ...compiled, does: doesOf(compiled.runbook) });
    if (!shell.json) shell.say(rows(shell, renderPlan(compiled, shell, params ?? false)));
    return exitCodes.ok;
  });

  for (const [name, examples] of [
    ['check', ['nakat check crm.yaml', 'nakat check crm.yaml --json | jq .outcome']],
    ['run', ['nakat run crm.yaml', 'nakat run crm.yaml --detach --as anna']],
  ] as const) {
    const command = builder
      .command(name, commandTexts[name], examples)
      .argument('<file>', t(argumentTexts.planFile))
      .option('--as <name>', t(optionTexts.as))
      .option('--detach', t(optionTexts.detach))
      .option('--timeout <seconds>', t(optionTexts.timeout), positive);
    builder.act(command, (shell, options: StartOptions, file: string) => start(shell, file, options, name === 'check'));
  }
}

async function start(shell: Shell, file: string, options: StartOptions, checkOnly: boolean): Promise<ExitCode> {
  const compiled = await compilePlanFile(file);
  const { system } = compiled.runbook;
  return withNakat(shell, async (nakat) => {
    const run = await startRun(nakat, compiled, { initiator: personOf(shell.env, options.as), checkOnly });
    shell.say([
      shell.text(cliTexts.started, { run, system }),
      shell.text(cliTexts.digest, { digest: compiled.digest }),
    ]);
    if (!options.detach) return followToEnd(nakat, run, shell, options.timeout);
    shell.document({ run, system, digest: compiled.digest });
    return exitCodes.ok;
  });
}
