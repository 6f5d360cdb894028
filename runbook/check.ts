/** The rules of a runbook: what breaks one of them does not compile, whoever wrote the recipe. */
import { placeholdersLeft } from './messages/fill.ts';
import { stepCatalogue, type StepName } from './steps/index.ts';
import type { StepKind } from './steps/define.ts';
import type { Json, Runbook, Said, StageName, Step } from './types.ts';

/** One broken rule; `step` is empty where it concerns the whole runbook. */
export interface RunbookProblem {
  readonly step: string;
  readonly problem: string;
}

export function problemsOf(runbook: Runbook): RunbookProblem[] {
  const problems: RunbookProblem[] = [];
  const report = (step: string, problem: string): void => void problems.push({ step, problem });
  const earlier = new Map<string, Step>();
  const undoing = runbook.stages.flatMap((stage) => stage.steps).filter((step) => step.undoes !== undefined);
  const undone = {
    // A step that only looks brings nothing back; one that changes no data brings no data back.
    data: new Set(
      undoing.filter((step) => step.effect === 'writes' && !step.leavesData).flatMap((step) => step.undoes ?? []),
    ),
    else: new Set(undoing.filter((step) => step.effect === 'writes').flatMap((step) => step.undoes ?? [])),
  };
  for (const stage of runbook.stages) {
    for (const step of stage.steps) {
      checkStep(step, stage.name, earlier, undone, (problem) => report(step.id, problem));
      earlier.set(step.id, step);
    }
  }
  for (const step of undoing)
    for (const id of step.undoes ?? []) if (!earlier.has(id)) report(step.id, `undoes "${id}", which is no step`);
  for (const said of saidIn([runbook.title, runbook.decisions] as unknown as Json)) checkSaid(said, '', report);
  for (const step of runbook.stages.flatMap((stage) => stage.steps))
    for (const said of saidIn([step.title, step.params] as unknown as Json)) checkSaid(said, step.id, report);
  return problems;
}

/** A text without values is shown as it is: what a plan says may hold braces. With values, people must not meet a bare `{name}`. */
function checkSaid(said: Said, step: string, report: (step: string, problem: string) => void): void {
  const missing = said.values && placeholdersLeft(said);
  if (missing?.length) report(step, `the text "${said.en}" has no value for ${missing.join(', ')}`);
}

/** Every text for people in there, however deep. */
function saidIn(value: Json): Said[] {
  if (value === null || typeof value !== 'object') return [];
  if (!Array.isArray(value) && typeof value['en'] === 'string' && typeof value['ru'] === 'string')
    return [value as unknown as Said];
  return Object.values(value).flatMap(saidIn);
}

function checkStep(
  step: Step,
  stage: StageName,
  earlier: ReadonlyMap<string, Step>,
  undone: { readonly data: ReadonlySet<string>; readonly else: ReadonlySet<string> },
  report: (problem: string) => void,
): void {
  if (earlier.has(step.id)) report('the id is used twice');
  if (!Object.hasOwn(stepCatalogue, step.activity)) return report(`unknown activity "${step.activity}"`);
  const kind: StepKind = stepCatalogue[step.activity as StepName];
  const parsed = kind.params.safeParse(step.params);
  if (!parsed.success) for (const issue of parsed.error.issues) report(`${issue.path.join('.')}: ${issue.message}`);
  for (const [name, wanted] of Object.entries(kind.uses)) checkUse(step, name, wanted, earlier, report);
  for (const name of Object.keys(step.uses)) if (!Object.hasOwn(kind.uses, name)) report(`takes no result "${name}"`);
  const changes = kind.effect === 'writes' && kind.returns !== 'Backup';
  if (
    (stage === 'production' || stage === 'acceptance') &&
    changes &&
    !(kind.leavesData ? undone.else : undone.data).has(step.id)
  )
    report('writes in production and no restore step undoes it');
  if (stage === 'restore' && !step.undoes?.length) report('a restore step says what it undoes');
  if (stage !== 'restore' && step.undoes) report('only restore steps undo');
  if (stage === 'preflight' && changes) report('the preflight only reads');
}

function checkUse(
  step: Step,
  name: string,
  wanted: string,
  earlier: ReadonlyMap<string, Step>,
  report: (problem: string) => void,
): void {
  const from = step.uses[name];
  const optional = wanted.endsWith('?');
  if (from === undefined) {
    if (!optional) report(`needs a result "${name}"`);
    return;
  }
  const source = earlier.get(from);
  if (!source) return report(`"${name}" comes from "${from}", which is no earlier step`);
  // Any step can fail and be left out.
  if (wanted === 'Failure?') return;
  const returns = Object.hasOwn(stepCatalogue, source.activity)
    ? (stepCatalogue[source.activity as StepName] as StepKind).returns
    : '';
  if (returns !== wanted.replace('?', ''))
    report(`"${name}" wants ${wanted.replace('?', '')}, "${from}" gives ${returns}`);
}
