/**
 * `nakat demo`: the example plan from beginning to end on the practice ground, with an embedded Temporal server and a worker
 * of its own. Ends what it started, and what an earlier demo that was killed has left behind.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isCancel, select, text as askText } from '@clack/prompts';
import { cliTexts } from '../runbook/messages/cli.ts';
import { demoTexts } from '../runbook/messages/demo.ts';
import { tellSaid } from '../runbook/messages/say.ts';
import { stateFolder } from '../workers/folders.ts';
import { commandLine, endProcess } from '../workers/processes.ts';
import { startServer, type Server } from '../workers/server.ts';
import type { DatabaseEngine } from '../lab/bpmsoft/database.ts';
import type { DemoName } from '../lab/demos/choices.ts';
import type { Demo, StandingGround } from '../lab/demos/demo.ts';
import { demos } from '../lab/demos/index.ts';
import { startCluster, type Cluster } from '../lab/postgres/cluster.ts';
import { workflowIdOf } from '../workflows/messages.ts';
import type { Decision, RunStatus } from '../workflows/state.ts';
import { announcer } from './announcer.ts';
import { reportLines, writeReport } from './commands/report.ts';
import { compilePlanFile } from './compile.ts';
import { connect, type Nakat } from './connect.ts';
import { exitCodeOfOutcome, exitCodes, type ExitCode } from './exit-codes.ts';
import { followRun, forQuestion } from './follow.ts';
import { sealReport } from './report/seal.ts';
import { decide, awaitRun, startRun, viewRun } from './runs.ts';
import { personOf, untilInterrupted, usageError, type Shell } from './shell.ts';
import { choiceLabel, questionLines, waitingDecisions } from './view.ts';
import { memoryLines } from './watch-view.ts';
import { lookNow, registerWatch, removeWatch } from './watches.ts';
import { wrapped } from './wrap.ts';

export interface DemoOptions {
  readonly yes: boolean;
  readonly system: DemoName;
  readonly database?: DatabaseEngine;
  /** One of the demo's breakages. */
  readonly break?: string;
  readonly html?: string;
}

type Closer = () => Promise<unknown>;

export async function runDemo(shell: Shell, options: DemoOptions): Promise<ExitCode> {
  if (!options.yes && !shell.interactive) throw usageError('demo', shell.text(demoTexts.yesNeeded));
  const stateDir = resolve(shell.where.stateDir ?? stateFolder(shell.env), 'demo');
  const closers: Closer[] = [];
  try {
    return await untilInterrupted((signal) => carryOut(shell, options, stateDir, closers, signal));
  } finally {
    for (const close of closers.reverse())
      await close().catch((error: unknown) => shell.stderr.write(`${String(error)}\n`));
  }
}

async function carryOut(
  shell: Shell,
  options: DemoOptions,
  stateDir: string,
  closers: Closer[],
  signal: AbortSignal,
): Promise<ExitCode> {
  const { demo } = await demos[options.system]();
  if (options.database && !demo.choosesDatabase)
    throw usageError('demo', shell.text(demoTexts.noChoice, { system: options.system }));
  await mkdir(stateDir, { recursive: true });
  await endLeftOver(join(stateDir, 'worker.json'));
  shell.say(shell.text(demoTexts.starting, { folder: stateDir }));
  const server = await startServer({ stateDir: join(stateDir, 'temporal'), announce: announcer(shell), apart: true });
  closers.push(server.stop);
  const cluster = await startCluster({ dir: join(stateDir, 'postgres') });
  closers.push(cluster.stop);
  const database = demo.choosesDatabase ? chooseDatabase(shell, options.database, cluster) : 'postgres';
  const ground = await demo.start({ dir: join(stateDir, 'ground'), cluster, database, break: options.break });
  closers.push(ground.stop);
  Object.assign(process.env, ground.variables, ground.secrets, { LAB_SYSTEM: 'demo' });

  const nakat = await connect({ address: server.address, namespace: server.namespace });
  closers.push(nakat.close);
  await endEarlierRun(nakat);
  closers.push(await startWorker(server, stateDir, ground));

  shell.say(shell.text(demoTexts.elsewhere, { folder: join(stateDir, 'temporal') }));
  const plan = await findUp(demo.plan(database));
  const initiator = personOf(shell.env);
  const run = demo.watched ? await runOfWatch(nakat, plan, shell) : await runOfPlan(nakat, plan, shell, initiator);
  if (run === null) return exitCodes.stopped;
  await followAndAnswer(nakat, run, shell, options.yes ? answersOf(demo) : null, initiator, signal);
  if (signal.aborted) {
    shell.say(shell.text(demoTexts.interrupted));
    return exitCodes.waiting;
  }
  const report = sealReport(await awaitRun(nakat, run));
  const html = options.html ?? join(stateDir, `report-${run}.html`);
  await writeReport(html, report, shell);
  await writeFile(join(stateDir, `report-${run}.json`), `${JSON.stringify(report, null, 2)}\n`);
  shell.document(report);
  shell.say([
    ...(shell.json ? [] : ['', ...reportLines(report, shell)]),
    '',
    shell.text(cliTexts.wrote, { file: html }),
  ]);
  return exitCodeOfOutcome(report.outcome, report.restore?.proved ?? null);
}

