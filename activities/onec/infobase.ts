/** One infobase, in a file or in a cluster: everything the steps do with it. Each method acts once however often it is called. */
import type { Backup, LockState } from '../../runbook/results.ts';
import { NakatError } from '../../runbook/errors/index.ts';
import { note } from '../../runbook/messages/progress.ts';
import type { Database, Work } from '../databases/database.ts';
import { finish, finished, identity, places, readJson, verified, writeJson, type RestoreMark } from './backups.ts';
import { designer, designerGeneration } from './designer.ts';
import { ibcmd, ibcmdGeneration } from './ibcmd.ts';
import { admit, announce, denyJobs, foreignSessions, lock, switches, unlock } from './cluster-lock.ts';
import { program, putAway, type Onec } from './onec.ts';
import { whoHasOpen } from './open-sign.ts';
import { openRac, type Session } from './rac.ts';

export interface Infobase {
  /** Versions by program, as far as they say; throws ONEC_PROGRAM_MISSING. */
  versions(): Promise<Record<string, string>>;
  /** The configuration's generation. `job` names the job that reads it. */
  generation(job: string): Promise<string>;
  /** Sessions of others; a file infobase tells only whether it is open, so null. */
  sessions(): Promise<Session[] | null>;
  /** Switches of the cluster; a file infobase has none: both false. */
  state(): Promise<LockState>;
  backUp(id: string): Promise<Backup>;
  /** Reads the whole backup. Throws INFOBASE_BACKUP_DAMAGED. */
  verify(backup: Backup): Promise<void>;
  /** Makes the infobase equal to the backup, once per `id`. Without `replace` only an empty one, or one nakat filled. */
  restore(id: string, backup: Backup, options: { replace: boolean }): Promise<void>;
  lock(message: string): Promise<LockState>;
  /** Tells when it will be locked, and waits until then; a file infobase cannot tell. */
  announce(message: string, seconds: number): Promise<LockState>;
  admit(): Promise<void>;
  unlock(before: LockState | undefined): Promise<void>;
  denyJobs(): Promise<void>;
}

