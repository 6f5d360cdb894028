/** list, status, follow: looking at runs without touching them. */
import { cliTexts, commandTexts, argumentTexts, optionTexts } from '../../runbook/messages/cli.ts';
import { runTexts } from '../../runbook/messages/run.ts';
import { clock, type Language } from '../../runbook/messages/say.ts';
import { phaseTexts } from '../../runbook/messages/view.ts';
import type { Nakat } from '../connect.ts';
import { exitCodeOfOutcome, exitCodes, type ExitCode } from '../exit-codes.ts';
import { followRun } from '../follow.ts';
import { awaitRun, listRuns, viewRun, type RunSummary } from '../runs.ts';
import { untilInterrupted, withNakat, type Shell } from '../shell.ts';
import { renderView } from '../view.ts';
import { positive } from './numbers.ts';
import type { Builder } from './builder.ts';

export function addLooks(builder: Builder): void {
  const { t } = builder;
  const list = builder
    .command('list', commandTexts.list, ['nakat list', 'nakat list --json --limit 5'])
    .option('--limit <number>', t(optionTexts.limit), positive, 20);
  builder.act(list, (shell, { limit }: { limit: number }) =>
    withNakat(shell, async (nakat) => {
      const runs = await listRuns(nakat, limit);
      shell.document(runs);
      if (!shell.json)
        shell.say(runs.length === 0 ? shell.text(cliTexts.noRuns) : runs.map((run) => summaryLine(run, shell)));
      return exitCodes.ok;
    }),
  );

  const status = builder
    .command('status', commandTexts.status, ['nakat status crm', 'nakat status 1f0c2a9b --json'])
    .argument('<run>', t(argumentTexts.run));
  builder.act(status, (shell, _options: object, run: string) =>
    withNakat(shell, async (nakat) => {
      const view = await viewRun(nakat, run);
      shell.document(view);
      if (!shell.json) shell.say(renderView(view, shell.reader()));
      return exitCodes.ok;
    }),
  );

  const follow = builder
    .command('follow', commandTexts.follow, ['nakat follow crm', 'nakat follow crm --timeout 3600; echo $?'])
    .argument('<run>', t(argumentTexts.run))
    .option('--timeout <seconds>', t(optionTexts.timeout), positive);
  builder.act(follow, (shell, options: { timeout?: number }, run: string) =>
    withNakat(shell, (nakat) => followToEnd(nakat, run, shell, options.timeout)),
  );
}

/** Follows, shows, and answers the exit code of the outcome. With --json the report is the document. */
export async function followToEnd(nakat: Nakat, run: string, shell: Shell, timeout?: number): Promise<ExitCode> {
  const view = await untilInterrupted((interrupted) => {
    const signal =
      timeout === undefined ? interrupted : AbortSignal.any([interrupted, AbortSignal.timeout(timeout * 1000)]);
    return followRun(nakat, run, { language: shell.language, out: shell.people, signal });
  });
  if (view === null || view.status.outcome === null) {
    shell.say(shell.text(cliTexts.leftAlone, { run }));
    if (view) shell.document(view);
    return exitCodes.waiting;
  }
  const report = await awaitRun(nakat, view.status.run);
  shell.document(report);
  // A check that found nothing has stopped without a reason.
  if (report.outcome === 'stopped' && report.reason === null) return exitCodes.ok;
  return exitCodeOfOutcome(report.outcome, report.restore?.proved ?? null);
}

function summaryLine(run: RunSummary, { language, paint, text }: Shell): string {
  const now = Date.now();
  const state =
    run.outcome !== null
      ? outcomeText(run.outcome, language)
      : run.status === 'going'
        ? phaseText(run.phase, language) || text(cliTexts.going)
        : text(cliTexts[run.status]);
  const times = `${clock(run.startedAt, now, language)}${run.endedAt === null ? '' : ` – ${clock(run.endedAt, now, language)}`}`;
  return `${paint.bold(run.system)}  ${paint.dim(run.run)}  ${times}  ${state}`;
}

const outcomeText = (outcome: string, language: Language): string =>
  outcome in runTexts ? runTexts[outcome as keyof typeof runTexts][language] : outcome;
const phaseText = (phase: string | null, language: Language): string =>
  phase === null ? '' : phase in phaseTexts ? phaseTexts[phase as keyof typeof phaseTexts][language] : phase;
