/**
 * The embedded Temporal server: a child process on loopback, its database an SQLite file in the state folder. It survives
 * its own `kill -9` and its starter's: the next start in the same folder ends what is left over and goes on with the database.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import { NakatError } from '../runbook/errors/index.ts';
import { commandLine, endProcess } from './processes.ts';
import { findTemporal, type FindOptions } from './temporal-binary.ts';

export interface ServerOptions {
  /** Holds `temporal.db`, `temporal.log` and `server.json`. */
  readonly stateDir: string;
  readonly log?: (message: string) => void;
  /** Default: the port of the last time if it is free, so that workers find the server again; else a free one. */
  readonly port?: number;
  /** With a web page on this port; default none. */
  readonly uiPort?: number;
  readonly announce?: FindOptions['announce'];
  /** Its runs are in its own namespace, and `server.json` says so; else they are in `default`. */
  readonly apart?: boolean;
}

export interface Server {
  readonly address: string;
  /** Beside `default`, and only here: who works in it never meets another server that was given the same port. */
  readonly namespace: string;
  readonly uiAddress?: string;
  readonly pid: number;
  /** Resolves with the exit code when the server has ended, however it ended. */
  readonly ended: Promise<number | null>;
  stop(): Promise<void>;
}

/** What `server.json` says: who runs here, and who started it. */
export interface ServerRecord {
  readonly pid: number;
  readonly address: string;
  /** Where its runs are. */
  readonly namespace?: string;
  readonly owner: { readonly pid: number; readonly command: string };
}

const namespaceOf = (stateDir: string): string =>
  `nakat-${createHash('sha256').update(stateDir).digest('hex').slice(0, 12)}`;

const recordFile = (stateDir: string): string => join(stateDir, 'server.json');

/** The running server of a state folder; null when there is none. */
export function runningServer(stateDir: string): ServerRecord | null {
  const record = readRecord(stateDir);
  return record && isOurs(record.pid, stateDir) ? record : null;
}

/** Throws TEMPORAL_MISSING, SERVER_IN_USE (another living process runs it here), SERVER_NOT_STARTED. */
export async function startServer(options: ServerOptions): Promise<Server> {
  const stateDir = resolve(options.stateDir);
  await mkdir(stateDir, { recursive: true });
  const binary = await findTemporal({ announce: options.announce });
  const last = readRecord(stateDir);
  if (last) await endLeftOver(last, stateDir, options.log);

  for (let tries = 3; ; tries -= 1) {
    const port = options.port ?? (await freePort(last ? Number(last.address.split(':').pop()) : 0));
    try {
      return await launch(binary, port, { ...options, stateDir });
    } catch (error) {
      // Somebody may have taken the port between our look and the server's start.
      if (options.port !== undefined || tries === 1 || !/already in use/.test(logTail(stateDir))) throw error;
    }
  }
}

async function launch(binary: string, port: number, { stateDir, uiPort, log, apart }: ServerOptions): Promise<Server> {
  const logFile = openSync(join(stateDir, 'temporal.log'), 'w');
  const child = spawn(binary, serverArguments(stateDir, port, uiPort), {
    stdio: ['ignore', logFile, logFile],
    // Its own group: Ctrl-C in the terminal ends the worker first, and then us ending the server, not all at once.
    detached: true,
  });
  closeSync(logFile);
  let failedToStart: Error | undefined;
  const ended = new Promise<number | null>((done) => {
    child.once('error', (error) => ((failedToStart = error), done(null)));
    child.once('exit', (code) => done(code));
  });
  const address = `127.0.0.1:${port}`;
  const namespace = namespaceOf(stateDir);
  const stop = async (): Promise<void> => {
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) await endProcess(child.pid);
    await ended;
    if (readRecord(stateDir)?.pid === child.pid) await rm(recordFile(stateDir), { force: true });
  };
  if (child.pid !== undefined)
    await writeRecord(stateDir, {
      pid: child.pid,
      address,
      ...(apart ? { namespace } : {}),
      owner: { pid: process.pid, command: commandLine(process.pid) ?? '' },
    });
  const healthy = await Promise.race([awaitHealth(address, namespace).then(() => true), ended.then(() => false)]).catch(
    (error: unknown) => error,
  );
  if (healthy !== true || child.pid === undefined) {
    await stop();
    throw new NakatError('SERVER_NOT_STARTED', {
      where: stateDir,
      vendor: failedToStart?.message ?? logTail(stateDir),
      cause: healthy,
    });
  }
  log?.(`Temporal server ${address}, pid ${child.pid}, database ${join(stateDir, 'temporal.db')}`);
  return {
    address,
    namespace,
    ...(uiPort ? { uiAddress: `http://127.0.0.1:${uiPort}` } : {}),
    pid: child.pid,
    ended,
    stop,
  };
}