/** `database` opens the infobase's own DBMS database. */
export function openInfobase(onec: Onec, database: () => Promise<Database>): Infobase {
  const { target, machine, context } = onec;
  const at = target.at;
  const rac = at.kind === 'server' ? openRac(onec, at) : null;
  const viaDesigner = target.backup === 'designer' || (at.kind === 'server' && target.database === undefined);
  const engine = viaDesigner ? '1c-designer' : '1c-ibcmd';
  const work: Work = { signal: context.signal, leaveRunning: context.stopping, progress: context.progress };

  const generation = (job: string): Promise<string> =>
    viaDesigner ? designerGeneration(onec, job) : ibcmdGeneration(onec, job);

  async function demandFree(): Promise<void> {
    const by =
      at.kind === 'server'
        ? (await foreignSessions(onec, rac!)).map(({ user, app }) => `${user || '-'} (${app})`).join(', ')
        : await whoHasOpen(onec, at.folder);
    if (by !== '')
      throw new NakatError('INFOBASE_BUSY', { values: { infobase: target.name }, where: machine.name, vendor: by });
  }

  async function dump(id: string, job: string): Promise<void> {
    const { partial } = places(onec, id);
    const stop = reportSize(partial);
    try {
      await (viaDesigner
        ? designer(onec, job, ['/DumpIB', partial])
        : ibcmd(onec, job, ['infobase', 'dump'], [partial]));
    } catch (error) {
      if ((await machine.jobStatus(job)).state === 'absent') await machine.remove(partial);
      throw error;
    } finally {
      stop();
    }
  }

  function reportSize(file: string): () => void {
    const timer = setInterval(() => {
      machine.stat(file).then(
        (stat) =>
          stat && context.progress({ done: stat.size, note: note('written', { size: Math.round(stat.size / 1e6) }) }),
        () => undefined,
      );
    }, 5000);
    return () => clearInterval(timer);
  }

  async function backUp(id: string): Promise<Backup> {
    if (target.backup === 'database') return { ...(await (await database()).backUp(id, work)), system: 'infobase' };
    const job = `${id}-dump`;
    const done = await finished(onec, id);
    if (done !== null) {
      await putAway(onec, job);
      return done;
    }
    const { partial, file } = places(onec, id);
    await machine.makeFolder(target.backups);
    const { state } = await machine.jobStatus(job);
    if (state === 'absent' || state === 'lost') {
      if (at.kind === 'file') await demandFree();
      // Left by a power cut: nobody knows how much of it is whole.
      await machine.remove(partial);
      await machine.remove(file);
    } else if (state === 'ended' && (await machine.stat(partial)) === null && (await machine.stat(file)) !== null) {
      // Renamed, but the manifest was never written: checked again under its old name.
      await machine.rename(file, partial);
    }
    await dump(id, job);
    const made = await finish(onec, id, engine, await generation(`${id}-generation`));
    await putAway(onec, job);
    return made;
  }

  /** Empty: no file yet, or a database without any catalogue or document. */
  async function isEmpty(): Promise<boolean> {
    if (at.kind === 'file') return (await machine.stat(machine.join(at.folder, '1Cv8.1CD'))) === null;
    if (target.database === undefined) return false;
    const tables = await (await database()).tables();
    return !tables.some((table) => /(?:^|\.)"?_(?:reference|document)\d/i.test(table));
  }

  async function restore(id: string, backup: Backup, { replace }: { replace: boolean }): Promise<void> {
    if (target.backup === 'database') {
      await demandFree();
      return (await database()).restore(id, { ...backup, system: 'database' }, { replace }, work);
    }
    const job = `${id}-load`;
    const { mark } = places(onec, id);
    const known = await readJson<RestoreMark>(onec, mark);
    if (known?.id === id && known.backup === backup.id && known.state === 'done') return putAway(onec, job);
    if (backup.machine !== machine.name)
      throw new NakatError('INFOBASE_BACKUP_ELSEWHERE', {
        values: { infobase: target.name, machine: backup.machine },
        where: machine.name,
      });
    const manifest = await verified(onec, backup);
    const values = { infobase: target.name };
    if (!replace && manifest.source === identity(onec))
      throw new NakatError('INFOBASE_IS_SOURCE', { values, where: machine.name });
    if (!replace && known === null && !(await isEmpty()))
      throw new NakatError('INFOBASE_EXISTS', { values: { ...values, mark }, where: machine.name });
    const { state } = await machine.jobStatus(job);
    if (state !== 'running' && state !== 'ended') await demandFree();
    await writeJson(onec, mark, { id, backup: backup.id, state: 'started', generation: '' });
    await load(job, backup.place);
    const after = await generation(`${id}-generation`);
    await putAway(onec, job);
    if (after !== manifest.generation)
      throw new NakatError('INFOBASE_RESTORE_DIFFERS', {
        values: { ...values, before: manifest.generation, after },
        where: machine.name,
      });
    await writeJson(onec, mark, { id, backup: backup.id, state: 'done', generation: after });
  }

  async function load(job: string, file: string): Promise<void> {
    context.progress({ note: note('loading', { name: target.name }) });
    const fresh = at.kind === 'file' && (await machine.stat(machine.join(at.folder, '1Cv8.1CD'))) === null;
    if (at.kind === 'file') await machine.makeFolder(at.folder);
    if (!viaDesigner) await ibcmd(onec, job, ['infobase', 'restore', ...(fresh ? ['--create-database'] : [])], [file]);
    else {
      if (fresh) await createFileInfobase(at.folder);
      await designer(onec, job, ['/RestoreIB', file]);
    }
  }

  async function createFileInfobase(folder: string): Promise<void> {
    const result = await machine.run(
      [program(onec, '1cv8'), 'CREATEINFOBASE', `File="${folder}"`, '/DisableStartupDialogs'],
      { timeout: 600, signal: context.signal },
    );
    if (result.code !== 0)
      throw new NakatError('ONEC_FAILED', {
        values: { program: '1cv8', infobase: target.name },
        where: machine.name,
        vendor: `${result.stderr || result.stdout} (exit ${result.code})`,
      });
  }

  return {
    async versions() {
      const needed = [viaDesigner ? '1cv8' : 'ibcmd', ...(rac ? ['rac'] : [])] as ('1cv8' | 'ibcmd' | 'rac')[];
      const result: Record<string, string> = { platform: /\d+(?:\.\d+){3}/.exec(target.platform)?.[0] ?? '' };
      for (const name of needed) {
        if ((await machine.stat(program(onec, name))) === null)
          throw new NakatError('ONEC_PROGRAM_MISSING', {
            values: { program: program(onec, name) },
            where: machine.name,
          });
        // 1cv8 has no way to tell its version without opening a window.
        if (name !== '1cv8')
          result[name] = (
            await machine.run([program(onec, name), '--version'], { timeout: 60, signal: context.signal })
          ).stdout.trim();
      }
      return result;
    },
    generation,
    sessions: async () => (rac === null ? null : foreignSessions(onec, rac)),
    state: async () => (rac === null ? { sessionsDenied: false, jobsDenied: false } : switches(await rac.info())),
    backUp,
    verify: async (backup) => {
      if (target.backup === 'database') await (await database()).verify({ ...backup, system: 'database' }, work);
      else await verified(onec, backup);
    },
    restore,
    async lock(message) {
      if (rac !== null) return lock(onec, rac, message);
      await demandFree();
      return { sessionsDenied: false, jobsDenied: false };
    },
    announce: async (message, seconds) =>
      rac === null ? { sessionsDenied: false, jobsDenied: false } : announce(onec, rac, message, seconds),
    // Jobs of a file infobase run only inside a user's session: with nobody in it there are none.
    admit: async () => (rac === null ? undefined : admit(onec, rac)),
    unlock: async (before) => (rac === null ? undefined : unlock(onec, rac, before)),
    denyJobs: async () => (rac === null ? undefined : denyJobs(onec, rac)),
  };
}
