/**
 * cscript.exe with JScript, strict: runs a script in a context that has what ECMAScript 3 had (no JSON, no array methods, no
 * String.trim) and the COM objects of the Windows Script Host that updaters use. V83.COMConnector opens a real session.
 * Follows: Microsoft's documentation of the Script Host and of JScript 5.8; 1c-syntax/ssl_3_1 for the connector's strings.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { createContext, Script } from 'node:vm';
import type { Program, ProgramIo } from '../windows/host.ts';
import { OnecRefusal, type LabSession } from './cluster.ts';
import { com, externalConnection } from './com.ts';
import { logIn, readUsers, type DataPlace } from './data.ts';
import { eventLog, type Entry } from './event-log.ts';
import { openFile, type OnecProgramOptions } from './designer.ts';
import { changeModel, readModel, type Model } from './model.ts';

/** What came after ECMAScript 3 is not there. */
const later = `delete globalThis.JSON; delete globalThis.Promise; delete globalThis.Map; delete globalThis.Set;
for (const name of ['map', 'forEach', 'filter', 'indexOf', 'some', 'every', 'reduce', 'includes', 'find']) delete Array.prototype[name];
for (const name of ['trim', 'includes', 'startsWith', 'endsWith', 'repeat', 'padStart']) delete String.prototype[name];
for (const name of ['keys', 'values', 'entries', 'assign', 'create']) delete Object[name];
Date.prototype.getVarDate = function () { return this; };`;

export const cscriptProgram =
  (options: OnecProgramOptions): Program =>
  async (argv, io) => {
    const script = argv.find((word) => !word.startsWith('//'));
    const strange = argv.find((word) => word.startsWith('//') && !/^\/\/(NoLogo|B|E:JScript)$/i.test(word));
    if (script === undefined || strange !== undefined || !argv.some((word) => /^\/\/E:JScript$/i.test(word))) {
      io.err(`Input Error: Unknown option "${strange ?? ''}" specified.\n`);
      return 1;
    }
    const text = readFileSync(io.real(script)).toString('latin1');
    const wanted = /"connection":("(?:[^"\\]|\\.)*")/.exec(text)?.[1];
    // The model is read before the script runs: scripts are synchronous, databases are not.
    const opened = wanted === undefined ? null : await open(options, JSON.parse(wanted) as string, io);
    const changes: ((model: Model) => Model)[] = [];
    try {
      const context = createContext({ ActiveXObject: class { constructor(name: string) { return activeX(name, opened, io, (act) => void changes.push(act)) as object; } } }); // prettier-ignore
      new Script(later).runInContext(context);
      new Script(text, { filename: script }).runInContext(context, { timeout: 5000 });
      if (opened && 'place' in opened)
        for (const act of changes) await changeModel(opened.place, (model) => [act(model), undefined]);
      return 0;
    } catch (error) {
      io.err(
        `${script}(1, 1) Microsoft JScript runtime error: ${error instanceof Error ? error.message : String(error)}\n`,
      );
      return 1;
    } finally {
      if (opened && 'place' in opened) opened.close();
    }
  };

type Opened =
  | {
      readonly place: DataPlace;
      readonly model: Model;
      readonly users: Awaited<ReturnType<typeof readUsers>>;
      readonly sessions: readonly LabSession[];
      readonly log: readonly Entry[];
      readonly broken: (kind: 'licence' | 'subscription') => boolean;
      close(): void;
    }
  | { readonly refusal: string };

async function open(options: OnecProgramOptions, connection: string, io: ProgramIo): Promise<Opened> {
  const parts = Object.fromEntries(
    [...connection.matchAll(/(\w+)="((?:[^"]|"")*)";/g)].map(([, key, value]) => [key!, value!.replaceAll('""', '"')]),
  );
  try {
    const at = place(options, parts, io);
    options.count?.('cscript', 'V83.COMConnector');
    try {
      const ref = parts['Ref']?.toLowerCase() ?? '';
      const sessions = parts['Ref'] === undefined ? [] : options.cluster.sessions(parts['Ref']);
      return {
        ...at,
        users: await readUsers(at.place),
        sessions,
        log: eventLog(at.place),
        model: await readModel(at.place),
        broken: (kind) => options.breakages?.[kind]?.toLowerCase() === ref,
      };
    } catch (error) {
      at.close();
      throw error;
    }
  } catch (error) {
    if (error instanceof OnecRefusal) return { refusal: error.message };
    throw error;
  }
}

function place(
  options: OnecProgramOptions,
  parts: Readonly<Record<string, string>>,
  io: ProgramIo,
): { place: DataPlace; close(): void } {
  if (parts['File'] !== undefined) return openFile(io.real(parts['File']), false);
  const ref = parts['Ref'] ?? '';
  const { database } = options.cluster.find(ref);
  const session = options.cluster.open(ref, {
    user: parts['Usr'] ?? '',
    host: options.host ?? 'APP01',
    app: 'COMConnection',
    permissionCode: parts['UC'],
  });
  return { place: { kind: 'server', database }, close: () => options.cluster.close(session.session) };
}

function activeX(
  name: string,
  opened: Opened | null,
  io: ProgramIo,
  change: (act: (model: Model) => Model) => void,
): unknown {
  if (name === 'WScript.Shell')
    return com({
      Environment: (kind: string) => com({ Item: (key: string) => (kind === 'PROCESS' ? (io.env[key] ?? '') : '') }),
    });
  if (name === 'Scripting.FileSystemObject')
    return com({ CreateTextFile: (path: string) => {
      let text = '';
      return com({ Write: (more: string) => void (text += more), Close: () => writeFileSync(io.real(path), text, 'latin1') });
    } }); // prettier-ignore
  if (name !== 'V83.COMConnector') throw new Error("Automation server can't create object");
  return com({ Connect: (connection: string) => {
    if (opened === null || 'refusal' in opened) throw new Error(opened?.refusal ?? 'Не указана информационная база');
    const value = (key: string): string => (new RegExp(`${key}="((?:[^"]|"")*)"`).exec(connection)?.[1] ?? '').replaceAll('""', '"');
    logIn(opened.users, value('Usr'), value('Pwd'));
    return externalConnection({ model: opened.model, sessions: opened.sessions, log: opened.log, real: (path) => io.real(path), change, licence: !opened.broken('licence') && opened.model.constants['ЛицензионныйКлюч'] !== '', subscription: !opened.broken('subscription') });
  } }); // prettier-ignore
}
