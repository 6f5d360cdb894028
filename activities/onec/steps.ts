/** The steps on 1C infobases. */
import type { onecSteps as catalogue } from '../../runbook/steps/onec.ts';
import type { InfobaseTarget } from '../../runbook/targets/index.ts';
import { machineFor } from '../machines/pool.ts';
import { nameFor, type StepActivities, type StepContext } from '../step.ts';
import { connectInfobase } from './connect.ts';

export const onecSteps: StepActivities<keyof typeof catalogue> = {
  checkInfobase: async ({ infobase: target }, _uses, context) => {
    const infobase = await connectInfobase(target, context);
    const versions = await infobase.versions();
    const state = await infobase.state();
    const generation = await infobase.generation(nameFor(context, 'generation'));
    await probeBackupFolder(target, context);
    const sessions = await infobase.sessions();
    return {
      ...versions,
      kind: target.at.kind,
      backup: target.backup,
      generation,
      ...state,
      ...(sessions === null ? {} : { sessions: sessions.length }),
    };
  },

  backUpInfobase: async ({ infobase }, _uses, context) =>
    (await connectInfobase(infobase, context)).backUp(nameFor(context, 'infobase')),

  restoreInfobase: async ({ infobase, replace }, { backup }, context) => {
    await (await connectInfobase(infobase, context)).restore(nameFor(context, 'infobase'), backup, { replace });
    return null;
  },

  lockInfobase: async ({ infobase, message }, _uses, context) =>
    (await connectInfobase(infobase, context)).lock(message),

  admitSessions: async ({ infobase }, _uses, context) => {
    await (await connectInfobase(infobase, context)).admit();
    return null;
  },

  unlockInfobase: async ({ infobase }, { lock }, context) => {
    await (await connectInfobase(infobase, context)).unlock(lock);
    return null;
  },

  denyInfobaseJobs: async ({ infobase }, _uses, context) => {
    await (await connectInfobase(infobase, context)).denyJobs();
    return null;
  },
};

/** Backups are written by the account the programs run under: nakat's own on that machine. */
async function probeBackupFolder(target: InfobaseTarget, context: StepContext): Promise<void> {
  const machine = await machineFor(target.machine, context);
  const probe = machine.join(target.backups, `${nameFor(context, 'probe')}.txt`);
  await machine.makeFolder(target.backups);
  await machine.writeFile(probe, 'nakat');
  await machine.remove(probe);
}
