/** What the matrix needs of a product: its plan, a practice ground per scenario, and what is true there, seen from outside. */
import type { Cluster } from '../../lab/postgres/cluster.ts';
import type { Sample, Scenario } from './faults.ts';

/** Looked at from outside the product. Values are compared as text: versions, digests, numbers. */
export interface GroundState {
  /** Effects that must happen exactly as often as in a run that nobody disturbed: `install production`. */
  readonly counts: Readonly<Record<string, number>>;
  /** As before the run, whatever its outcome: locks, doors, files that are nobody's to change. */
  readonly always: Readonly<Record<string, string>>;
  /** As before the run when it ended restored: data, files, configuration. */
  readonly data: Readonly<Record<string, string>>;
  /** As `FaultProduct.updated` says when it ended updated: versions, no duplicates. */
  readonly updated: Readonly<Record<string, string>>;
  /** Half-made things, by place. */
  readonly leftovers: readonly string[];
}

export interface FaultGround {
  readonly variables: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, string>>;
  state(): Promise<GroundState>;
  stop(): Promise<void>;
}

export interface GroundWanted {
  readonly scenario: Scenario;
  /** Emptied at the start. */
  readonly dir: string;
  readonly cluster: Cluster;
  /** Before every name on the shared database server: lower-case letters and digits, then `_`. */
  readonly prefix: string;
}

export interface FaultProduct {
  readonly name: string;
  /** Null, or why it cannot be tried here: what it stands on must be downloaded. Default: it can. */
  readonly missing?: () => Promise<string | null>;
  /** The example plan, from the project's folder; its system is `${LAB_SYSTEM}`, its times `${LAB_HEARTBEAT}`, `${LAB_RETRY}`, `${LAB_RESTORE_RETRY}`. */
  readonly plan: string;
  /** `restored`: production fails as late as it can, so that the restore has everything to undo. */
  readonly ground: (wanted: GroundWanted) => Promise<FaultGround>;
  /** What an updated ground shows in `updated`. */
  readonly updated: Readonly<Record<string, string>>;
  /** To a decision that is no approval; default: what the plan says for the deadline. */
  readonly answer?: (decision: { readonly id: string; readonly choices: readonly string[] }) => string | undefined;
  /** The steps in which most can go wrong, and what is done to them in `npm test`. */
  readonly sample: Sample;
}
