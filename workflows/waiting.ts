/** Waits for people. Pure. */
import { sayFacts } from '../runbook/messages/facts.ts';
import { runTexts } from '../runbook/messages/run.ts';
import type { Findings } from '../runbook/results.ts';
import type { DecisionRule, Failure, Json, Said, Step } from '../runbook/types.ts';
import { answer, refusalOf, type Refusal } from './decisions.ts';
import type { DecideInput } from './messages.ts';
import { budget, measuredSeconds, say, sayWith, saidFailure, type Run } from './run.ts';
import type { Decision } from './state.ts';

type Question = Pick<
  Decision,
  | 'id'
  | 'kind'
  | 'title'
  | 'evidence'
  | 'choices'
  | 'deadline'
  | 'atDeadline'
  | 'by'
  | 'needed'
  | 'excludeInitiator'
  | 'text'
>;

/** Asks, and waits for the answer, the deadline, or the end of the run (`null`). */
export async function ask(run: Run, question: Question, alsoEnd: () => boolean = () => false): Promise<string | null> {
  const { ports, status } = run;
  const round =
    status.decisions.filter((one) => one.id === question.id || one.id.startsWith(`${question.id}#`)).length + 1;
  // Taken back out of the array: what the handlers write to must be what is waited for.
  status.decisions.push({
    ...question,
    id: round === 1 ? question.id : `${question.id}#${round}`,
    askedAt: ports.now(),
    answers: [],
    refused: [],
    choice: null,
  });
  const decision = status.decisions[status.decisions.length - 1] as Decision;
  const before = status.phase;
  status.phase = status.phase === 'restore' ? 'restore' : 'decision';
  ports.show('decision');
  tell(run, decision, 'decision-waits');
  const answered = (): boolean => decision.choice !== null || run.cancelled() || alsoEnd();
  if (decision.deadline !== null) {
    const reminder = decision.askedAt + (decision.deadline - decision.askedAt) * 0.8;
    if (!(await ports.until(answered, reminder, `reminder ${decision.id}`))) {
      tell(run, decision, 'deadline-near');
      await ports.until(answered, decision.deadline, `deadline ${decision.id}`);
    }
  } else {
    await ports.until(answered, null, decision.id);
  }
  if (decision.choice === null && !run.cancelled() && !alsoEnd()) {
    decision.answers.push({
      choice: decision.atDeadline,
      who: '',
      why: '',
      at: ports.now(),
      channel: 'deadline',
      digest: status.digest,
    });
    decision.choice = decision.atDeadline;
  }
  status.phase = before;
  return decision.choice;
}

/** Called by the update and signal handlers; reads and writes nothing but the decision. */
export function give(run: Run, input: DecideInput, channel: 'update' | 'signal'): Refusal | { taken: string | null } {
  const now = run.ports.now();
  const refusal = refusalOf(run.status, input, now);
  const decision = run.status.decisions.find((one) => one.id === input.decision);
  const given = { choice: input.choice, who: input.who, why: input.why, at: now, channel, digest: input.digest };
  if (refusal || !decision) {
    if (channel === 'signal' && decision)
      decision.refused.push({ ...given, code: refusal?.code ?? 'DECISION_UNKNOWN' });
    return refusal ?? { code: 'DECISION_UNKNOWN', values: {} };
  }
  return { taken: answer(decision, given) };
}

/** A wait that the plan foresees: approval, acceptance, a request to somebody outside. */
export function askRule(
  run: Run,
  rule: DecisionRule,
  evidence: readonly Said[],
  deadline: number | null = null,
  alsoEnd?: () => boolean,
): Promise<string | null> {
  const own = rule.deadline === null ? null : run.ports.now() + rule.deadline * 1000;
  return ask(
    run,
    {
      id: rule.id,
      kind: rule.kind,
      title: rule.title,
      ...(rule.text ? { text: rule.text } : {}),
      evidence,
      choices: rule.choices,
      deadline: own === null ? deadline : deadline === null ? own : Math.min(own, deadline),
      atDeadline: rule.atDeadline,
      by: rule.by,
      needed: rule.needed,
      excludeInitiator: rule.excludeInitiator,
    },
    alsoEnd,
  );
}

