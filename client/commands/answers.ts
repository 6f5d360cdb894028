/** approve, reject, decide, cancel: what people say to a run. */
import { confirm, isCancel } from '@clack/prompts';
import { NakatError } from '../../runbook/errors/index.ts';
import { argumentTexts, cliTexts, commandTexts, optionTexts } from '../../runbook/messages/cli.ts';
import { tellSaid } from '../../runbook/messages/say.ts';
import type { Decision, RunStatus } from '../../workflows/state.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import { cancelRun, decide, viewRun } from '../runs.ts';
import { personOf, usageError, withNakat, type Shell } from '../shell.ts';
import { waitingDecisions, textOf } from '../view.ts';
import type { Builder } from './builder.ts';

interface AnswerOptions {
  readonly as?: string;
  readonly why?: string;
  readonly digest?: string;
  readonly decision?: string;
}

export function addAnswers(builder: Builder): void {
  const { t } = builder;
  for (const [name, nth] of [
    ['approve', 0],
    ['reject', 1],
  ] as const) {
    const command = builder
      .command(name, commandTexts[name], [
        `nakat ${name} crm --digest 5f0c1a2b3c4d`,
        `nakat ${name} crm --digest 5f0c1a2b3c4d --as anna --why "checked the copy"`,
      ])
      .argument('<run>', t(argumentTexts.run))
      .option('--decision <id>', t(optionTexts.decision))
      .option('--digest <digits>', t(optionTexts.digest))
      .option('--as <name>', t(optionTexts.as))
      .option('--why <text>', t(optionTexts.why));
    builder.act(command, (shell, options: AnswerOptions, run: string) =>
      answer(shell, run, options, name, (status) => {
        // Yes and no mean something only where the plan asks; what to do about a failure has names of its own.
        const asked = waitingDecisions(status.decisions).filter(
          (one) => options.decision === one.id || ['approval', 'acceptance', 'manual'].includes(one.kind),
        );
        const decision = theOne(asked, status, options.decision);
        return { decision, choice: decision.choices[nth] ?? '' };
      }),
    );
  }
  const command = builder
    .command('decide', commandTexts.decide, [
      'nakat decide crm failed:production.install-package retry',
      'nakat decide crm approval-production approve --digest 5f0c1a2b3c4d',
    ])
    .argument('<run>', t(argumentTexts.run))
    .argument('<decision>', t(argumentTexts.decision))
    .argument('<choice>', t(argumentTexts.choice))
    .option('--digest <digits>', t(optionTexts.digest))
    .option('--as <name>', t(optionTexts.as))
    .option('--why <text>', t(optionTexts.why));
  builder.act(command, (shell, options: AnswerOptions, run: string, id: string, choice: string) =>
    answer(shell, run, options, 'decide', (status) => ({
      decision: status.decisions.find((one) => one.id === id) ?? id,
      choice,
    })),
  );

  const cancel = builder
    .command('cancel', commandTexts.cancel, ['nakat cancel crm --why "window moved"'])
    .argument('<run>', t(argumentTexts.run))
    .option('--as <name>', t(optionTexts.as))
    .option('--why <text>', t(optionTexts.why));
  builder.act(cancel, (shell, options: AnswerOptions, run: string) =>
    withNakat(shell, async (nakat) => {
      const then = await cancelRun(nakat, run, { who: personOf(shell.env, options.as), why: options.why ?? '' });
      shell.document(then);
      if (!shell.json) shell.say(shell.text(then.then === 'stop' ? cliTexts.willStop : cliTexts.willRestore));
      return exitCodes.ok;
    }),
  );
}

/** `find` answers the decision, or the name of one that the run does not have: the run itself refuses that. */
function answer(
  shell: Shell,
  run: string,
  options: AnswerOptions,
  command: string,
  find: (status: RunStatus) => { decision: Decision | string; choice: string },
): Promise<ExitCode> {
  return withNakat(shell, async (nakat) => {
    const { status } = await viewRun(nakat, run);
    const { decision, choice } = find(status);
    if (typeof decision !== 'string' && decision.kind === 'approval' && options.digest === undefined) {
      if (!shell.interactive) throw usageError(command, shell.text(cliTexts.digestNeeded));
      shell.say([
        tellSaid(decision.title, shell.language),
        ...textOf(decision, shell.language).map((line) => `  ${line}`),
        ...decision.evidence.map((one) => `  ${tellSaid(one, shell.language)}`),
        shell.text(cliTexts.digest, { digest: status.digest }),
      ]);
      const sure = await confirm({ message: shell.text(cliTexts.sure, { choice }), initialValue: false });
      if (isCancel(sure) || !sure) {
        shell.say(shell.text(cliTexts.notAnswered));
        return exitCodes.refused;
      }
    }
    const { taken } = await decide(nakat, run, {
      decision: typeof decision === 'string' ? decision : decision.id,
      choice,
      who: personOf(shell.env, options.as),
      why: options.why ?? '',
      digest: fullDigest(options.digest, status.digest),
    });
    shell.document({ taken });
    if (!shell.json)
      shell.say(taken === null ? shell.text(cliTexts.countedMore) : shell.text(cliTexts.counted, { choice: taken }));
    return exitCodes.ok;
  });
}

/** People copy the first digits; eight of them are enough to tell runbooks apart. A wrong one is sent as it is, to be refused. */
const fullDigest = (given: string | undefined, digest: string): string =>
  given === undefined || (given.length >= 8 && digest.startsWith(given.toLowerCase())) ? digest : given;

function theOne(asked: readonly Decision[], status: RunStatus, named: string | undefined): Decision {
  const waiting = asked.map((one) => one.id).join(', ') || '—';
  const found = named === undefined ? asked : asked.filter((one) => one.id === named);
  const [decision, ...others] = found;
  if (!decision) {
    // Who approves what somebody has just approved wants to know that.
    const taken = status.decisions.findLast(
      (one) => one.choice !== null && (named === undefined ? one.kind === 'approval' : one.id === named),
    );
    if (taken) throw new NakatError('DECISION_TAKEN', { values: { decision: taken.id, choice: taken.choice ?? '' } });
    throw new NakatError('NOTHING_TO_DECIDE', { values: { run: status.system, waiting } });
  }
  if (others.length > 0) throw new NakatError('DECISION_NOT_NAMED', { values: { run: status.system, waiting } });
  return decision;
}
