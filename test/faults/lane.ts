/** One place where runs are broken: a Temporal server, a practice ground, a worker that is started again when it dies. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { compilePlanFile, type CompiledPlan } from '../../client/compile.ts';
import { connect, type Nakat } from '../../client/connect.ts';
import { awaitRun, decide, startRun, viewRun } from '../../client/runs.ts';
import type { Cluster } from '../../lab/postgres/cluster.ts';
import type { Report } from '../../runbook/report.ts';
import { startServer, type Server } from '../../workers/server.ts';
import type { Fault, Scenario } from './faults.ts';
import type { FaultGround, FaultProduct, GroundState } from './product.ts';

export interface LaneOptions {
  readonly name: string;
  readonly dir: string;
  readonly cluster: Cluster;
  readonly of: FaultProduct;
  /** Folder of the build under test; default: the project's own. */
  readonly product?: string;
}

export interface Broken {
  readonly report: Report | null;
  /** Before the run, and after it. */
  readonly before: GroundState;
  readonly after: GroundState;
  /** Steps at which the fault did not happen. */
  readonly missed: readonly string[];
  readonly seconds: number;
  readonly runbook: CompiledPlan['runbook'];
  /** Why there is no report. */
  readonly trouble: string | null;
}

const here = fileURLToPath(new URL('.', import.meta.url));
/** Of the project, from the sources and from the build. */
export const root = here.includes('/dist/') ? join(here, '../../..') : join(here, '../..');
/** Milliseconds without any news of a run, after which it hangs. Its whole time says nothing: a busy machine is ten times slower. */
const patience = 180_000;
/** Of a run that goes round in circles. */
const longest = 30 * 60_000;

export class Lane {
  readonly #options: LaneOptions;
  #server: Server | null = null;
  #restarting: Promise<void> | null = null;

  constructor(options: LaneOptions) {
    this.#options = options;
  }

  async run(scenario: Scenario, faults: readonly Fault[]): Promise<Broken> {
    const { dir, cluster, name, of } = this.#options;
    const ground = await of.ground({ scenario, dir: join(dir, 'ground'), cluster, prefix: `${name}_` });
    try {
      this.#server ??= await startServer({ stateDir: join(dir, 'temporal') });
      return await this.#drive(ground, faults);
    } finally {
      await ground.stop();
    }
  }

  async stop(): Promise<void> {
    await this.#server?.stop();
    this.#server = null;
  }

  async #drive(ground: FaultGround, faults: readonly Fault[]): Promise<Broken> {
    const began = Date.now();
    const env = {
      ...process.env,
      ...ground.variables,
      ...ground.secrets,
      LAB_SYSTEM: `${this.#options.name}-${began.toString(36)}`,
      LAB_HEARTBEAT: '2s',
      LAB_RETRY: '1s',
      LAB_RESTORE_RETRY: '1s',
    };
    const { of } = this.#options;
    const compiled = await compilePlanFile(join(root, of.plan), env);
    const before = await ground.state();
    const workers = new Workers(this.#options, env, faults, () => this.#restartServer());
    const { address, namespace } = this.#running();
    await workers.start(address, namespace);
    const nakat = await connect({ address, namespace });
    let trouble: string | null = null;
    let report: Report | null = null;
    try {
      const run = await startRun(nakat, compiled, { initiator: 'faults' });
      report = await followToEnd(nakat, run, of);
    } catch (error) {
      trouble = error instanceof Error ? error.message : String(error);
      // It would go on with the next worker, in the next run's practice ground.
      await endAll(nakat).catch(() => undefined);
    } finally {
      await nakat.close();
      await workers.stop();
    }
    const missed = faults.map((one) => one.step).filter((step) => !existsSync(join(workers.markers, step)));
    return {
      report,
      before,
      after: await ground.state(),
      missed,
      seconds: (Date.now() - began) / 1000,
      runbook: compiled.runbook,
      trouble,
    };
  }

  #running(): Server {
    if (!this.#server) throw new Error('the server is down');
    return this.#server;
  }

