/** What recipes are written with: a step by its activity's name, with parameters; a stage; a runbook. */
import type { ParamsOf, StepName, UsesOf } from './steps/index.ts';
import { stepCatalogue } from './steps/index.ts';
import type { StepKind } from './steps/define.ts';
import type { FailurePolicy, Json, Said, Stage, StageName, Step } from './types.ts';

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
}

export function step<N extends StepName>(activity: N, params: ParamsOf<N>, options: StepOptions<N> = {}): StepDraft {
  const kind: StepKind = stepCatalogue[activity];
  const name = options.name ?? kebab(activity);
  return {
    name,
    make: (stage) => ({
      id: `${stage}.${name}`,
      activity,
      title: titleOf(kind, params as Record<string, unknown>),
      params: params as Record<string, Json>,
      uses: (options.uses ?? {}) as Record<string, string>,
      effect: kind.effect,
      ...(kind.leavesData ? { leavesData: true as const } : {}),
      // Only what happens to production is downtime.
      ...(kind.site !== undefined && stage !== 'rehearsal' ? { site: kind.site } : {}),
      expected: kind.expected,
      timeout: kind.timeout,
      onFailure: options.onFailure ?? kind.onFailure,
      ...(options.undoes ? { undoes: options.undoes } : {}),
      ...(options.measuredBy ? { measuredBy: options.measuredBy } : {}),
    }),
  };
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
