/** What happened between two looks at a run, one plain line each: the live view where there is no terminal. */
import { failureText } from '../runbook/errors/index.ts';
import { sayWord } from '../runbook/messages/facts.ts';
import { runTexts } from '../runbook/messages/run.ts';
import { duration, tell, tellSaid } from '../runbook/messages/say.ts';
import { stageTexts, viewTexts } from '../runbook/messages/view.ts';
import type { StepStatus } from '../workflows/state.ts';
import type { RunView } from './runs.ts';
import { answerCommands, renderFailure, renderReason, spentSeconds, textOf, type Reader } from './view.ts';

export function changeLines(before: RunView | null, after: RunView, reader: Reader): string[] {
  const { language } = reader;
  const lines: string[] = [];
  const known = new Map(
    (before?.status.stages ?? []).flatMap((stage) => stage.steps).map((step) => [step.id, step.state]),
  );
  // What was decided comes before what followed from it.
  for (const decision of after.status.decisions) {
    const was = before?.status.decisions.find((one) => one.id === decision.id);
    if (decision.choice === null || was?.choice === decision.choice) continue;
    const who =
      decision.answers
        .map((one) => one.who)
        .filter(Boolean)
        .join(', ') || tell(viewTexts.byDeadline, language);
    const [title, choice] = [tellSaid(decision.title, language), sayWord(decision.choice, language)];
    lines.push(tell(viewTexts.decided, language, { title, choice, who }));
  }
  for (const stage of after.status.stages) {
    for (const step of stage.steps) {
      const was = known.get(step.id) ?? 'waiting';
      if (was === step.state) continue;
      if (stage.steps[0] === step && was === 'waiting')
        lines.push(tell(viewTexts.stageStarted, language, { stage: tell(stageTexts[stage.name], language) }));
      lines.push(...stepLines(step, reader));
    }
  }
  for (const decision of after.status.decisions) {
    if (decision.choice !== null || before?.status.decisions.some((one) => one.id === decision.id)) continue;
    lines.push(
      tell(viewTexts.waits, language, { title: tellSaid(decision.title, language) }),
      ...textOf(decision, language).map((line) => `  ${line}`),
      ...decision.evidence.map((one) => `  ${tellSaid(one, language)}`),
      ...answerCommands(decision, after.status.system, after.status.digest).map((command) => `  ${command}`),
    );
  }
  for (const warning of after.status.warnings.slice(before?.status.warnings.length ?? 0))
    lines.push(tell(viewTexts.warning, language, { text: failureText(warning, language) }));
  const { outcome, reason } = after.status;
  if (outcome !== null && before?.status.outcome !== outcome) {
    const passed = outcome === 'stopped' && reason === null;
    lines.push(
      passed
        ? tell(viewTexts.checkPassed, language)
        : tell(viewTexts.outcome, language, { outcome: runTexts[outcome][language] }),
    );
    lines.push(...renderReason(after.status, reader));
  }
  return lines;
}

function stepLines(step: StepStatus, reader: Reader): string[] {
  const { language, now } = reader;
  const title = tellSaid(step.title, language);
  const time = duration(spentSeconds(step, now));
  switch (step.state) {
    case 'waiting':
      return [];
    case 'running':
      return [tell(viewTexts.stepStarted, language, { step: title, time: duration(step.expected) })];
    case 'done':
      return [tell(viewTexts.stepDone, language, { step: title, time })];
    case 'skipped':
      return [tell(viewTexts.stepSkipped, language, { step: title })];
    case 'cancelled':
      return [tell(viewTexts.stepCancelled, language, { step: title })];
    case 'failed':
      return [
        tell(viewTexts.stepFailed, language, { step: title }),
        ...(step.failure ? renderFailure(step.failure, reader, '  ') : []),
      ];
  }
}