  /** `kill -9`, and up again on the same port and database. Asked for twice at once, it happens once. */
  #restartServer(): Promise<void> {
    this.#restarting ??= this.#killAndStart().finally(() => {
      this.#restarting = null;
    });
    return this.#restarting;
  }

  async #killAndStart(): Promise<void> {
    const server = this.#server;
    if (!server) return;
    process.kill(server.pid, 'SIGKILL');
    await server.ended;
    const again = await startServer({ stateDir: join(this.#options.dir, 'temporal') });
    // Workers know the old address; the port was free, and somebody else's for a moment.
    if (again.address !== server.address) throw new Error(`${server.address} was taken by another program`);
    this.#server = again;
  }
}

class Workers {
  readonly markers: string;
  readonly #options: LaneOptions;
  readonly #env: NodeJS.ProcessEnv;
  readonly #faults: readonly Fault[];
  readonly #restartServer: () => Promise<void>;
  #child: ChildProcess | null = null;
  #stopping = false;

  constructor(
    options: LaneOptions,
    env: NodeJS.ProcessEnv,
    faults: readonly Fault[],
    restartServer: () => Promise<void>,
  ) {
    this.#options = options;
    this.#env = env;
    this.#faults = faults;
    this.#restartServer = restartServer;
    this.markers = join(options.dir, 'struck');
  }

  async start(address: string, namespace: string): Promise<void> {
    await rm(this.markers, { recursive: true, force: true });
    await mkdir(this.markers, { recursive: true });
    await this.#spawn(address, namespace);
  }

  async #spawn(address: string, namespace: string): Promise<void> {
    const log = openSync(join(this.#options.dir, 'worker.log'), 'a');
    const product = this.#options.product ?? join(root, 'dist');
    const child = spawn(
      process.execPath,
      [join(root, 'dist/test/faults/worker.js'), product, address, JSON.stringify(this.#faults), this.markers],
      {
        stdio: ['ignore', log, log, 'ipc'],
        env: { ...this.#env, TEMPORAL_NAMESPACE: namespace },
      },
    );
    closeSync(log);
    this.#child = child;
    child.on('message', (message) => {
      if (message === 'kill-server')
        void this.#restartServer().then(
          () => child.connected && child.send('server is back'),
          (error: unknown) => process.stderr.write(`${String(error)}\n`),
        );
    });
    // A killed worker is started again, as its service manager would.
    child.once('exit', () => {
      if (!this.#stopping) void this.#spawn(address, namespace);
    });
    await Promise.race([untilReady(child), once(child, 'exit')]);
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }
}

async function untilReady(child: ChildProcess): Promise<void> {
  for (;;) {
    const [message] = (await once(child, 'message')) as [unknown];
    if (message === 'ready') return;
  }
}

/** Approves, and lets every other decision take what its plan says for the deadline. */
async function followToEnd(nakat: Nakat, run: string, of: FaultProduct): Promise<Report> {
  const end = Date.now() + longest;
  let news = '';
  for (let since = Date.now(); Date.now() < Math.min(since + patience, end); await delay(200)) {
    // While server or worker is just being killed nobody answers: look again.
    const view = await viewRun(nakat, run).catch(() => null);
    if (view === null) continue;
    const { status, live } = view;
    const latest = JSON.stringify([status.stages, status.decisions.length, live.map(({ attempt }) => attempt)]);
    if (latest !== news) [news, since] = [latest, Date.now()];
    if (status.outcome !== null) return await awaitRun(nakat, run);
    const failing = status.decisions.filter((one) => one.kind === 'restore-failing');
    if (failing.length > 5) throw new Error(`the restore keeps failing: ${failing.at(-1)?.title.en ?? ''}`);
    for (const open of status.decisions.filter((one) => one.choice === null)) {
      const choice = of.answer?.(open) ?? (open.kind === 'approval' ? (open.choices[0] ?? '') : open.atDeadline);
      await decide(nakat, run, { decision: open.id, choice, who: 'approver', why: '', digest: status.digest }).catch(
        () => undefined,
      );
    }
  }
  throw new Error(`hangs: ${await lastWords(nakat, run)}`);
}

async function endAll({ client }: Nakat): Promise<void> {
  for await (const { workflowId } of client.workflow.list({ query: `ExecutionStatus = 'Running'` }))
    await client.workflow
      .getHandle(workflowId)
      .terminate('the next run begins')
      .catch(() => undefined);
}

const lastWords = (nakat: Nakat, run: string): Promise<string> =>
  viewRun(nakat, run).then(
    ({ status }) =>
      `${status.phase}, ${status.stages.flatMap((stage) => stage.steps).find((step) => step.state === 'running')?.id ?? ''}`,
    (error: unknown) => String(error),
  );
