/** A runbook as a readable list: what is worked on, every step with all that it runs, every decision, the way back. */
import { whatDoes } from '../runbook/does/index.ts';
import { cliTexts } from '../runbook/messages/cli.ts';
import { duration, tell, tellSaid, type Values } from '../runbook/messages/say.ts';
import { stageTexts } from '../runbook/messages/view.ts';
import type { DecisionRule, Runbook, Stage, Step, Text } from '../runbook/types.ts';
import type { CompiledPlan } from './compile.ts';
import { placesOf } from './plan-places.ts';
import type { Reader } from './view.ts';

type ReaderOfPlan = Pick<Reader, 'language' | 'paint'>;

/** Long lines are left whole: the terminal's width is the caller's affair. */
export function renderPlan({ runbook, digest }: CompiledPlan, reader: ReaderOfPlan, withParams: boolean): string[] {
  const { language, paint } = reader;
  const t = teller(reader);
  const { name, version, file, sha256 } = runbook.update;
  const { recipe } = runbook;
  return [
    paint.bold(tellSaid(runbook.title, language)),
    t(cliTexts.planHead, { product: runbook.product, name, version }),
    ...(file === null ? [] : [t(cliTexts.planFile, { file, sha256: (sha256 ?? '').slice(0, 12) })]),
    ...(recipe.file === undefined
      ? []
      : [t(cliTexts.planRecipe, { file: recipe.file, sha256: (recipe.sha256 ?? '').slice(0, 12) })]),
    paint.bold(t(cliTexts.digest, { digest })),
    '',
    ...timeLines(runbook, t),
    '',
    paint.bold(t(cliTexts.places)),
    ...placesOf(runbook.stages, language).map((place) => `  ${place}`),
    ...runbook.stages.flatMap((stage) => stageLines(runbook, stage, reader, withParams)),
  ];
}

/** What is shown, as data: lines by step id. */
export const doesOf = ({ stages }: Runbook): Record<string, string[]> =>
  Object.fromEntries(stages.flatMap((stage) => stage.steps).map((step) => [step.id, whatDoes(step)]));

type Teller = (text: Text, values?: Values) => string;
const teller =
  ({ language }: ReaderOfPlan): Teller =>
  (text, values) =>
    tell(text, language, values);
const sum = (steps: readonly Step[]): number => steps.reduce((total, step) => total + step.expected, 0);

/** How long, when, and until when there is a way back. */
function timeLines({ stages, window, engine }: Runbook, t: Teller): string[] {
  const seconds = (...names: string[]): number =>
    sum(stages.filter((stage) => names.includes(stage.name)).flatMap((stage) => stage.steps));
  const [production, restore] = [seconds('production', 'acceptance'), seconds('restore')];
  return [
    t(cliTexts.expected, {
      rehearsal: duration(seconds('preflight', 'rehearsal')),
      production: duration(production),
      restore: duration(restore),
    }),
    ...(window === null
      ? [t(cliTexts.noWindow)]
      : [
          t(cliTexts.windowRule, {
            from: window.from,
            to: window.to,
            zone: window.timeZone,
            days: window.days.join(', '),
          }),
          t(cliTexts.noReturnRule, { margin: window.margin, needed: duration(restore * window.margin) }),
          t(window.atPointOfNoReturn === 'restore' ? cliTexts.noReturnRestores : cliTexts.noReturnGoesOn),
        ]),
    t(cliTexts.askRule, { tries: engine.tries, time: duration(engine.failureDeadline) }),
  ];
}

function stageLines(runbook: Runbook, stage: Stage, reader: ReaderOfPlan, withParams: boolean): string[] {
  const { paint, language } = reader;
  const t = teller(reader);
  const decisions = runbook.decisions.filter((rule) => rule.before === stage.name);
  if (stage.steps.length + decisions.length === 0) return [];
  const name = tell(stageTexts[stage.name], language);
  return [
    ...decisions.flatMap((rule) => ['', ...decisionLines(rule, runbook, reader)]),
    '',
    paint.bold(t(cliTexts.stage, { name, count: stage.steps.length, time: duration(sum(stage.steps)) })),
    ...(stage.name === 'restore' ? [`  ${t(cliTexts.restoreRule)}`] : []),
    ...stage.steps.flatMap((step, index) => stepLines(step, index + 1, reader, withParams)),
  ];
}

function decisionLines(rule: DecisionRule, { window }: Runbook, reader: ReaderOfPlan): string[] {
  const t = teller(reader);
  const title = tellSaid(rule.title, reader.language);
  const who =
    rule.by.length === 0
      ? t(cliTexts.anybody, { needed: rule.needed })
      : t(cliTexts.peopleOf, { needed: rule.needed, who: rule.by.join(', ') });
  const endsAtNoReturn = window?.atPointOfNoReturn === 'restore' && rule.kind === 'acceptance';
  const deadline =
    rule.deadline !== null
      ? t(cliTexts.deadlineAfter, { time: duration(rule.deadline), choice: rule.atDeadline })
      : t(endsAtNoReturn ? cliTexts.deadlineNoReturn : cliTexts.noDeadline, { choice: rule.atDeadline });
  return [
    reader.paint.yellow(`◆ ${t(cliTexts.decisionBefore, { title })}`),
    `  ${[rule.id, rule.choices.join(' / '), who, ...(rule.excludeInitiator ? [t(cliTexts.notInitiator)] : []), deadline].join(' · ')}`,
  ];
}

const policies = { ask: cliTexts.policyAsk, restore: cliTexts.policyRestore, stop: cliTexts.policyStop };

function stepLines(step: Step, number: number, reader: ReaderOfPlan, withParams: boolean): string[] {
  const { language, paint } = reader;
  const t = teller(reader);
  const facts = [
    t(cliTexts.about, { time: duration(step.expected) }),
    t(cliTexts.onFailure, { policy: t(policies[step.onFailure]) }),
    step.site ? t(step.site === 'down' ? cliTexts.siteDown : cliTexts.siteUp) : '',
    step.undoes && step.undoes.length > 0 ? t(cliTexts.undoes, { steps: fewOf(step.undoes) }) : '',
  ].filter(Boolean);
  const effect = step.effect === 'writes' ? paint.yellow(t(cliTexts.writes)) : t(cliTexts.reads);
  return [
    `${String(number).padStart(3)}. ${paint.bold(tellSaid(step.title, language))}`,
    `     ${effect} ${paint.dim(`· ${facts.join(' · ')} · ${step.id}`)}`,
    ...whatDoes(step).map((line) => `     ${paint.cyan('│')} ${line}`),
    ...(withParams
      ? JSON.stringify(step.params, null, 2)
          .split('\n')
          .map((line) => paint.dim(`     ${line}`))
      : []),
  ];
}

const fewOf = (ids: readonly string[]): string =>
  ids.length <= 3 ? ids.join(', ') : `${ids[0]} … ${ids.at(-1)} (${ids.length})`;
