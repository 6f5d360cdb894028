/**
 * The task scheduler: a started task is a process that belongs to no session. Of one task, one instance runs at a time
 * (the default policy IgnoreNew). Numbers of results: Microsoft Learn, "Task Scheduler error and success constants".
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { Process, Processes } from './processes.ts';

/** 0x41301, 0x41303, 0x41306. */
export const taskResults = { running: 267009, neverRun: 267011, terminated: 267014 } as const;

export interface Task {
  readonly name: string;
  command: string;
  user: string;
  lastResult: number;
}

export class Tasks {
  private readonly file: string;
  private readonly processes: Processes;
  private readonly execute: (command: string, process: Process) => Promise<number>;
  private readonly running = new Map<string, Process>();
  readonly all: Task[];

  constructor(file: string, processes: Processes, execute: (command: string, process: Process) => Promise<number>) {
    this.file = file;
    this.processes = processes;
    this.execute = execute;
    this.all = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Task[]) : [];
    // The machine was switched off in between.
    for (const task of this.all) if (task.lastResult === taskResults.running) task.lastResult = taskResults.terminated;
  }

  find(name: string): Task | undefined {
    return this.all.find((task) => task.name.toLowerCase() === fullName(name).toLowerCase());
  }

  create(name: string, command: string, user: string): void {
    this.all.push({ name: fullName(name), command, user, lastResult: taskResults.neverRun });
    this.save();
  }

  run(task: Task): void {
    if (this.isRunning(task)) return;
    const process = this.processes.start('cmd.exe', null);
    this.running.set(task.name, process);
    task.lastResult = taskResults.running;
    this.save();
    void this.execute(task.command, process).then(
      (code) => this.ended(task, process, process.signal.aborted ? taskResults.terminated : code),
      () => this.ended(task, process, 1),
    );
  }

  isRunning(task: Task): boolean {
    return this.running.has(task.name);
  }

  end(task: Task): void {
    const process = this.running.get(task.name);
    if (!process) return;
    process.kill();
    this.ended(task, process, taskResults.terminated);
  }

  /** What runs goes on. */
  remove(task: Task): void {
    this.all.splice(this.all.indexOf(task), 1);
    this.save();
  }

  private ended(task: Task, process: Process, result: number): void {
    process.end();
    if (this.running.get(task.name) !== process) return;
    this.running.delete(task.name);
    task.lastResult = result;
    this.save();
  }

  private save(): void {
    writeFileSync(this.file, JSON.stringify(this.all, null, 2));
  }
}

const fullName = (name: string): string => (name.startsWith('\\') ? name : `\\${name}`);
