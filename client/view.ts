/** The live view: a pure function of what a run says of itself, so that it can be tested, and repeated every second. */
import { failureText, errorCatalogue, fill, type ErrorCode } from '../runbook/errors/index.ts';
import { sayWord } from '../runbook/messages/facts.ts';
import { runTexts } from '../runbook/messages/run.ts';
import { clock, duration, tell, tellSaid, type Language, type Values } from '../runbook/messages/say.ts';
import { stageTexts, viewTexts } from '../runbook/messages/view.ts';
import type { ReportOutcome } from '../runbook/report.ts';
import type { Failure, Text } from '../runbook/types.ts';
import type { Decision, RunStatus, StageStatus, StepStatus } from '../workflows/state.ts';
import type { Paint } from './paint.ts';
import type { LiveStep, RunView } from './runs.ts';
import { wrapped } from './wrap.ts';

export interface Reader {
  readonly language: Language;
  readonly now: number;
  readonly paint: Paint;
  /** Columns of the terminal. */
  readonly width: number;
  /** Default: the machine's. */
  readonly timeZone?: string;
}

/** How much of a run is shown: steps around the one that is going, lines of what a decision stands on. */
interface Space {
  readonly before: number;
  readonly after: number;
  readonly evidence: number;
}
const roomy: Space = { before: 3, after: 4, evidence: Infinity };
const narrower: readonly Space[] = [
  roomy,
  { before: 1, after: 2, evidence: 12 },
  { before: 0, after: 1, evidence: 6 },
  { before: 0, after: 0, evidence: 3 },
  { before: 0, after: 0, evidence: 0 },
];

/** As much as fits into so many rows; what is going on and what is waited for comes last and is never cut. */
export function fitView(view: RunView, reader: Reader, rows: number): string[] {
  let lines: string[] = [];
  for (const space of narrower) {
    lines = renderView(view, reader, space).flatMap((line) => wrapped(line, reader.width));
    if (lines.length <= rows) return lines;
  }
  return rows < 3 ? lines.slice(-rows) : [lines[0] ?? '', '…', ...lines.slice(2 - rows)];
}

export function renderView({ status, live }: RunView, reader: Reader, space: Space = roomy): string[] {
  const { paint } = reader;
  const text = textsFor(reader);
  const lines = [
    paint.bold(tellSaid(status.title, reader.language)),
    paint.dim(text(viewTexts.run, { run: status.run, digest: status.digest.slice(0, 12), who: status.initiator })),
    '',
  ];
  for (const stage of status.stages) {
    if (stage.name === 'restore' && !begun(stage)) continue;
    lines.push(...renderStage(stage, live, reader, space, status.outcome !== null));
  }
  lines.push('');
  for (const decision of waitingDecisions(status.decisions))
    lines.push(...renderDecision(decision, { status, live }, reader, space), '');
  lines.push(...renderTimes({ status, live }, reader));
  if (status.cancelledBy && status.outcome === null) {
    lines.push(paint.yellow(text(viewTexts.cancelling, { who: status.cancelledBy.who, why: status.cancelledBy.why })));
  }
  for (const warning of status.warnings)
    lines.push(paint.yellow(text(viewTexts.warning, { text: failureText(warning, reader.language) })));
  lines.push(...renderEnd({ status, live }, reader));
  return lines;
}

export const waitingDecisions = (decisions: readonly Decision[]): Decision[] =>
  decisions.filter((one) => one.choice === null);

const begun = (stage: StageStatus): boolean => stage.steps.some((step) => step.state !== 'waiting');
const textsFor =
  ({ language }: Reader) =>
  (text: Text, values: Values = {}): string =>
    tell(text, language, values);

/** One line per stage; the steps of the one that is going, and failed ones, beneath it. */
function renderStage(
  stage: StageStatus,
  live: readonly LiveStep[],
  reader: Reader,
  space: Space,
  ended: boolean,
): string[] {
  const { paint, now } = reader;
  const text = textsFor(reader);
  const over = stage.steps.filter((step) => step.state !== 'waiting' && step.state !== 'running').length;
  const total = stage.steps.length;
  const name = tell(stageTexts[stage.name], reader.language);
  if (!begun(stage)) {
    const expected = stage.steps.reduce((sum, step) => sum + step.expected, 0);
    return [paint.dim(`· ${name}  ${text(viewTexts.notStarted, { total, time: duration(expected) })}`)];
  }
  const left = over < total || stage.steps.some((step) => step.state === 'cancelled');
  const going = left && !ended && !stage.steps.some((step) => step.state === 'cancelled');
  const failed = stage.steps.some((step) => step.state === 'failed');
  const mark = failed ? paint.red('✖') : going ? paint.cyan('●') : left ? paint.yellow('■') : paint.green('✔');
  const spent = stage.steps.reduce((sum, step) => sum + spentSeconds(step, now), 0);
  const head = `${mark} ${paint.bold(name)}  ${text(viewTexts.stepsDone, { done: over, total })}  ${duration(spent)}`;
  const shown = going ? aroundNow(stage.steps, space) : stage.steps.filter((step) => step.state === 'failed');
  return [head, ...shown.flatMap((step) => renderStep(step, live, reader))];
}

