/** A runbook as a readable list: what is worked on, every step of every stage, every decision. */
import { cliTexts } from '../runbook/messages/cli.ts';
import { duration, tell, tellSaid } from '../runbook/messages/say.ts';
import { stageTexts } from '../runbook/messages/view.ts';
import type { DecisionRule, Json, Stage, Step, WindowRule } from '../runbook/types.ts';
import type { CompiledPlan } from './compile.ts';
import type { Reader } from './view.ts';

type ReaderOfPlan = Pick<Reader, 'language' | 'paint'>;
type Target = Readonly<Record<string, Json>>;

export function renderPlan({ runbook, digest }: CompiledPlan, reader: ReaderOfPlan, withParams: boolean): string[] {
  const { language, paint } = reader;
  const { update } = runbook;
  const seconds = (names: readonly string[]): number =>
    sum(runbook.stages.filter((stage) => names.includes(stage.name)).flatMap((stage) => stage.steps));
  const lines = [
    paint.bold(tellSaid(runbook.title, language)),
    tell(cliTexts.planHead, language, {
      product: runbook.product,
      name: update.name,
      version: update.version,
      sha256: update.sha256.slice(0, 12),
    }),
    paint.bold(tell(cliTexts.digest, language, { digest })),
    tell(cliTexts.expected, language, {
      production: duration(seconds(['production', 'acceptance'])),
      restore: duration(seconds(['restore'])),
    }),
    windowLine(runbook.window, reader),
    '',
    paint.bold(tell(cliTexts.places, language)),
    ...placesOf(runbook.stages).map((place) => `  ${place}`),
  ];
  for (const stage of runbook.stages) {
    lines.push(
      '',
      ...runbook.decisions
        .filter((rule) => rule.before === stage.name)
        .map((rule) => paint.yellow(decisionLine(rule, reader))),
    );
    const name = tell(stageTexts[stage.name], language);
    lines.push(
      paint.bold(tell(cliTexts.stage, language, { name, count: stage.steps.length, time: duration(sum(stage.steps)) })),
    );
    for (const step of stage.steps) lines.push(...stepLines(step, reader, withParams));
  }
  return lines;
}

const sum = (steps: readonly Step[]): number => steps.reduce((total, step) => total + step.expected, 0);

function windowLine(window: WindowRule | null, { language }: ReaderOfPlan): string {
  if (window === null) return tell(cliTexts.noWindow, language);
  const { from, to, timeZone, days } = window;
  return tell(cliTexts.windowRule, language, { from, to, zone: timeZone, days: days.join(', ') });
}

function decisionLine(rule: DecisionRule, { language }: ReaderOfPlan): string {
  const t = (text: (typeof cliTexts)[keyof typeof cliTexts], values = {}): string => tell(text, language, values);
  const who =
    rule.by.length === 0 ? t(cliTexts.anybody) : t(cliTexts.peopleOf, { needed: rule.needed, who: rule.by.join(', ') });
  const deadline =
    rule.deadline === null
      ? t(cliTexts.noDeadline)
      : t(cliTexts.deadlineAfter, { time: duration(rule.deadline), choice: rule.atDeadline });
  return t(cliTexts.decisionBefore, { id: rule.id, choices: rule.choices.join(' / '), who, deadline });
}

function stepLines(step: Step, { language, paint }: ReaderOfPlan, withParams: boolean): string[] {
  const t = (text: (typeof cliTexts)[keyof typeof cliTexts], values = {}): string => tell(text, language, values);
  const policy = { ask: cliTexts.policyAsk, restore: cliTexts.policyRestore, stop: cliTexts.policyStop }[
    step.onFailure
  ];
  const facts = [
    step.effect === 'writes' ? paint.yellow(t(cliTexts.writes)) : t(cliTexts.reads),
    `~${duration(step.expected)}`,
    t(cliTexts.onFailure, { policy: t(policy) }),
    step.site ? t(step.site === 'down' ? cliTexts.siteDown : cliTexts.siteUp) : '',
    step.undoes && step.undoes.length > 0 ? t(cliTexts.undoes, { steps: step.undoes.join(', ') }) : '',
  ].filter(Boolean);
  const lines = [
    `  ${tellSaid(step.title, language)}`,
    paint.dim(`      ${step.id} · ${step.activity} · ${facts.join(' · ')}`),
  ];
  if (withParams)
    lines.push(
      ...JSON.stringify(step.params, null, 2)
        .split('\n')
        .map((line) => paint.dim(`      ${line}`)),
    );
  else lines.push(...ownParams(step.params).map((line) => paint.dim(`      ${line}`)));
  return lines;
}

/** A step's parameters, targets by name only: they are listed once, at the top. */
const ownParams = (params: Target): string[] =>
  Object.entries(params).flatMap(([name, value]) => {
    const text = JSON.stringify(value, (_key, inner: Json) => (placeOf(inner) ? placeName(inner as Target) : inner));
    return text === '[]' || text === '{}' || placeOf(value) ? [] : [`${name}: ${text}`];
  });

/** Every machine, database, infobase, site and archive in the runbook's parameters, once, as one line each. */
function placesOf(stages: readonly Stage[]): string[] {
  const found = new Set<string>();
  const look = (value: Json): void => {
    const place = placeOf(value);
    if (place) found.add(place);
    if (value !== null && typeof value === 'object') Object.values(value).forEach(look);
  };
  for (const stage of stages) for (const step of stage.steps) look({ ...step.params });
  return [...found].sort();
}

const placeName = (target: Target): string => `<${String(target['name'] ?? target['path'])}>`;

/** Recognised by the keys that `runbook/targets.ts` gives them. */
function placeOf(value: Json): string | null {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return null;
  const at = (key: string): string => String(value[key] ?? '');
  if ('via' in value && 'work' in value)
    return `machine   ${at('name')}  ${value['via'] === 'ssh' ? `ssh ${at('user')}@${at('host')}:${at('port')}` : 'local'}  ${at('os')}  ${at('work')}`;
  if ('engine' in value && 'backups' in value)
    return `database  ${at('name')}  ${at('engine')} ${at('user')}@${at('host')}:${at('port')}  backups ${at('backups')}`;
  if ('platform' in value && 'at' in value)
    return `infobase  ${at('name')}  ${at('platform')}  ${JSON.stringify(value['at'])}  backups ${at('backups')}`;
  if ('appcmd' in value && 'pool' in value)
    return `site      ${at('name')}  ${at('url')}  pool ${at('pool')}  ${at('folder')}  binding ${at('binding')}  maintenance ${at('maintenanceBinding')}  backups ${at('backups')}`;
  if ('sha256' in value && 'path' in value) return `archive   ${at('path')}  sha256 ${at('sha256')}`;
  return null;
}
