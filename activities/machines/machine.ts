/**
 * A machine that nakat works on: this one or one behind SSH, Linux or Windows. `connect.ts` makes one from a target.
 * Paths are the machine's own (`C:\a\b` or `/a/b`). Every method throws NakatError with a code of `runbook/errors/machine.ts`.
 */
export interface CommandResult {
  /** Exit code; null when the program was ended by a signal. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface FileStat {
  readonly kind: 'file' | 'folder' | 'link' | 'other';
  readonly size: number;
  /** Epoch milliseconds. */
  readonly modified: number;
  /** Permission bits, where the machine has them. */
  readonly mode?: number;
}

/** A link inside a folder. On Windows: a junction, or a symbolic link to a file or to a folder; on Linux always `file`. */
export interface Link {
  readonly name: string;
  /** As the link has it: it may be missing, or relative. */
  readonly target: string;
  readonly kind: LinkKind;
}
export type LinkKind = 'junction' | 'folder' | 'file';

export interface JobStatus {
  readonly state: 'absent' | 'running' | 'ended' | 'lost';
  /** Exit code when ended. `lost`: it was started, is not running, and left no exit code (power cut, killed). */
  readonly code: number | null;
}

export interface JobOptions {
  /** Given to the job's environment, never written into a command line. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Called about once a second with what was printed since the last call. */
  readonly onOutput?: (text: string) => void;
  readonly signal?: AbortSignal;
  /** True: a cancelled `follow` leaves the job running. Default: it is ended, and `JOB_CANCELLED` is thrown once it is gone. */
  readonly leaveRunning?: () => boolean;
  /** Seconds; then the job is ended and `JOB_TIMEOUT` thrown. */
  readonly timeout?: number;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  /**
   * Where Windows is given the values of `env` by a file, which is gone before the program starts. A worker that is killed between
   * leaves it: so a folder that the next attempt removes. Default: the folder of work, for what is no secret.
   */
  readonly scratch?: string;
  readonly stdin?: string;
  /** Seconds. */
  readonly timeout?: number;
  readonly signal?: AbortSignal;
}

export interface Machine {
  readonly name: string;
  readonly os: 'linux' | 'windows';
  /** Folder of nakat on the machine; made on connect. */
  readonly work: string;
  join(...parts: string[]): string;

  /** A short command that may be repeated: one program with arguments, quoted for the machine's shell. */
  run(argv: readonly string[], options?: RunOptions): Promise<CommandResult>;
  /**
   * A long command. Runs as a job in `<work>/jobs/<name>`: own process group, folder with command, output and exit code.
   * If a job of that name is running it is followed, if it has ended its result is returned: never a second start.
   * A `lost` job is started anew only after its folder was removed by `forgetJob`; throws JOB_LOST.
   */
  job(name: string, argv: readonly string[], options?: JobOptions): Promise<CommandResult>;
  jobStatus(name: string): Promise<JobStatus>;
  /** Ends the job if it runs, and removes its folder. */
  forgetJob(name: string): Promise<void>;

  stat(path: string): Promise<FileStat | null>;
  list(path: string): Promise<{ name: string; stat: FileStat }[]>;
  makeFolder(path: string): Promise<void>;
  /** At most `limit` bytes, beginning with the byte `from` (default: the first). */
  readFile(path: string, limit?: number, from?: number): Promise<Buffer>;
  /** Under a temporary name, then renamed over the old one. */
  writeFile(path: string, content: Buffer | string, mode?: number): Promise<void>;
  /** Replaces a file; refuses an existing folder (TARGET_EXISTS). */
  rename(from: string, to: string): Promise<void>;
  /** A file, or a folder with all in it; absent is fine. Links are removed, never followed. */
  remove(path: string): Promise<void>;
  /** The links right in a folder, by name. Over SFTP a junction looks like a folder (Win32-OpenSSH), so only this tells them apart. */
  links(folder: string): Promise<Link[]>;
  /** Finds the same link there: done. Anything else of that name: TARGET_EXISTS. The target need not exist. */
  makeLink(path: string, target: string, kind: LinkKind): Promise<void>;
  /** The link alone, never what it points to; absent is fine, anything but a link is refused with NOT_A_LINK. */
  removeLink(path: string): Promise<void>;
  upload(local: string, remote: string, onProgress?: (done: number, total: number) => void): Promise<void>;
  download(remote: string, local: string, onProgress?: (done: number, total: number) => void): Promise<void>;
  /** Copies a folder on the machine itself into a new folder. Runs as a job of that name. */
  copyFolder(from: string, to: string, job: string, options?: JobOptions): Promise<void>;
  /** SHA-256 (hex) and size of every file below a folder, by path with `/`, sorted; or of one file (key ''). */
  hash(path: string): Promise<Map<string, { size: number; sha256: string }>>;
  /** Free bytes for nakat's user on the disk of that path. */
  freeSpace(path: string): Promise<number>;
  close(): Promise<void>;
}
