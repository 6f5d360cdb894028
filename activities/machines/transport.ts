/**
 * How a machine is reached: `ssh.ts` or `local.ts`. The layer of its operating system (`linux.ts`, `windows/layer.ts`) stands on
 * one and makes a `Machine` of it, so a layer never knows whether the machine is this one or far away.
 */
import type { MachineTarget } from '../../runbook/targets/index.ts';
import type { FileStat, Machine } from './machine.ts';

export interface ExecOptions {
  /** Written to the program's input, which is then closed. Without it the input is empty. */
  readonly stdin?: Buffer | string;
  /** Seconds; then the program is ended where the way there allows it, and COMMAND_TIMEOUT thrown. Default: none. */
  readonly timeout?: number;
  /** When aborted: as at the time-out, with COMMAND_CANCELLED. */
  readonly signal?: AbortSignal;
  /** How messages name it: the program alone, for arguments are nobody's business. Default: `a command`. */
  readonly label?: string;
}

export interface ExecResult {
  /** Null when ended by a signal. */
  readonly code: number | null;
  /** As they came: the layer knows the console's encoding. */
  readonly stdout: Buffer;
  readonly stderr: Buffer;
}

export type OnBytes = (done: number, total: number) => void;

/**
 * Commands and files of one machine. A broken connection is made anew by the next call, so a transport stays valid until `close`.
 * Paths go to the machine as they are. Throws NakatError: MACHINE_UNREACHABLE, LOGIN_REFUSED, HOST_KEY_CHANGED before anything
 * happened; CONNECTION_LOST when it is unknown whether it did; FILE_NOT_FOUND, FILE_DENIED, FILE_FAILED from file methods.
 */
export interface Transport {
  /** The machine's name in the plan, for messages. */
  readonly name: string;
  /** Hands a whole command line to the machine's command interpreter: the login shell, or `cmd.exe /d /s /c` on a local Windows. */
  exec(commandLine: string, options?: ExecOptions): Promise<ExecResult>;

  /** Of the link itself, not of what it points to; null when nothing is there. */
  stat(path: string): Promise<FileStat | null>;
  /** Without `.` and `..`, in no order. */
  list(path: string): Promise<{ name: string; stat: FileStat }[]>;
  /** At most `limit` bytes, beginning with the byte `from` (default: the first). */
  read(path: string, limit?: number, from?: number): Promise<Buffer>;
  /** Into the file itself, replacing what it held (the layer writes beside and renames). `mode`: of a new file, where it has one. */
  write(path: string, content: Buffer, mode?: number): Promise<void>;
  /** Replaces a file of the new name, in one instant where the server can. */
  rename(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
  rmdir(path: string): Promise<void>;
  /** One folder; false when a folder of that name was there. Its making is atomic, so it serves as a lock. */
  mkdir(path: string): Promise<boolean>;
  /** A local file into the remote file itself, many requests in flight. */
  upload(local: string, remote: string, onBytes?: OnBytes): Promise<void>;
  download(remote: string, local: string, onBytes?: OnBytes): Promise<void>;
  close(): Promise<void>;
}

/** Makes a machine of a transport: prepares the folder of work (`target.work`), chooses quoting, jobs and tools. */
export type OsLayer = (transport: Transport, target: MachineTarget) => Promise<Machine>;
