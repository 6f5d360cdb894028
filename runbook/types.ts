/**
 * The words of this product, and the shapes that everything else stands on. Types only: workflows import this file.
 *
 * - **plan**: what an administrator writes (YAML): which product, which systems, which window, who approves.
 * - **recipe**: turns a plan of one product into a runbook, in the vendor's order.
 * - **runbook**: stages of typed steps, complete and hashed before anything is touched. Its digest is what is approved.
 * - **stage**: `preflight`, `rehearsal`, `production`, `acceptance`, `closing`, `restore`.
 * - **step**: one activity with its parameters; **attempt**: one try of it.
 * - **restore point**: all backups taken together of systems that belong together.
 * - **decision**: a wait for a person, with choices, a deadline and what happens at the deadline.
 * - **window**: the maintenance window; **point of no return**: the latest moment at which a restore still ends inside it.
 */
import type { ProofLine } from './results.ts';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** A text in both languages. Templates are ICU MessageFormat: `{name}` is replaced. */
export interface Text {
  readonly en: string;
  readonly ru: string;
}

/** A text with its values: rendered in the reader's language, never stored as prose. */
export interface Said extends Text {
  readonly values?: Readonly<Record<string, string | number>>;
}

/** In the order in which they run; `restore` only when production fails. `closing` tidies up after acceptance. */
export const stageNames = ['preflight', 'rehearsal', 'production', 'acceptance', 'closing', 'restore'] as const;
export type StageName = (typeof stageNames)[number];

/** What happens when a step has definitely failed: try again at once, ask a person, restore, or stop. */
export type FailurePolicy = 'ask' | 'restore' | 'stop';

export interface Step {
  /** Unique in the runbook: `<stage>.<name>`, lower case with hyphens; also the Temporal activity id. */
  readonly id: string;
  /** The activity's name, a key of the step catalogue: `backUpDatabase`. */
  readonly activity: string;
  readonly title: Said;
  /** Checked against the catalogue's schema of this activity. Secrets only by reference. */
  readonly params: { readonly [key: string]: Json };
  /** Results of earlier steps that the activity is given, by name: `{ backup: 'rehearsal.back-up-database' }`. */
  readonly uses: Readonly<Record<string, string>>;
  /** Of `uses`: those that are given the failure of a step which a person left out, and nothing where it was not left out. */
  readonly ofSkipped?: readonly string[];
  readonly effect: 'reads' | 'writes';
  /** It writes, but no data of the system: backups beside it, who gets in. */
  readonly leavesData?: true;
  /** Name of its result in the step catalogue: what the report is made from. */
  readonly returns?: string;
  /** Its result is shown to those who approve production. */
  readonly evidence?: true;
  /** Downtime is counted from the first `down` to the `up` that follows. */
  readonly site?: 'down' | 'up';
  /** Seconds it is expected to take before anything was measured. */
  readonly expected: number;
  /** Seconds after which one attempt is given up. */
  readonly timeout: number;
  readonly onFailure: FailurePolicy;
  /** With `ask`: going on without it is no choice, since what follows stands on it. */
  readonly noSkip?: true;
  /** With `ask`: seconds that a person has; default `engine.failureDeadline`. */
  readonly failureDeadline?: number;
  /** Only in `restore`: runs when one of these steps was started (its effect may be there although it failed). */
  readonly undoes?: readonly string[];
  /** The step of the rehearsal (or restore point) whose measured seconds are a better estimate than `expected`. */
  readonly measuredBy?: string;
}

export interface Stage {
  readonly name: StageName;
  readonly steps: readonly Step[];
}

export interface DecisionRule {
  /** `approval-production`, `acceptance`, `support-test-environment` … */
  readonly id: string;
  /** The run waits for it just before this stage begins; acceptance stands before `closing`. */
  readonly before: StageName;
  readonly kind: 'approval' | 'acceptance' | 'manual';
  readonly title: Said;
  /** A text ready to be sent, for requests to somebody outside. */
  readonly text?: Said;
  readonly choices: readonly string[];
  /** Seconds; `null`: no deadline of its own (acceptance ends at the point of no return). */
  readonly deadline: number | null;
  /** The choice taken when the deadline passes unanswered. */
  readonly atDeadline: string;
  /** Names who may decide; empty: anybody. */
  readonly by: readonly string[];
  /** How many different people must choose the same. */
  readonly needed: number;
  /** The one who started the run may not decide. */
  readonly excludeInitiator: boolean;
}

