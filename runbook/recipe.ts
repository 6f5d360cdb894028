/** What recipes are written with: the contract of a recipe; a step by its activity's name, with parameters; a stage. */
import type { z } from 'zod';
import type { ParamsOf, StepName, UsesOf } from './steps/index.ts';
import { stepCatalogue } from './steps/index.ts';
import type { StepKind } from './steps/define.ts';
import type { WatchPlan } from './plan/watch.ts';
import type { FailurePolicy, Json, Runbook, Said, Stage, StageName, Step } from './types.ts';

/** Path of an entry in the plan, for mistakes with line and column: `['update', 'package']`. */
export type PlanPath = readonly PropertyKey[];

/** A file that a plan names, as it was read before the runbook is made. */
export interface PlanFile {
  /** Absolute. */
  readonly path: string;
  readonly sha256: string;
  /** Its content, where the recipe asked for it; else empty. */
  readonly text: string;
}

export interface WantedFile {
  /** As the plan writes it: absolute, or relative to the plan. */
  readonly file: string;
  readonly at: PlanPath;
  /** The content is needed to make the runbook (a list of releases); at most 4 MiB of UTF-8. Default: only its digest. */
  readonly content?: true;
}

/** Thrown by `runbook` (and by what it calls) for what only shows when the plan is put together. */
export class PlanMistakeAt extends Error {
  readonly path: PlanPath;
  constructor(path: PlanPath, message: string) {
    super(message);
    this.path = path;
  }
}

/**
 * How one product is updated: a plan of that product becomes a runbook. Pure: nothing is read but what is given, so the same
 * plan and files always give the same digest. The rules of `check.ts` are held against whatever comes out.
 */
export interface Recipe<S extends z.ZodType = z.ZodType, F extends string = string> {
  /** The plan's `product`. */
  readonly product: string;
  /** What such a plan holds, with its defaults: a strict object. */
  readonly plan: S;
  /** Files of the plan, by a name of the recipe's own. */
  readonly files: (plan: z.infer<S>) => { readonly [K in F]: WantedFile };
  /** What is wrong although every entry alone is right: production named as its own test, more approvers than people. */
  readonly mistakes: (plan: z.infer<S>) => readonly { readonly path: PlanPath; readonly message: string }[];
  readonly runbook: (plan: z.infer<S>, files: { readonly [K in F]: PlanFile }) => Runbook;
  /** Where the plan says a step, by its id, for recipes whose plans do: what breaks a rule is then a mistake of the plan, not of the recipe. */
  readonly placeOf?: (plan: z.infer<S>, step: string) => PlanPath;
  /** Where there is one, `nakat watch` takes such plans. */
  readonly watched?: Watched<z.infer<S>>;
}

/** How a plan is watched for updates. */
export interface Watched<P> {
  /** The plan’s own `watch`. */
  readonly watch: (plan: P) => WatchPlan | undefined;
  /** Reads what is installed: a step whose result has `version`, empty where nothing is. */
  readonly installed: (plan: P) => Step;
  /** The plan with what was found in the place of its own update. `file`: absolute, on the worker. */
  readonly withUpdate: (plan: P, update: { readonly version: string; readonly file: string }) => P;
}

/** Keeps the plan's type while the recipe is written; a registry knows recipes of any plan. */
export const defineRecipe = <S extends z.ZodType, F extends string>(recipe: Recipe<S, F>): Recipe =>
  recipe as unknown as Recipe;

export interface StepDraft {
  readonly name: string;
  readonly make: (stage: StageName) => Step;
}

export interface StepOptions<N extends StepName> {
  /** Default: the activity's name in lower case with hyphens. */
  readonly name?: string;
  /** `<stage>.<name>` of the steps whose results it is given. */
  readonly uses?: { readonly [K in keyof UsesOf<N>]?: string };
  readonly undoes?: readonly string[];
  readonly measuredBy?: string;
  readonly onFailure?: FailurePolicy;
  /** Seconds that a person has to decide about its failure; default: the plan's. */
  readonly failureDeadline?: number;
  /** Seconds; default: the catalogue's. */
  readonly expected?: number;
  readonly timeout?: number;
  /** Shown to people; default: the catalogue's. */
  readonly title?: Said;
}

export function step<N extends StepName>(activity: N, params: ParamsOf<N>, options: StepOptions<N> = {}): StepDraft {
  const kind: StepKind = stepCatalogue[activity];
  const name = options.name ?? kebab(activity);
  return {
    name,
    make: (stage) => ({
      id: `${stage}.${name}`,
      activity,
      title: options.title ?? titleOf(kind, params as Record<string, unknown>),
      params: params as Record<string, Json>,
      uses: (options.uses ?? {}) as Record<string, string>,
      ...ofSkipped(kind, options.uses ?? {}),
      effect: kind.effect,
      returns: kind.returns,
      ...(kind.evidence ? { evidence: true as const } : {}),
      ...(kind.leavesData ? { leavesData: true as const } : {}),
      // Only what happens to production is downtime.
      ...(kind.site !== undefined && stage !== 'rehearsal' ? { site: kind.site } : {}),
      expected: options.expected ?? kind.expected,
      timeout: options.timeout ?? kind.timeout,
      onFailure: options.onFailure ?? kind.onFailure,
      ...(kind.noSkip ? { noSkip: true as const } : {}),
      ...(options.failureDeadline ? { failureDeadline: options.failureDeadline } : {}),
      ...(options.undoes ? { undoes: options.undoes } : {}),
      ...(options.measuredBy ? { measuredBy: options.measuredBy } : {}),
    }),
  };
}

function ofSkipped(kind: StepKind, uses: object): Pick<Step, 'ofSkipped'> {
  const names = Object.keys(uses).filter((name) => kind.uses[name] === 'Failure?');
  return names.length === 0 ? {} : { ofSkipped: names };
}

export const stage = (name: StageName, drafts: readonly (StepDraft | false | undefined)[]): Stage => ({
  name,
  steps: drafts.filter((draft) => draft !== false && draft !== undefined).map((draft) => draft.make(name)),
});

const kebab = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** Fills a title's `{database}`, `{site}` … from the parameters of that name: a target gives its own name. */
function titleOf(kind: StepKind, params: Record<string, unknown>): Said {
  const values: Record<string, string | number> = {};
  const archive = params['archive'] as { name: string; version: string; path: string } | undefined;
  if (archive) Object.assign(values, { package: archive.name, version: archive.version, file: archive.path });
  for (const [key, value] of Object.entries(params)) {
    if (typeof value === 'string' || typeof value === 'number') values[key] = value;
    else if (typeof value === 'object' && value !== null && 'name' in value && typeof value.name === 'string')
      values[key] = value.name;
  }
  return { ...kind.title, values };
}

/** Names may be Russian; ids are for file and database names. Numbered where nothing is left. */
export const slug = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '') ||
  `x${[...name].reduce((sum, letter) => (sum * 31 + (letter.codePointAt(0) ?? 0)) % 100_000, 7)}`;