/** A long stage is shown where it is: what failed, the last few that ended, the next few. */
function aroundNow(steps: readonly StepStatus[], { before, after }: Space): StepStatus[] {
  const at = steps.findLastIndex((step) => step.state !== 'waiting');
  return steps.filter((step, index) => step.state === 'failed' || (index >= at - before && index <= at + after));
}

function renderStep(step: StepStatus, live: readonly LiveStep[], reader: Reader): string[] {
  const { paint, now, language } = reader;
  const text = textsFor(reader);
  const title = tellSaid(step.title, language);
  const spent = spentSeconds(step, now);
  switch (step.state) {
    case 'waiting':
      return [paint.dim(`    · ${title}  ${text(viewTexts.about, { time: duration(step.expected) })}`)];
    case 'done':
      return [`    ${paint.green('✔')} ${title}  ${paint.dim(duration(spent))}`];
    case 'skipped':
      return [`    ${paint.yellow('–')} ${title}  ${paint.dim(text(viewTexts.skipped))}`];
    case 'cancelled':
      return [`    ${paint.yellow('■')} ${title}  ${paint.dim(text(viewTexts.cancelled))}`];
    case 'failed':
      return [
        `    ${paint.red('✖')} ${title}  ${paint.dim(duration(spent))}`,
        ...(step.failure ? renderFailure(step.failure, reader, '      ') : []),
      ];
    case 'running':
      return renderRunning(step, title, live, reader);
  }
}

function renderRunning(step: StepStatus, title: string, live: readonly LiveStep[], reader: Reader): string[] {
  const { paint, now } = reader;
  const text = textsFor(reader);
  const beat = live.find((one) => one.activity === step.activity);
  const { done, total, note } = beat?.progress ?? {};
  const spent = spentSeconds(step, now);
  const parts = [
    done !== undefined && total ? bar(done / total, paint) : '',
    text(viewTexts.of, { spent: duration(spent), expected: duration(step.expected) }),
    beat && beat.attempt > 1 ? paint.yellow(text(viewTexts.attempt, { attempt: beat.attempt })) : '',
    note ? paint.dim(typeof note === 'string' ? note : tellSaid(note, reader.language)) : '',
  ].filter(Boolean);
  const again =
    beat && beat.attempt > 1 && beat.failure
      ? [`      ${paint.yellow(failureText(beat.failure, reader.language))}`]
      : [];
  return [`    ${paint.cyan('▶')} ${title}  ${parts.join('  ')}`, ...again];
}

export function bar(part: number, paint: Paint, cells = 20): string {
  const whole = Math.min(1, Math.max(0, part));
  const full = Math.round(whole * cells);
  return `${paint.cyan('█'.repeat(full))}${paint.dim('░'.repeat(cells - full))} ${String(Math.floor(whole * 100)).padStart(3)} %`;
}

function renderDecision(decision: Decision, { status }: RunView, reader: Reader, space: Space): string[] {
  const { paint, now, language, timeZone } = reader;
  const text = textsFor(reader);
  const lines = [paint.yellow(paint.bold(`◆ ${text(viewTexts.waits, { title: tellSaid(decision.title, language) })}`))];
  const evidence = [
    ...decision.evidence.map((one) => tellSaid(one, language)),
    ...(decision.text ? ['', ...textOf(decision, language), ''] : []),
  ];
  lines.push(...evidence.slice(0, space.evidence).map((line) => `    ${line}`));
  if (evidence.length > space.evidence)
    lines.push(`    ${text(viewTexts.more, { count: evidence.length - space.evidence, system: status.system })}`);
  if (decision.deadline !== null)
    lines.push(
      `    ${text(viewTexts.deadline, { time: clock(decision.deadline, now, language, timeZone, 'zone'), choice: sayWord(decision.atDeadline, language) })}`,
    );
  if (decision.by.length > 0) lines.push(`    ${text(viewTexts.mayDecide, { who: decision.by.join(', ') })}`);
  if (decision.excludeInitiator) lines.push(`    ${text(viewTexts.notInitiator, { who: status.initiator })}`);
  if (decision.answers.length > 0) {
    lines.push(
      `    ${text(viewTexts.answered, { have: decision.answers.length, needed: decision.needed, who: decision.answers.map((one) => one.who).join(', ') })}`,
    );
  }
  lines.push(
    `    ${text(viewTexts.toAnswer)}`,
    ...answerCommands(decision, status.system, status.digest).map((command) => `      ${paint.cyan(command)}`),
  );
  return lines;
}

/** Exact commands, one per choice. */
export const answerCommands = (decision: Decision, system: string, digest: string): string[] =>
  decision.choices.map(
    (choice) =>
      `nakat decide ${quoted(system)} ${quoted(decision.id)} ${quoted(choice)} --digest ${digest.slice(0, 12)}`,
  );

