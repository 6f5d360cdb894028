/** What is left of a run, made from its status. Pure. */
import { wordTexts } from '../runbook/messages/facts.ts';
import { runTexts } from '../runbook/messages/run.ts';
import type { DecisionReport, Report, StageReport, StepReport, Voice } from '../runbook/report.ts';
import type { Backup, Findings, Proof, ProofLine } from '../runbook/results.ts';
import type { Failure, Json, Said } from '../runbook/types.ts';
import { budget, say, sayWith, saidFailure, type Run } from './run.ts';
import type { Answer, Decision, StageStatus, StepStatus } from './state.ts';

export function reportOf(run: Run, nakat: string, notificationsFailed: Report['notificationsFailed']): Report {
  const { status, runbook } = run;
  const endedAt = status.endedAt ?? run.ports.now();
  const { update, restore } = budget(run, productionAsked(run));
  const down = downtime(run, endedAt);
  return {
    format: 1,
    nakat,
    run: status.run,
    system: status.system,
    title: status.title,
    product: runbook.product,
    initiator: status.initiator,
    outcome: status.outcome ?? 'going',
    digest: status.digest,
    update: runbook.update,
    startedAt: status.startedAt,
    endedAt,
    downtimeSeconds: down === null ? 0 : round((down.to - down.from) / 1000),
    downtime: down,
    reason: status.reason,
    stages: status.stages.map((stage) => stageReport(run, stage)),
    decisions: status.decisions.map((decision) => decisionReport(decision, status.digest)),
    restore: restoreReport(run),
    backups: backups(run),
    window:
      status.window && runbook.window
        ? { ...status.window, pointOfNoReturn: status.pointOfNoReturn, timeZone: runbook.window.timeZone }
        : null,
    ...(runbook.window ? { timeZone: runbook.window.timeZone } : {}),
    estimates: { production: round(update), restore: round(restore) },
    warnings: status.warnings.map(saidFailure),
    next: nextSteps(run),
    notificationsFailed,
  };
}

