/** One connection: PRELOGIN, LOGIN7, then one request after the other; an attention ends the running one (MS-TDS 3.3.5). */
import type { Socket } from 'node:net';
import { SqlError } from './errors.ts';
import { forms } from './forms/index.ts';
import { serverName, serverVersion } from './identity.ts';
import { parse, type Reader } from './grammar.ts';
import { type Instance, openDatabase, systemDatabases } from './instance.ts';
import { tokens } from './lexer.ts';
import { messageType, openResponse, readMessages, type Response } from './tds/frames.ts';
import { parseBatch, parseLogin, parseRpc, parseTransaction, preloginAnswer } from './tds/requests.ts';
import { beginTransaction, endTransaction, type Transaction } from './transaction.ts';
import {
  collationChanged,
  columnMetadata,
  databaseChanged,
  done,
  doneStatus,
  loginAck,
  message,
  returnStatus,
  row,
  transactionChanged,
  type ResultSet,
} from './tds/tokens.ts';

export interface Running {
  readonly text: string;
  percent: number;
  /** Aborted by an attention or when the connection is lost. */
  readonly signal: AbortSignal;
}

export interface Session {
  readonly spid: number;
  database: string;
  running: Running | null;
  transaction: Transaction | null;
  /** SET XACT_ABORT ON: any error takes the whole transaction back and ends the batch. */
  abortsAll: boolean;
  kill(): void;
}

/** What a statement answers: rows, a number of changed rows, or nothing. */
export type Answer = ResultSet | { readonly changed: number } | null;

export interface Call {
  readonly instance: Instance;
  readonly session: Session;
  readonly running: Running;
  /** Sent at once: `5 percent processed.` */
  info(number: number, text: string): void;
}

export async function serve(instance: Instance, socket: Socket, spid: number): Promise<void> {
  const ending = new AbortController();
  const session: Session = {
    spid,
    database: 'master',
    running: null,
    transaction: null,
    abortsAll: false,
    kill: () => socket.destroy(),
  };
  socket.on('close', () => ending.abort());
  socket.on('error', () => undefined);
  socket.setNoDelay(true);
  let loggedIn = false;
  let request: { promise: Promise<void>; cancel: AbortController } | null = null;
  try {
    for await (const { type, data } of readMessages(socket)) {
      if (type === messageType.prelogin) {
        const response = openResponse(socket, spid);
        response.write(preloginAnswer(serverVersion));
        response.end();
      } else if (type === messageType.login && !loggedIn) {
        loggedIn = await login(instance, session, data, openResponse(socket, spid));
        if (!loggedIn) socket.end();
        else instance.sessions.set(spid, session);
      } else if (!loggedIn) {
        socket.destroy();
      } else if (type === messageType.attention) {
        request?.cancel.abort();
        await request?.promise;
        const response = openResponse(socket, spid);
        response.write(done('batch', doneStatus.attention));
        response.end();
      } else if (type === messageType.transaction) {
        await request?.promise;
        await manage(instance, session, parseTransaction(data), openResponse(socket, spid));
      } else {
        await request?.promise;
        const cancel = new AbortController();
        const promise = answer({
          instance,
          session,
          socket,
          type,
          data,
          signal: AbortSignal.any([cancel.signal, ending.signal]),
        });
        request = { promise, cancel };
      }
    }
  } catch {
    // The connection broke; what ran on it is ended below.
  } finally {
    ending.abort();
    await request?.promise;
    await endTransaction(session, 'rollback');
    instance.sessions.delete(spid);
    for (const [name, seat] of instance.seats) if (seat === spid) instance.seats.delete(name);
  }
}

async function login(instance: Instance, session: Session, data: Buffer, response: Response): Promise<boolean> {
  const { user, password, database } = parseLogin(data);
  const refuse = (number: number, text: string, severity: number): boolean => {
    response.write(message({ number, text, severity }, serverName));
    response.write(done('batch', doneStatus.error));
    response.end();
    return false;
  };
  const { login: right } = instance.options;
  if (user.toLowerCase() !== right.user.toLowerCase() || password !== right.password)
    return refuse(18456, `Login failed for user '${user}'.`, 14);
  const wanted = database || 'master';
  if (!systemDatabases.includes(wanted.toLowerCase())) {
    try {
      session.database = (await openDatabase(instance, session, wanted)).name;
    } catch {
      return refuse(4060, `Cannot open database "${wanted}" requested by the login. The login failed.`, 11);
    }
  }
  response.write(databaseChanged(session.database, 'master'));
  response.write(collationChanged());
  response.write(loginAck(serverVersion));
  response.write(done('batch', 0));
  response.end();
  return true;
}

