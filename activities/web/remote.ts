/**
 * The files of a site as nakat reaches them: `sftp.ts`, `ftp.ts` or `local.ts`. Paths are below the site's folder, with `/`; the
 * folder itself is `''`. A remote is one connection (or a few): when it breaks, every call throws and the caller opens another.
 * Throws NakatError: WEB_CONNECTION_LOST when it is unknown whether something happened, WEB_REFUSED when the server said no.
 */
export interface RemoteEntry {
  readonly name: string;
  readonly kind: 'file' | 'folder' | 'link' | 'other';
  readonly size: number;
  /** See `ListedFile.stamp`. */
  readonly stamp: string;
  readonly mode?: number;
  /** `uid:gid`, where the server shows them as numbers. */
  readonly owner?: string;
}

/** A file on the worker's disk, or a piece of text. */
export type Source = { readonly file: string; readonly size: number } | { readonly content: Buffer };

/** What the server said of a file while it was written. */
export interface Written {
  /** As it is there now. */
  readonly entry?: RemoteEntry;
  /** Of the bytes that the server gave back; absent: it was not asked for them. */
  readonly sha256?: string;
}

export interface Remote {
  /** The site's name, for messages. */
  readonly name: string;
  /** `SFTP`, `FTP (vsFTPd 3.0.3)`: for people. */
  readonly protocol: string;
  /** How many calls at once make it quickest. */
  readonly lanes: number;
  /** Whether rights are shown and can be set: else nothing is said of them anywhere. */
  readonly modes: boolean;
  /** Whether a file can be continued where it ended. */
  readonly resumes: boolean;

  /** Without `.` and `..`; names are as the server says them, unchecked. Throws WEB_FOLDER_MISSING. */
  list(folder: string): Promise<RemoteEntry[]>;
  /** Everything below the site's folder, without what is kept, by path and in no order, in one go; absent or null: folder by folder. */
  listAll?(keep: readonly string[]): Promise<ReadonlyMap<string, RemoteEntry> | null>;
  /** What lies under these paths, links not followed; absent ones are left out. */
  look(paths: readonly string[]): Promise<Map<string, RemoteEntry>>;
  /** Gives the content piece by piece. */
  read(path: string, take: (piece: Buffer) => void | Promise<void>): Promise<void>;
  /** Into the file itself, from byte `from` on (what was there before it stays). `mode`: of a new file, where the server takes it. */
  write(path: string, source: Source, options?: { readonly from?: number; readonly mode?: number }): Promise<Written>;
  /**
   * Unpacks a tar into a new folder, and then moves all that is in it to the folder above, where nothing may be of those names. False:
   * not all of it, for whatever reason; some of it may be in either. Absent: it cannot.
   */
  readonly unpack?: (folder: string, archive: AsyncIterable<Buffer>) => Promise<boolean>;
  /** All that was written survives a power cut from now on; absent: it does from each `write` on, as far as the server can. */
  settle?(): Promise<void>;
  setMode(path: string, mode: number): Promise<void>;
  /** As it was before, where the account may; a refusal is no error. */
  setOwner(path: string, owner: string): Promise<void>;
  /** Of a file: in the place of an existing one. Of a folder: to a free name. */
  rename(from: string, to: string): Promise<void>;
  /** False when something of that name was there. */
  makeFolder(path: string): Promise<boolean>;
  makeLink(path: string, target: string): Promise<void>;
  /** Empty where it cannot be read. */
  readLink(path: string): Promise<string>;
  /** Absent is fine. */
  removeFile(path: string): Promise<void>;
  /** An empty one; absent is fine. */
  removeFolder(path: string): Promise<void>;
  /** SHA-256 of files, computed by the server; null where it cannot. Absent files are left out. */
  hash(paths: readonly string[]): Promise<Map<string, string> | null>;
  /** Bytes; null: cannot be known. */
  freeSpace(): Promise<number | null>;
  close(): Promise<void>;
}