/** Who answered last, and why; `deadline` where nobody did. */
export function lastWord(run: Run, id: string): string {
  const answer = run.status.decisions.findLast((one) => one.id === id || one.id.startsWith(`${id}#`))?.answers.at(-1);
  return answer ? [answer.who, answer.why].filter(Boolean).join(': ') || answer.channel : '';
}

/** A failed step: who is awake decides; else the step's own policy at the deadline. */
export function askAboutFailure(
  run: Run,
  step: Step,
  failure: Failure,
  choices: readonly string[],
  atDeadline: string,
  /** The point of no return, where there is one: the wait must not outlast it. */
  latest: number | null,
): Promise<string | null> {
  return ask(run, {
    id: `failed:${step.id}`,
    kind: 'failed-step',
    title: sayWith(runTexts.failedStep, { step: step.title, failure: saidFailure(failure) }),
    evidence: [],
    choices,
    deadline: Math.min(
      run.ports.now() + (step.failureDeadline ?? run.runbook.engine.failureDeadline) * 1000,
      latest ?? Infinity,
    ),
    atDeadline,
    by: [],
    needed: 1,
    excludeInitiator: false,
  });
}

/** What an approver should see: what will be installed, how the rehearsal went, how long production will take. */
export function evidenceForProduction(run: Run): Said[] {
  const rehearsal = run.status.stages.find((stage) => stage.name === 'rehearsal')?.steps ?? [];
  const measured = measuredSeconds(run);
  const minutes = (seconds: number): number => Math.max(1, Math.round(seconds / 60));
  const { update, restore } = budget(run);
  const { name, version, sha256 } = run.runbook.update;
  const results = rehearsal.flatMap((step) => {
    // Left out by one person at night: those who approve should know what he let pass.
    if (step.state === 'skipped' && step.failure)
      return sayWith(
        runTexts.skippedStep,
        { step: step.title, failure: saidFailure(step.failure) },
        { who: lastWord(run, `failed:${step.id}`) },
      );
    if (step.state !== 'done') return [];
    const spec = run.steps.get(step.id);
    if (spec?.returns === 'Findings')
      return (step.result as unknown as Findings).lines.map((line) =>
        sayWith(runTexts.stepResult, { step: step.title, result: line }),
      );
    if (!spec?.evidence) return [];
    return sayWith(runTexts.stepResult, {
      step: step.title,
      result: { en: brief(step.result, 'en'), ru: brief(step.result, 'ru') },
    });
  });
  return [
    sha256 === null
      ? say(runTexts.willInstallVersion, { name, version })
      : say(runTexts.willInstall, { name, version, sha256: sha256.slice(0, 12) }),
    say(runTexts.rehearsed, {
      done: rehearsal.filter((step) => step.state === 'done').length,
      skipped: rehearsal.filter((step) => step.state === 'skipped').length,
      minutes: minutes(rehearsal.reduce((sum, step) => sum + (measured[step.id] ?? 0), 0)),
    }),
    say(runTexts.planned, { update: minutes(update), restore: minutes(restore) }),
    ...results,
    ...(rehearsal.some((step) => step.activity === 'comparePages' && step.endedAt !== null)
      ? [say(runTexts.picturesIn, { run: run.status.run })]
      : []),
  ];
}

/** For a person: `version: 3.2.0 · before: 2.1.0`. Logs and other long texts are in the report. */
const brief = (result: Json, language: 'en' | 'ru'): string =>
  result === null || typeof result !== 'object'
    ? String(result ?? '')
    : sayFacts(
        Object.fromEntries(
          Object.entries(result).filter(([, value]) => !(typeof value === 'string' && value.length > 60)),
        ),
        language,
      );

function tell(run: Run, decision: Decision, event: 'decision-waits' | 'deadline-near'): void {
  run.ports.tell({
    event,
    system: run.status.system,
    title: sayWith(event === 'deadline-near' ? runTexts.deadlineNear : runTexts.decisionWaits, {
      title: decision.title,
    }),
    lines: [
      ...decision.evidence,
      say(runTexts.choices, { choices: decision.choices.join(', ') }),
      ...(decision.deadline === null ? [] : [say(runTexts.atDeadline, { choice: decision.atDeadline })]),
    ],
    how: `nakat decide ${run.status.system} ${decision.id} ${decision.choices[0] ?? ''} --digest ${run.status.digest.slice(0, 12)}`,
  });
}