/** WAL with synchronous=FULL: an acknowledged decision survives a power cut. The poll rate takes 90 ms off every step. */
const serverArguments = (stateDir: string, port: number, uiPort?: number): string[] => [
  'server',
  'start-dev',
  ...['--ip', '127.0.0.1', '--port', String(port), '--db-filename', join(stateDir, 'temporal.db')],
  ...(uiPort ? ['--ui-port', String(uiPort)] : ['--headless']),
  ...['--namespace', namespaceOf(stateDir)],
  ...['--log-level', 'error'],
  ...['--dynamic-config-value', 'history.transferProcessorMaxPollRPS=2000'],
  ...['--sqlite-pragma', 'journal_mode=WAL', '--sqlite-pragma', 'synchronous=FULL'],
];

/** A real call against this server's own namespace: another server may have been quicker on the port. */
async function awaitHealth(address: string, namespace: string): Promise<void> {
  for (const deadline = Date.now() + 60_000; ; await delay(50)) {
    let connection: Connection | undefined;
    try {
      connection = await Connection.connect({ address, connectTimeout: '2s' });
      await connection.workflowService.describeNamespace({ namespace });
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
    } finally {
      await connection?.close();
    }
  }
}

async function endLeftOver(last: ServerRecord, stateDir: string, log?: (message: string) => void): Promise<void> {
  if (!isOurs(last.pid, stateDir)) return;
  if (last.owner.pid !== process.pid && commandLine(last.owner.pid) === last.owner.command) {
    throw new NakatError('SERVER_IN_USE', { where: stateDir, values: { pid: last.owner.pid, address: last.address } });
  }
  log?.(`ending the server left over from an earlier start, pid ${last.pid}`);
  await endProcess(last.pid);
}

/** A pid may have been given to another program since: only one that serves this very database is ours. */
const isOurs = (pid: number, stateDir: string): boolean =>
  commandLine(pid)?.includes(join(resolve(stateDir), 'temporal.db')) ?? false;

function readRecord(stateDir: string): ServerRecord | null {
  try {
    return JSON.parse(readFileSync(recordFile(stateDir), 'utf8')) as ServerRecord;
  } catch {
    return null;
  }
}

async function writeRecord(stateDir: string, record: ServerRecord): Promise<void> {
  const temporary = `${recordFile(stateDir)}.${process.pid}`;
  await writeFile(temporary, JSON.stringify(record));
  await rename(temporary, recordFile(stateDir));
}

function logTail(stateDir: string): string {
  try {
    return readFileSync(join(stateDir, 'temporal.log'), 'utf8').trim().slice(-1500);
  } catch {
    return '';
  }
}

/** A free port of the loopback: the wanted one if it is free. */
const freePort = (wanted: number): Promise<number> =>
  new Promise((done, fail) => {
    const probe = createServer();
    probe.once('error', (error) => (wanted === 0 ? fail(error) : done(freePort(0))));
    probe.listen(wanted, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => done(port));
    });
  });
