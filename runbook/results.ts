/** What steps return: small, without secrets, kept in the run's history and shown in the report. */
import type { FactName } from './messages/facts.ts';
import type { ProofSubject } from './messages/proof.ts';
import type { Failure, Said } from './types.ts';

/** A finished, verified backup. `id` is also its file or folder name without ending. */
export interface Backup {
  readonly id: string;
  readonly system: 'database' | 'infobase' | 'files';
  readonly engine: string;
  /** Where it lies, as an administrator would type it. */
  readonly place: string;
  readonly machine: string;
  readonly bytes: number;
  /** Of the file, or of the manifest that lists every file of a folder; null where only the server can read it (then `verified` says how). */
  readonly sha256: string | null;
  /** How it was verified: `manifest`, `RESTORE VERIFYONLY WITH CHECKSUM`. */
  readonly verified: string;
  /** Of a tree: how many. */
  readonly files?: number;
}

/** What a database was put back from. `instead`: why it was not the fast restore point, though there was one. */
export interface Reverted {
  readonly from: 'snapshot' | 'backup';
  readonly instead: Failure | null;
}
/** A fast restore point inside the database server: gone with the server's disk, so never the only one. */
export interface Snapshot {
  readonly id: string;
  readonly database: string;
  readonly engine: string;
}

export interface TableState {
  readonly table: string;
  readonly rows: number;
  readonly checksum: string;
}

/** The state of all that belongs together, as compared after a restore. */
export interface Fingerprint {
  readonly databases: readonly {
    readonly name: string;
    /** Of packages that the database names. */
    readonly versions: Readonly<Record<string, string>>;
    readonly schema: string;
    readonly tables: readonly TableState[];
  }[];
  readonly infobases: readonly {
    readonly name: string;
    readonly generation: string;
    readonly tables: readonly TableState[];
  }[];
  /** Of the files of each site. */
  readonly sites: readonly {
    readonly name: string;
    readonly count: number;
    readonly bytes: number;
    readonly sha256: string;
  }[];
}

/** One line of the proof that a restore brought the old state back. `what` is English; readers say it again from `kind`, `name` and `of` (`messages/proof.ts`). */
export interface ProofLine extends Partial<ProofSubject> {
  readonly what: string;
  readonly before: string;
  readonly after: string;
  readonly equal: boolean;
}

export interface SiteVersions {
  readonly core: string;
  readonly packages: Readonly<Record<string, string>>;
}
export interface InstallResult {
  readonly version: string;
  readonly before: string | null;
  readonly found: 'installed-now' | 'installed-already';
  readonly logTail: string;
}
export interface CompileError {
  readonly schema: string;
  readonly line: number;
  readonly code: string;
  readonly text: string;
  readonly warning: boolean;
}
export interface IntegrationResult {
  readonly name: string;
  readonly status: string;
  readonly message: string;
  readonly seconds: number;
}
/** Bytes; null: could not be found out, so it was not checked. */
export interface Room {
  readonly place: string;
  readonly free: number | null;
  readonly needed: number | null;
}
/** What production looked like when it was approved, by `crm: core`, `trade: generation`; compared again when production starts. */
export interface DriftState {
  readonly facts: Readonly<Record<string, string>>;
}
/** Epoch milliseconds. */
export interface WindowTimes {
  readonly opens: number;
  readonly closes: number;
}
/** Rows of settings tables by table and key, each as a hash of its row. */
export interface SettingsState {
  readonly tables: Readonly<Record<string, Readonly<Record<string, string>>>>;
}
/** How long each log was, by its name: only what comes behind it is new. */
export interface LogMarks {
  readonly logs: Readonly<Record<string, number>>;
}
/** Short facts for the report: `{ version: '15.18', edition: '…' }`; `messages/facts.ts` has their names. */
export type Facts = { readonly [N in FactName]?: string | number | boolean };
export interface Cleared {
  readonly table: string;
  readonly rows: number;
}
/** What a lock replaced, so that it can be put back as it was. */
export interface LockState {
  readonly sessionsDenied: boolean;
  readonly jobsDenied: boolean;
}
/** Scheduled jobs of the exchange as they were: on or off by the id that 1C gives each. */
export interface ExchangeJobs {
  readonly jobs: readonly { readonly name: string; readonly id: string; readonly use: boolean }[];
}
export interface DuplicateCounts {
  readonly tables: Readonly<Record<string, number>>;
}
export interface CompileResult {
  readonly errors: readonly CompileError[];
  readonly warnings: number;
}
export interface Rooms {
  readonly places: readonly Room[];
}
export interface Proof {
  readonly lines: readonly ProofLine[];
}
/** What a specialist should see before the run goes on; no lines: nothing to decide. `edits`: of a merge, for the report. */
export interface Findings {
  readonly lines: readonly Said[];
  readonly edits?: Edits;
}

/** `resolved`: a person decided. `moved`: moved by the customer, its content is the vendor’s. */
export const editFates = [
  'resolved',
  'merged',
  'moved',
  'edit-kept',
  'added-by-customer',
  'removed-by-customer',
  'same-in-both',
] as const;
/** A file that the customer had edited, added, removed or moved, and what became of that. */
export interface EditedFile {
  readonly path: string;
  readonly fate: (typeof editFates)[number];
  /** Where the customer had it, when the edit went along with a file that was moved; or where the vendor has it, when the customer moved it. */
  readonly from?: string;
  /** `choice`: `ours`, `theirs`, `edited`, or `lines` that were decided before. `at`: epoch milliseconds. */
  readonly decided?: {
    readonly choice: string;
    readonly by: string;
    readonly at: number;
    readonly remembered: boolean;
  };
}
/** `files`: the first ones, of `total`; what a person decided comes first. All are in `place`. */
export interface Edits {
  readonly total: number;
  readonly files: readonly EditedFile[];
  readonly place: string;
}
/** What a person answered; `asked` is false where nothing was found that had to be decided. */
export interface Answered {
  readonly asked: boolean;
  readonly choice: string;
}

