/** What a watch is told, and what it remembers from look to look. Types only: the workflow imports this file. */
import type { WatchPlan } from '../plan/watch.ts';
import type { Failure, NotificationChannel, Said, Step } from '../types.ts';

export type Algorithm = 'sha256' | 'sha1' | 'md5';
/** Lower-case hexadecimal. */
export interface Checksum {
  readonly algorithm: Algorithm;
  readonly value: string;
}

/** What a service offers: read, cleaned, nothing fetched yet. */
export interface Release {
  readonly version: string;
  /** Plain text, at most `changesLimit` characters; empty when the service tells none. */
  readonly changes: string;
  /** Where the file is: an address, or a path in the folder of the service. */
  readonly file: string;
  /** Bytes; null: not told. */
  readonly size: number | null;
  readonly checksum: Checksum | null;
  /** Versions (or rules for them) over which it may be installed; empty: any. */
  readonly from: readonly string[];
}
export const changesLimit = 4000;

/** What one service answered. */
export interface ServiceLook {
  readonly service: string;
  /** Newest of all that it has; null when it has none or failed. */
  readonly newest: Release | null;
  /** The next to install over what is installed; null: nothing newer, or no way. */
  readonly next: Release | null;
  readonly failure: Failure | null;
}

/** A file that was fetched and checked. */
export interface Found {
  readonly service: string;
  readonly version: string;
  readonly changes: string;
  /** On the worker: named by its digest. */
  readonly path: string;
  readonly sha256: string;
  readonly bytes: number;
  /** By what it was held against the vendor’s word; null: the vendor gives none. */
  readonly checkedBy: Algorithm | null;
}

/** `going`: the run is under way, or waits. `refused`: by a person, or because nobody answered. `stopped`: for another reason. */
export type OfferEnd = 'going' | 'updated' | 'refused' | 'stopped' | 'failed';

export interface Offer {
  readonly version: string;
  readonly sha256: string;
  /** Workflow run id of the run that asks. */
  readonly workflowRun: string;
  readonly at: number;
  readonly times: number;
  readonly end: OfferEnd;
}

/** The result of one look, given to the next by the schedule. JSON only. */
export interface WatchMemory {
  readonly format: 1;
  /** Epoch milliseconds. */
  readonly at: number;
  /** Empty: not installed; null: could not be read. */
  readonly installed: string | null;
  readonly looks: readonly {
    readonly service: string;
    readonly newest: string | null;
    readonly failure: Failure | null;
  }[];
  readonly seen: Readonly<Record<string, Seen>>;
  readonly offer: Offer | null;
  /** Why the look itself, or the fetching, failed. */
  readonly failure: Failure | null;
  /** Failures told already, as `<service> <code>`: told again only after they were gone. */
  readonly told: readonly string[];
  /** The `again` that was honoured last. */
  readonly again: string;
}

/** The newest that a service ever had: what it must not go back behind. */
export interface Seen {
  readonly version: string;
  readonly checksum: Checksum | null;
}

export interface WatchInput {
  readonly system: string;
  readonly title: Said;
  /** As it was registered: a later change of the file counts when it is registered again. */
  readonly plan: {
    readonly text: string;
    readonly folder: string;
    readonly variables: Readonly<Record<string, string>>;
    /** SHA-256 of the recipes of others that it names, by file: others are not loaded. */
    readonly recipes?: Readonly<Record<string, string>>;
  };
  readonly watch: WatchPlan;
  /** Reads what is installed: its result has `version`. */
  readonly installed: Step;
  readonly notify: readonly NotificationChannel[];
  /** Who registered it. */
  readonly by: string;
  /** Changed by `run-now --again`: what was refused and known is forgotten once. */
  readonly again: string;
}