/** Local times in an IANA zone: `from` 22:00 `to` 06:00 may cross midnight. `days`: ISO weekdays (1 = Monday) on which it opens. */
export interface WindowRule {
  readonly from: string;
  readonly to: string;
  readonly timeZone: string;
  readonly days: readonly number[];
  /** Multiplies measured durations before they are held against the window. */
  readonly margin: number;
  /** What happens when the point of no return passes without acceptance. */
  readonly atPointOfNoReturn: 'restore' | 'go-on';
}

export interface NotificationChannel {
  readonly name: string;
  readonly language: 'en' | 'ru';
  readonly via:
    | { readonly kind: 'webhook'; readonly url: Json; readonly secret?: Json; readonly template?: string }
    | {
        readonly kind: 'email';
        readonly host: string;
        readonly port: number;
        readonly secure: boolean;
        readonly user?: string;
        readonly password?: Json;
        readonly from: string;
        readonly to: readonly string[];
      };
}

export interface Runbook {
  /** Version of this shape. */
  readonly format: 1;
  readonly product: string;
  /** `file` and `sha256`: of a recipe of others, as the plan names it. */
  readonly recipe: {
    readonly name: string;
    readonly version: number;
    readonly file?: string;
    readonly sha256?: string;
  };
  /** The workflow id is derived from it: one update per system at a time. */
  readonly system: string;
  readonly title: Said;
  readonly update: UpdateName;
  readonly stages: readonly Stage[];
  readonly decisions: readonly DecisionRule[];
  /** `null`: at once, and no point of no return. */
  readonly window: WindowRule | null;
  readonly notify: readonly NotificationChannel[];
  readonly engine: EngineSettings;
}

/** What is installed; file and SHA-256 where it is one file. */
export interface UpdateName {
  readonly name: string;
  readonly version: string;
  readonly file: string | null;
  readonly sha256: string | null;
}

export interface EngineSettings {
  /** Seconds without a sign of life after which an attempt is given to another worker. */
  readonly heartbeat: number;
  /** Tries of a step whose failure is passing (network, busy) before it counts as failed. */
  readonly tries: number;
  /** Seconds before the second try; doubles up to a minute. */
  readonly retryDelay: number;
  /** Seconds a failed step waits for a person before its own policy is taken. */
  readonly failureDeadline: number;
  /** What a failed restore step does when nobody answers: it is tried again. Seconds between those. */
  readonly restoreRetry: number;
}

/** What an activity answers: its result, and which attempt it was (1 = first). A failure carries `[Failure, attempt]` as details. */
export interface StepAnswer {
  readonly result: Json;
  readonly attempt: number;
}

/** What a started activity is given. */
export interface StepInput {
  readonly run: string;
  readonly system: string;
  readonly step: { readonly id: string; readonly params: { readonly [key: string]: Json } };
  readonly uses: Readonly<Record<string, Json>>;
}

/** A failure as it crosses process borders: a code of the catalogue and what the reader needs. */
export interface Failure {
  readonly code: string;
  /** Rendered in English; readers render it again in their language from code and values. */
  readonly message: string;
  readonly values: Readonly<Record<string, string | number>>;
  /** The vendor's own words, secrets removed. */
  readonly vendor?: string;
  /** Where: machine, database, site. */
  readonly where?: string;
  /** True: the same call may succeed later. */
  readonly passing: boolean;
  /** Of a restore that is not proved: every line that was compared, where there are not too many. */
  readonly proof?: readonly ProofLine[];
  /** `not-done`: nothing happened. `unknown`: it may have. */
  readonly effect: 'not-done' | 'unknown';
}