/** The driver's own begin, commit and rollback. */
async function manage(
  instance: Instance,
  session: Session,
  wanted: 'begin' | 'commit' | 'rollback' | null,
  response: Response,
): Promise<void> {
  try {
    const descriptor = session.transaction?.number ?? 0n;
    if (wanted === null) throw new SqlError(102, 'Incorrect syntax.', 15);
    if (wanted === 'begin') {
      await beginTransaction(instance, session);
      response.write(transactionChanged('begun', session.transaction?.number ?? 0n));
    } else {
      if (session.transaction === null)
        throw new SqlError(
          wanted === 'commit' ? 3902 : 3903,
          `The ${wanted.toUpperCase()} TRANSACTION request has no corresponding BEGIN TRANSACTION.`,
        );
      await endTransaction(session, wanted);
      response.write(transactionChanged(wanted === 'commit' ? 'committed' : 'rolledBack', descriptor));
    }
    response.write(done('batch', 0));
  } catch (error) {
    const { number, message: text, severity } = asSqlError(error);
    response.write(message({ number, text, severity }, serverName));
    response.write(done('batch', doneStatus.error));
  }
  response.end();
}

async function answer(call: {
  instance: Instance;
  session: Session;
  socket: Socket;
  type: number;
  data: Buffer;
  signal: AbortSignal;
}): Promise<void> {
  const { instance, session, socket, type, data, signal } = call;
  const response = openResponse(socket, session.spid);
  const rpc = type === messageType.rpc ? parseRpc(data) : null;
  const text = rpc?.statement ?? (type === messageType.batch ? parseBatch(data) : '');
  const failed = (error: SqlError): void => {
    for (const one of [...error.before, error])
      response.write(message({ number: one.number, text: one.message, severity: one.severity }, serverName));
  };
  let failures = 0;
  try {
    if (type === messageType.rpc && rpc === null) throw new SqlError(2812, 'Could not find stored procedure.');
    const reader: Reader = { tokens: tokens(text), params: rpc?.params ?? new Map(), farthest: 0 };
    const statements = parse(reader, forms);
    if (statements === null)
      throw new SqlError(
        102,
        `Incorrect syntax near '${reader.tokens[reader.farthest]?.text ?? reader.tokens.at(-1)?.text ?? ''}'.`,
        15,
      );
    const running: Running = { text, percent: 0, signal };
    session.running = running;
    for (const statement of statements) {
      if (signal.aborted) break;
      const before = session.transaction;
      const info = (number: number, said: string): void => {
        response.write(message({ number, text: said, severity: 0 }, serverName));
        response.flush();
      };
      try {
        await before?.client.query('SAVEPOINT statement');
        writeAnswer(response, rpc !== null, await statement.run(statement.found, { instance, session, running, info }));
        if (before !== null && session.transaction === null)
          response.write(transactionChanged('committed', before.number));
      } catch (error) {
        if (signal.aborted) break;
        // As on the real server, most errors end their statement and not the batch.
        failures++;
        failed(asSqlError(error));
        if (before !== null) {
          await before.client.query('ROLLBACK TO SAVEPOINT statement');
          if (session.abortsAll) {
            await endTransaction(session, 'rollback');
            response.write(transactionChanged('rolledBack', before.number));
          }
        }
        response.write(done(rpc ? 'inProc' : 'batch', doneStatus.more | doneStatus.error));
        if (session.abortsAll && before !== null) break;
      }
    }
  } catch (error) {
    failures++;
    failed(asSqlError(error));
  } finally {
    session.running = null;
  }
  if (rpc) response.write(returnStatus(failures === 0 ? 0 : 1));
  response.write(done(rpc ? 'proc' : 'batch', failures === 0 ? 0 : doneStatus.error));
  response.end();
}

function writeAnswer(response: Response, inProc: boolean, result: Answer): void {
  const kind = inProc ? 'inProc' : 'batch';
  if (result === null) return;
  if ('changed' in result) {
    response.write(done(kind, doneStatus.more | doneStatus.count, result.changed));
    return;
  }
  response.write(columnMetadata(result));
  for (const values of result.rows) response.write(row(result, values));
  response.write(done(kind, doneStatus.more | doneStatus.count, result.rows.length));
}

/** Errors of PostgreSQL beneath, under the numbers of SQL Server that mean the same. */
const byState: Readonly<Record<string, number>> = {
  '23503': 547,
  '23505': 2627,
  '23502': 515,
  '22001': 2628,
  '22P02': 245,
  '57P01': 596,
  '3D000': 911,
};
function asSqlError(error: unknown): SqlError {
  if (error instanceof SqlError) return error;
  const { code, message: text } = error as { code?: string; message?: string };
  return new SqlError(byState[code ?? ''] ?? 50000, text ?? String(error));
}