async function runOfPlan(nakat: Nakat, plan: string, shell: Shell, initiator: string): Promise<string> {
  const compiled = await compilePlanFile(plan);
  const run = await startRun(nakat, compiled, { initiator });
  shell.say([shell.text(demoTexts.plan, { plan }), shell.text(cliTexts.digest, { digest: compiled.digest })]);
  return run;
}

/** The run that a look for updates has started; null: nothing was offered. */
async function runOfWatch(nakat: Nakat, plan: string, shell: Shell): Promise<string | null> {
  // What an earlier demo saw and refused is no part of this one.
  await removeWatch(nakat, 'demo').catch(() => undefined);
  await registerWatch(nakat, plan, personOf(shell.env));
  shell.say(shell.text(demoTexts.watch, { plan }));
  const memory = await lookNow(nakat, 'demo', { timeout: 300 });
  if (memory) shell.say(memoryLines(memory, 'demo', shell));
  if (memory?.offer?.end === 'going') return (await viewRun(nakat, 'demo')).status.run;
  shell.document(memory);
  return null;
}

/**
 * PostgreSQL needs its client programs for backups; where only its server is there (the npm package has no pg_dump), the
 * stand-in for SQL Server, which backs up by itself, takes its place.
 */
function chooseDatabase(shell: Shell, asked: DatabaseEngine | undefined, { bin, major }: Cluster): DatabaseEngine {
  if (asked === 'postgres' && bin === null) throw usageError('demo', shell.text(demoTexts.postgresImpossible));
  const chosen = asked ?? (bin === null ? 'sqlserver' : 'postgres');
  const why = asked
    ? { postgres: demoTexts.postgresAsked, sqlserver: demoTexts.sqlserverAsked }
    : { postgres: demoTexts.postgresFound, sqlserver: demoTexts.sqlserverInstead };
  shell.say(shell.text(why[chosen], { major: String(major), bin: bin ?? '' }));
  return chosen;
}

type Answers = (decision: Decision) => Promise<string>;

/** With `--yes`: approvals are given, everything else is decided as its plan says for its deadline. */
const answersOf =
  (demo: Demo): Answers =>
  async (decision) =>
    (await demo.answer?.(decision)) ??
    (decision.kind === 'approval' ? (decision.choices[0] ?? '') : decision.atDeadline);

async function followAndAnswer(
  nakat: Nakat,
  run: string,
  shell: Shell,
  answers: Answers | null,
  who: string,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    const question = new AbortController();
    let asked: Decision | undefined;
    const view = await followRun(nakat, run, {
      language: shell.language,
      out: shell.people,
      every: 300,
      signal: AbortSignal.any([signal, question.signal]),
      onLook: async ({ status }) => {
        for (const decision of waitingDecisions(status.decisions)) {
          if (answers === null) {
            asked = decision;
            return question.abort(forQuestion);
          }
          const choice = await answers(decision);
          // The deadline may pass between look and answer: then it has been decided already.
          await decide(nakat, run, { decision: decision.id, choice, who, why: '--yes', digest: status.digest }).catch(
            () => undefined,
          );
        }
      },
    });
    if (asked === undefined || !view || signal.aborted) return;
    await ask(nakat, run, asked, shell, who, view.status, signal);
  }
}

