/**
 * The host's processes: each has a number, an image name and a parent; ending a session or a task ends all that it started
 * (Win32-OpenSSH puts a session's children into a job object with KILL_ON_JOB_CLOSE: contrib/win32/win32compat/w32-doexec.c).
 */
export interface Process {
  readonly pid: number;
  readonly image: string;
  readonly parent: number | null;
  readonly signal: AbortSignal;
  kill(): void;
  end(): void;
}

export class Processes {
  private readonly all = new Map<number, Process>();
  private nextPid = 4000;

  start(image: string, parent: Process | null): Process {
    const pid = (this.nextPid += 4);
    const abort = new AbortController();
    const process: Process = {
      pid,
      image,
      parent: parent?.pid ?? null,
      signal: abort.signal,
      kill: () => {
        this.all.delete(pid);
        for (const child of this.list()) if (child.parent === pid) child.kill();
        abort.abort();
      },
      end: () => void this.all.delete(pid),
    };
    this.all.set(pid, process);
    if (parent?.signal.aborted) process.kill();
    return process;
  }

  list(): Process[] {
    return [...this.all.values()];
  }

  find(pid: number): Process | undefined {
    return this.all.get(pid);
  }
}