/** When those who let production begin were last told how long it takes; without any such decision, when it began. */
function productionAsked({ runbook, status }: Run): number | undefined {
  const rules = runbook.decisions.filter(({ before }) => before === 'production').map(({ id }) => id);
  const asked = status.decisions.findLast(({ id }) => rules.includes(id.replace(/#\d+$/, '')));
  const production = status.stages.find(({ name }) => name === 'production')?.steps ?? [];
  return asked?.askedAt ?? production.find(({ startedAt }) => startedAt !== null)?.startedAt ?? undefined;
}

function stageReport(run: Run, stage: StageStatus): StageReport {
  const started = stage.steps.map((step) => step.startedAt).filter((time) => time !== null);
  const ended = stage.steps.map((step) => step.endedAt).filter((time) => time !== null);
  return {
    name: stage.name,
    startedAt: started.length ? Math.min(...started) : null,
    endedAt: ended.length ? Math.max(...ended) : null,
    steps: stage.steps.map((step) => stepReport(run, step)),
  };
}

function stepReport(run: Run, step: StepStatus): StepReport {
  const outcome = step.state === 'waiting' ? 'not-run' : step.state === 'running' ? 'cancelled' : step.state;
  return {
    id: step.id,
    activity: step.activity,
    title: step.title,
    effect: run.steps.get(step.id)?.effect ?? 'reads',
    outcome,
    attempts: step.attempts,
    seconds: step.startedAt === null ? 0 : round(((step.endedAt ?? run.ports.now()) - step.startedAt) / 1000),
    startedAt: step.startedAt,
    failure: step.failure,
    result: shortFacts(step.result),
    ...(run.steps.get(step.id)?.returns === 'Findings' ? found(step.result as unknown as Findings | null) : {}),
  };
}

/** The report must not grow with what was found: who decided about it has seen all of it. */
const mostFindings = 100;

const found = (result: Findings | null): Pick<StepReport, 'findings' | 'edits'> => ({
  ...(result?.lines.length ? { findings: result.lines.slice(0, mostFindings) } : {}),
  ...(result?.edits ? { edits: result.edits } : {}),
});

/** The plain values of a result, and the number of entries of its lists. */
function shortFacts(result: Json): Record<string, string | number | boolean> {
  if (result === null || typeof result !== 'object' || Array.isArray(result)) return {};
  const facts: Record<string, string | number | boolean> = {};
  for (const [name, value] of Object.entries(result)) {
    if (typeof value === 'string') facts[name] = value.slice(0, 300);
    else if (typeof value === 'number' || typeof value === 'boolean') facts[name] = value;
    else if (Array.isArray(value)) facts[name] = value.length;
  }
  return facts;
}

function decisionReport(decision: Decision, digest: string): DecisionReport {
  const counted = decision.answers.filter((one) => one.channel !== 'deadline');
  const kind = decision.kind === 'failed-step' || decision.kind === 'restore-failing' ? 'failure' : decision.kind;
  return {
    id: decision.id,
    kind,
    title: decision.title,
    asked: decision.askedAt,
    choice: decision.choice,
    at: decision.choice === null ? null : (decision.answers.at(-1)?.at ?? null),
    by: counted.map(voice),
    digest,
    deadline: decision.deadline,
    takenAtDeadline: decision.answers.some((one) => one.channel === 'deadline'),
    refused: decision.refused.map((one) => ({ ...voice(one), code: one.code })),
  };
}

const voice = (answer: Answer): Voice => ({
  who: answer.who,
  at: answer.at,
  why: answer.why,
  choice: answer.choice,
  channel: answer.channel,
});

/** From the first step that took the site down to the last one that brought it up; to the end of the run if none did. */
function downtime(run: Run, endedAt: number): Report['downtime'] {
  const all = run.status.stages.filter((stage) => stage.name !== 'rehearsal').flatMap((stage) => stage.steps);
  const kind = (step: StepStatus): string | undefined => run.steps.get(step.id)?.site;
  const down = all
    .filter((step) => kind(step) === 'down' && step.startedAt !== null)
    .map((step) => step.startedAt ?? 0);
  if (down.length === 0) return null;
  const ups = all.filter((step) => kind(step) === 'up' && step.state === 'done').map((step) => step.endedAt ?? 0);
  return { from: Math.min(...down), to: ups.length > 0 ? Math.max(...ups) : endedAt };
}

function restoreReport(run: Run): Report['restore'] {
  const { status } = run;
  const steps = status.stages.find((stage) => stage.name === 'restore')?.steps ?? [];
  if (!status.reason || status.outcome === 'stopped' || !steps.some((step) => step.startedAt !== null)) return null;
  const proof = steps.flatMap((step): readonly ProofLine[] => {
    if (run.steps.get(step.id)?.returns !== 'Proof') return [];
    return step.state === 'done' ? (step.result as unknown as Proof).lines : (step.failure?.proof ?? []);
  });
  return { reason: status.reason, proof, proved: proof.length > 0 && proof.every((line) => line.equal) };
}

const backups = (run: Run): Report['backups'] =>
  run.status.stages
    .flatMap((stage) => stage.steps)
    .filter((step) => run.steps.get(step.id)?.returns === 'Backup' && step.state === 'done' && step.result !== null)
    .map((step) => ({ ...(step.result as unknown as Backup), step: step.id }));

function nextSteps(run: Run): Said[] {
  const { status } = run;
  const failure: Failure | null = status.reason;
  const next: Said[] = [];
  if (status.outcome === 'handed-over') next.push(say(runTexts.nextHandedOver));
  // The vendor's own words stand with the reason; here they would drown what to do.
  else if (failure) next.push(sayWith(runTexts.nextFix, { failure: saidFailure({ ...failure, vendor: undefined }) }));
  const [production, others] = [true, false].map((wanted) =>
    backups(run).filter(({ step }) => step.startsWith('production.') === wanted),
  );
  for (const { system, place, machine } of production ?? [])
    next.push(
      sayWith(
        status.outcome === 'updated' ? runTexts.nextBackup : runTexts.nextBackupOld,
        { system: wordTexts[system] },
        { place, machine },
      ),
    );
  // Whoever restores by hand decides himself what is still needed; so does a run that goes on.
  const isOver = status.outcome !== null && status.outcome !== 'handed-over';
  if (isOver && others && others.length > 0) {
    const places = others.map(({ place, machine }) => `${place} (${machine})`).join('; ');
    next.push({ ...runTexts.nextRehearsalBackups, values: { places } });
  }
  if (status.stages.some((stage) => stage.name === 'rehearsal' && stage.steps.some((step) => step.startedAt !== null)))
    next.push(say(runTexts.nextTestCopy));
  return next;
}

const round = (seconds: number): number => Math.round(seconds * 1000) / 1000;