/** A folder of nakat whose files are listed with size and SHA-256 in `<place>.json`: an unpacked update, what was merged from it. */
export interface FileTree {
  readonly id: string;
  readonly place: string;
  readonly machine: string;
  readonly files: number;
  readonly bytes: number;
  /** Of the list. */
  readonly sha256: string;
}
/**
 * What an upload or a restore changed; `kept`: files of the old release that stayed, because the customer changed them; `overwritten`: files
 * that were neither the old release's nor the new one's, and that only the backup has now. Absent where the old release is not at hand.
 */
export interface Uploaded {
  readonly sent: number;
  readonly bytes: number;
  readonly unchanged: number;
  readonly removed: number;
  /** At most 50; `keptCount` says how many there are. */
  readonly kept: readonly string[];
  readonly keptCount: number;
  /** The first few, for people. */
  readonly overwritten?: string;
  readonly overwrittenCount?: number;
}
/** `sha256` covers paths, sizes, contents, rights where the server shows them, folders and links. */
export interface TreeFingerprint {
  readonly files: number;
  readonly folders: number;
  readonly links: number;
  readonly bytes: number;
  readonly sha256: string;
}

/** Of the files, as the site's page names it. */
export interface WebVersion {
  readonly version: string;
}
/** `columns`: by table, as `price numeric(10,2) not null`; of a very large schema one hash per table. */
export interface SchemaState {
  readonly version: string;
  readonly schema: string;
  readonly columns: Readonly<Record<string, readonly string[]>>;
}
/** A site's database after it has migrated by itself; `changes`: `+ table`, `table: − column`. */
export interface Migration extends Pick<SchemaState, 'schema' | 'columns'> {
  readonly from: string;
  readonly to: string;
  readonly changes: readonly string[];
  readonly seconds: number;
}
/** The exchange of a site: on or off, and the place of the last exchange that it wrote down (empty: none yet). */
export interface SiteExchangeState {
  readonly on: boolean;
  readonly last: string;
}
export interface ExchangeResult {
  readonly status: string;
  readonly message: string;
  readonly rows: Readonly<Record<string, number>>;
  readonly seconds: number;
}

/** Pages as they looked. The pictures are in `folder` of the worker's machine, listed with their digests in its `index.json`. */
export interface PagesState {
  readonly folder: string;
  readonly machine: string;
  /** Of `index.json`. */
  readonly sha256: string;
  readonly browser: string;
  readonly pictures: number;
  /** Of all pages together: errors on the console, missing resources, answers of 400 and above. */
  readonly problems: number;
  /** Pictures that end before their page does, after 15,000 pixels: of the rest only its length is compared. Left out where there are none. */
  readonly cut?: number;
}
/**
 * Nothing differs by more than the tolerance. `worst`: share of pixels that differ in the picture that differs most. `knownProblems`: of
 * loading, which were there before too; `accepted`: findings that a person let pass in the rehearsal; both left out where there are none. New ones fail
 * the step.
 */
export interface PageComparison extends Omit<PagesState, 'problems'> {
  readonly compared: number;
  readonly worst: number;
  readonly knownProblems?: number;
  readonly accepted?: number;
}

/** Where a log ended: its size in bytes, and the SHA-256 of its beginning, by which a file begun anew is known. */
export interface LogMark {
  readonly file: string;
  readonly bytes: number;
  readonly head: string;
}
/** What was looked at, and what it said: digests, or short texts. */
export interface StateRecord {
  readonly lines: readonly (Partial<ProofSubject> & { readonly what: string; readonly value: string })[];
}

/** Results by the name under which the step catalogue speaks of them. */
export interface ResultTypes {
  Nothing: null;
  LogMarks: LogMarks;
  Facts: Facts;
  Backup: Backup;
  Snapshot: Snapshot | null;
  Reverted: Reverted;
  Fingerprint: Fingerprint;
  Proof: Proof;
  SiteVersions: SiteVersions;
  InstallResult: InstallResult;
  CompileResult: CompileResult;
  IntegrationResult: IntegrationResult;
  Rooms: Rooms;
  DriftState: DriftState;
  WindowTimes: WindowTimes;
  SettingsState: SettingsState;
  Cleared: Cleared;
  LockState: LockState;
  ExchangeJobs: ExchangeJobs;
  DuplicateCounts: DuplicateCounts;
  Findings: Findings;
  Answered: Answered;
  LogMark: LogMark;
  StateRecord: StateRecord;
  PagesState: PagesState;
  PageComparison: PageComparison;
  FileTree: FileTree;
  Uploaded: Uploaded;
  WebVersion: WebVersion;
  SchemaState: SchemaState;
  Migration: Migration;
  SiteExchange: SiteExchangeState;
  ExchangeResult: ExchangeResult;
  /** No step returns it: what a person accepted by leaving a step out. */
  Failure: Failure;
  TreeFingerprint: TreeFingerprint;
}
