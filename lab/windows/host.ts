/** The Windows-like host of the practice ground: what other stand-ins plug into it. */

/** A program of the host (`1cv8.exe`): strict, gets real arguments, works on the host's files. Returns the exit code. */
export type Program = (argv: readonly string[], io: ProgramIo) => Promise<number>;

export interface ProgramIo {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly stdin: string;
  out(text: string): void;
  err(text: string): void;
  /** The real path behind `C:\…` (case-insensitive, never outside the host's disk). */
  real(windowsPath: string): string;
  /** Aborted when the process is killed. */
  readonly signal: AbortSignal;
  /** A command line through cmd.exe, as a child of this process. */
  run(commandLine: string): Promise<{ readonly code: number; readonly output: string }>;
}

/** An IIS site as it is when it is started. */
export interface RunningSite {
  readonly name: string;
  readonly pool: string;
  /** `http/*:8080:` */
  readonly bindings: readonly string[];
  /** Real path of the root application and of each child application by its path (`/0`). */
  readonly folders: Readonly<Record<string, string>>;
  /** Whether a child application's own pool has a worker just now; of one in the site's pool: true. */
  isServing(path: string): boolean;
  /** Opens a file of the host until the site is stopped. */
  hold(windowsPath: string): void;
}

/** Serves a site; the host calls it on start and awaits `stop` on stop, or when bindings change. Throws when it cannot start. */
export type SiteRunner = (site: RunningSite) => Promise<{ stop(): Promise<void> }>;

export interface WindowsHostOptions {
  /** Real folder that is the host's disk: `<disk>/C/…`. */
  readonly disk: string;
  readonly user: string;
  readonly password?: string;
  /** OpenSSH public key lines that may log in. */
  readonly authorizedKeys?: readonly string[];
  /** By full Windows path, any case: `C:\Program Files\1cv8\8.3.25.1560\bin\1cv8.exe`. */
  readonly programs: Readonly<Record<string, Program>>;
  readonly runSite: SiteRunner;
  /** What is said instead of making a link; undefined: it is made. */
  readonly refuseLink?: (link: string, target: string) => string | undefined;
  /** Of the console: 866 on a Russian Windows. Default 65001. */
  readonly codePage?: 866 | 1251 | 65001;
}

/** A site that is there from the beginning. */
export interface SiteSeed {
  readonly name: string;
  readonly pool: string;
  /** As appcmd writes them: `http/*:8080:`, several with commas. */
  readonly binding: string;
  /** `C:\\…` */
  readonly folder: string;
  /** Child applications: their folders by path (`/0`). */
  readonly applications?: Readonly<Record<string, string>>;
  /** Pools of child applications that have one of their own, by path. */
  readonly pools?: Readonly<Record<string, string>>;
}

export interface WindowsHost {
  readonly port: number;
  /** As `ssh-keygen -lf` prints it. */
  readonly hostKey: string;
  real(windowsPath: string): string;
  /** Running processes: of sessions, of tasks, and the workers of sites. */
  processes(): { pid: number; image: string }[];
  kill(pid: number): void;
  /** Opens a file, as another program of the host would; the answer closes it. */
  hold(path: string): () => void;
  /** Makes a junction. */
  link(path: string, target: string): void;
  /** Registers a site with its pool and starts both; a site of that name stays as it is. */
  addSite(seed: SiteSeed): Promise<void>;
  readonly faults: {
    /** Free bytes that the disk shows; 0: every write fails; null: as it is. */
    setFreeSpace(bytes: number | null): void;
    /** Breaks every connection, as a network does. */
    dropConnections(): void;
  };
  /** As a power cut: jobs end where they are. State stays in the disk's folder. */
  stop(): Promise<void>;
}

export { startWindowsHost } from './start.ts';