const quoted = (word: string): string => (/^[\p{L}\p{N}._:-]+$/u.test(word) ? word : `"${word}"`);

function renderTimes({ status }: RunView, reader: Reader): string[] {
  const { now, language, timeZone } = reader;
  const text = textsFor(reader);
  const time = (at: number): string => clock(at, now, language, timeZone, 'zone');
  if (status.outcome !== null) return [];
  const lines: string[] = [];
  if (status.remaining > 0) lines.push(text(viewTexts.remaining, { time: duration(status.remaining) }));
  if (status.window) {
    const { opens, closes } = status.window;
    lines.push(
      status.phase === 'window' && now < opens
        ? text(viewTexts.awaitsWindow, { opens: time(opens) })
        : text(viewTexts.window, {
            opens: clock(opens, now, language, timeZone),
            closes: clock(closes, opens, language, timeZone, 'zone'),
          }),
    );
  }
  if (status.lastStart !== null && !status.stages.some((stage) => stage.name === 'production' && begun(stage))) {
    lines.push(text(viewTexts.lastStart, { time: time(status.lastStart) }));
  }
  if (status.pointOfNoReturn !== null) {
    const left = (status.pointOfNoReturn - now) / 1000;
    lines.push(
      left > 0
        ? text(viewTexts.pointOfNoReturn, { time: time(status.pointOfNoReturn), left: duration(left) })
        : text(viewTexts.pastNoReturn, { time: time(status.pointOfNoReturn) }),
    );
  }
  return lines;
}

function renderEnd({ status }: RunView, reader: Reader): string[] {
  const { paint, language } = reader;
  const text = textsFor(reader);
  if (status.outcome === null) return [];
  if (status.outcome === 'stopped' && status.reason === null)
    return [paint.green(paint.bold(text(viewTexts.checkPassed)))];
  const colour = { updated: paint.green, restored: paint.yellow, stopped: paint.yellow, 'handed-over': paint.red }[
    status.outcome
  ];
  const outcome = colour(paint.bold(text(viewTexts.outcome, { outcome: runTexts[status.outcome][language] })));
  return [outcome, ...renderReason(status, reader)];
}

/** Why a run did not simply go through; after a restore as what was: neither the state nor the advice of that moment holds. */
export function renderReason(
  { outcome, reason }: { outcome: ReportOutcome | null; reason: Failure | null },
  { language, paint }: Pick<Reader, 'language' | 'paint'>,
): string[] {
  if (!reason) return [];
  const lines = renderFailure(reason, { language, paint }, '  ', outcome !== 'restored');
  return outcome === 'restored' ? [`  ${tell(viewTexts.whenItFailed, language)}`, ...lines] : lines;
}

/** Code, what and where, the vendor's words, what was left and what to do. */
export function renderFailure(
  failure: Failure,
  { language, paint }: Pick<Reader, 'language' | 'paint'>,
  indent = '',
  advise = true,
): string[] {
  const [what = '', ...vendor] = failureText(failure, language).split('\n');
  const kind = Object.hasOwn(errorCatalogue, failure.code) ? errorCatalogue[failure.code as ErrorCode] : undefined;
  const values = { ...failure.values, ...(failure.where === undefined ? {} : { where: failure.where }) };
  return [
    `${indent}${paint.red(failure.code)}  ${what}`,
    ...vendor.map((line) => `${indent}  ${paint.dim(line)}`),
    ...(failure.where !== undefined && !what.includes(failure.where) ? [`${indent}  @ ${failure.where}`] : []),
    ...(kind && advise ? [`${indent}  → ${fill(kind.todo, values, language)}`] : []),
  ];
}

export const spentSeconds = (step: StepStatus, now: number): number =>
  step.startedAt === null ? 0 : Math.max(0, ((step.endedAt ?? now) - step.startedAt) / 1000);

/** All that a person should have read before a prompt asks: a failed step says itself what to do, and where. */
export function questionLines(decision: Decision, status: RunStatus, reader: Reader): string[] {
  const { language } = reader;
  const failed = status.stages
    .flatMap(({ steps }) => steps)
    .find(({ id }) => decision.id.replace(/#\d+$/, '') === `${failedKinds[decision.kind] ?? ''}${id}`);
  return [
    ...textOf(decision, language),
    ...decision.evidence.map((one) => tellSaid(one, language)),
    ...(failed?.failure ? renderFailure(failed.failure, reader) : []),
  ];
}

/** Their ids name the step that failed. */
const failedKinds: Partial<Record<Decision['kind'], string>> = {
  'failed-step': 'failed:',
  'restore-failing': 'restore-failing:',
};

/** `повторить (retry)`: in the reader's language, with the word that commands and instructions use. */
export function choiceLabel(choice: string, language: Language): string {
  const word = sayWord(choice, language);
  return word.replaceAll(' ', '-') === choice ? choice : `${word} (${choice})`;
}

/** What a decision is about, line by line: what to do, a text to send, what is new. */
export const textOf = ({ text }: Decision, language: Language): string[] =>
  text ? tellSaid(text, language).split('\n') : [];
