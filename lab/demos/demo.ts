/** What a demonstration is made of: an example plan and the practice ground that it runs on. */
import type { DatabaseEngine } from '../bpmsoft/database.ts';
import type { Cluster } from '../postgres/cluster.ts';

export interface DemoStart {
  /** Emptied at the start. */
  readonly dir: string;
  readonly cluster: Cluster;
  /** One of the demo's breakages. */
  readonly break: string | undefined;
  /** Only where the demo offers a choice. */
  readonly database: DatabaseEngine;
}

export interface StandingGround {
  /** For the `${…}` of the plan. */
  readonly variables: Readonly<Record<string, string>>;
  /** For the plan's `{ env: … }`. */
  readonly secrets: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

export interface Demo {
  /** BPMSoft’s database may be on either engine; the others have none. */
  readonly choosesDatabase?: true;
  /** The example plan, from the project's folder. */
  readonly plan: (database: DatabaseEngine) => string;
  /** It begins with a look for updates, by the plan’s `watch`; what is found is what is installed. */
  readonly watched?: true;
  readonly start: (options: DemoStart) => Promise<StandingGround>;
  /** What `--yes` answers to a decision that is no approval; default: what its plan says for the deadline. */
  readonly answer?: (decision: {
    readonly id: string;
    readonly choices: readonly string[];
  }) => string | undefined | Promise<string | undefined>;
}