async function ask(
  nakat: Nakat,
  run: string,
  decision: Decision,
  shell: Shell,
  who: string,
  asked: RunStatus,
  signal: AbortSignal,
): Promise<void> {
  const reader = shell.reader();
  const { width } = reader;
  const lines = questionLines(decision, asked, reader);
  shell.say(['', ...lines.flatMap((line) => wrapped(`  ${line}`, width))]);
  // Somebody else may be quicker, or the deadline: then there is nothing left to ask.
  const taken = new AbortController();
  const looks = setInterval(() => {
    viewRun(nakat, run).then(
      ({ status }) => waitingDecisions(status.decisions).some((one) => one.id === decision.id) || taken.abort(),
      () => undefined,
    );
  }, 1000);
  const until = AbortSignal.any([signal, taken.signal]);
  const said = await asking(decision, shell, until).finally(() => clearInterval(looks));
  if (until.aborted) return;
  if (said === null) return void process.emit('SIGINT');
  const answer = { decision: decision.id, ...said, who, digest: asked.digest };
  await decide(nakat, run, answer).catch((error: unknown) =>
    shell.say(error instanceof Error ? error.message : String(error)),
  );
}

/** Null: the person gave up. */
async function asking(
  decision: Decision,
  shell: Shell,
  signal: AbortSignal,
): Promise<{ choice: string; why: string } | null> {
  const { language } = shell;
  const choice = await select({
    message: tellSaid(decision.title, language),
    options: decision.choices.map((value) => ({ value, label: choiceLabel(value, language) })),
    signal,
  });
  if (isCancel(choice)) return null;
  const why = await askText({ message: shell.text(demoTexts.why), defaultValue: '', signal });
  return { choice, why: isCancel(why) ? '' : (why ?? '') };
}

/** A process of its own, so that it can be killed like a real one; it ends when its stdin closes, however we end. */
async function startWorker({ address, namespace }: Server, stateDir: string, ground: StandingGround): Promise<Closer> {
  const log = openSync(join(stateDir, 'worker.log'), 'w');
  const main = fileURLToPath(new URL('../workers/main.js', import.meta.url));
  const child = spawn(process.execPath, [main, '--address', address, '--state', stateDir, '--with-parent'], {
    stdio: ['pipe', log, log],
    env: { ...process.env, ...ground.secrets, TEMPORAL_NAMESPACE: namespace },
  });
  closeSync(log);
  await writeFile(join(stateDir, 'worker.json'), JSON.stringify({ pid: child.pid, main }));
  return () => endWorker(child);
}

async function endWorker(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.stdin?.end();
  child.kill('SIGTERM');
  await ended;
}

/** The worker of a demo that was killed: ended only if the pid still is that worker. */
async function endLeftOver(file: string): Promise<void> {
  const record = await readFile(file, 'utf8').then(
    (text) => JSON.parse(text) as { pid: number; main: string },
    () => null,
  );
  if (record && commandLine(record.pid)?.includes(record.main)) await endProcess(record.pid);
  await rm(file, { force: true });
}

/** The practice ground of a killed demo is gone, so its run can only be ended. */
async function endEarlierRun(nakat: Nakat): Promise<void> {
  await nakat.client.workflow
    .getHandle(workflowIdOf('demo'))
    .terminate('the practice ground is gone')
    .catch(() => undefined);
}

async function findUp(path: string): Promise<string> {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const found = join(folder, path);
    if (
      await readFile(found).then(
        () => true,
        () => false,
      )
    )
      return found;
    if (folder === dirname(folder)) throw new Error(`${path} is missing`);
  }
}
