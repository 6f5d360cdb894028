/** report: what is left of a run, for people, for programs, or as a page to keep. */
import { rename, writeFile } from 'node:fs/promises';
import { argumentTexts, cliTexts, commandTexts, optionTexts } from '../../runbook/messages/cli.ts';
import { sayWord } from '../../runbook/messages/facts.ts';
import { runTexts } from '../../runbook/messages/run.ts';
import { clock, duration, tellSaid } from '../../runbook/messages/say.ts';
import { stageTexts, viewTexts } from '../../runbook/messages/view.ts';
import type { SealedReport } from '../../runbook/report.ts';
import { exitCodes } from '../exit-codes.ts';
import { reportHtml } from '../report/html.ts';
import { readPictures } from '../report/pictures.ts';
import { sealReport } from '../report/seal.ts';
import { reportOfRun } from '../runs.ts';
import { withNakat, type Shell } from '../shell.ts';
import { renderReason } from '../view.ts';
import type { Builder } from './builder.ts';

export function addReport(builder: Builder): void {
  const { t } = builder;
  const command = builder
    .command('report', commandTexts.report, [
      'nakat report crm',
      'nakat report crm --html report.html',
      'nakat report 1f0c2a9b --json > report.json',
    ])
    .argument('<run>', t(argumentTexts.run))
    .option('--html <file>', t(optionTexts.html));
  builder.act(command, (shell, { html }: { html?: string }, run: string) =>
    withNakat(shell, async (nakat) => {
      const report = sealReport(await reportOfRun(nakat, run));
      if (html !== undefined) {
        await writeReport(html, report, shell);
        shell.say(shell.text(cliTexts.wrote, { file: html }));
      }
      shell.document(report);
      if (!shell.json && html === undefined) shell.say(reportLines(report, shell));
      return report.outcome === 'going' ? exitCodes.waiting : exitCodes.ok;
    }),
  );
}

/** Beside it first: a half-written page is never taken for the report. */
export async function writeReport(file: string, report: SealedReport, shell: Pick<Shell, 'language'>): Promise<void> {
  await writeFile(`${file}.new`, reportHtml(report, shell.language, await readPictures(report)));
  await rename(`${file}.new`, file);
}

export function reportLines(report: SealedReport, shell: Pick<Shell, 'language' | 'paint' | 'text'>): string[] {
  const { language, paint, text } = shell;
  const timeZone = report.timeZone ?? report.window?.timeZone;
  const time = (at: number, zone?: 'zone'): string => clock(at, Date.now(), language, timeZone, zone);
  const lines = [
    paint.bold(tellSaid(report.title, language)),
    paint.dim(text(viewTexts.run, { run: report.run, digest: report.digest.slice(0, 12), who: report.initiator })),
    paint.bold(text(viewTexts.outcome, { outcome: runTexts[report.outcome][language] })),
    ...renderReason(report, shell),
    text(cliTexts.reportTimes, {
      from: time(report.startedAt),
      to: time(report.endedAt, 'zone'),
      time: duration((report.endedAt - report.startedAt) / 1000),
      downtime: duration(report.downtimeSeconds),
    }),
    '',
  ];
  for (const stage of report.stages) {
    const run = stage.steps.filter((step) => step.outcome !== 'not-run');
    if (run.length === 0) continue;
    lines.push(paint.bold(stageTexts[stage.name][language]));
    for (const step of run) {
      const mark =
        step.outcome === 'done' ? paint.green('✔') : step.outcome === 'failed' ? paint.red('✖') : paint.yellow('–');
      lines.push(`  ${mark} ${tellSaid(step.title, language)}  ${paint.dim(duration(step.seconds))}`);
    }
  }
  lines.push('');
  for (const decision of report.decisions) {
    const who = decision.by.map((one) => one.who).join(', ') || text(viewTexts.byDeadline);
    lines.push(
      text(viewTexts.decided, {
        title: tellSaid(decision.title, language),
        choice: sayWord(decision.choice ?? '—', language),
        who,
      }),
    );
  }
  for (const { edits } of report.stages.flatMap(({ steps }) => steps))
    for (const { path, decided } of edits?.files ?? [])
      if (decided) lines.push(text(viewTexts.decided, { title: path, choice: decided.choice, who: decided.by }));
  if (report.restore) {
    const { proof } = report.restore;
    lines.push(text(cliTexts.reportProof, { equal: proof.filter((one) => one.equal).length, total: proof.length }));
  }
  for (const backup of report.backups)
    lines.push(text(cliTexts.reportBackup, { place: backup.place, machine: backup.machine }));
  for (const warning of report.warnings)
    lines.push(paint.yellow(text(viewTexts.warning, { text: tellSaid(warning, language) })));
  for (const next of report.next) lines.push(`→ ${tellSaid(next, language)}`);
  return lines;
}
