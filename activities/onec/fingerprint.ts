/** What other steps ask of an infobase: what it holds, and how big it is. */
import type { Fingerprint } from '../../runbook/results.ts';
import type { InfobaseTarget } from '../../runbook/targets/index.ts';
import { machineFor } from '../machines/pool.ts';
import { nameFor, type StepContext } from '../step.ts';
import { connectInfobase, databaseOf } from './connect.ts';

/**
 * Configuration and, where the plan names the infobase's DBMS database, its tables: for comparing before and after. A file
 * infobase has no tables that could be read from outside; there the configuration and the backup's own checksum speak.
 */
export async function infobaseFingerprint(
  target: InfobaseTarget,
  context: StepContext,
): Promise<Omit<Fingerprint['infobases'][number], 'name'>> {
  const generation = await infobaseGeneration(target, context);
  if (target.database === undefined) return { generation, tables: [] };
  const work = { signal: context.signal, leaveRunning: context.stopping, progress: context.progress };
  return { generation, tables: await (await databaseOf(target, context)).fingerprint(target.tables, work) };
}

export const infobaseGeneration = async (target: InfobaseTarget, context: StepContext): Promise<string> =>
  (await connectInfobase(target, context)).generation(nameFor(context, 'generation'));

/** Bytes of 1Cv8.1CD or of the DBMS database; 0 where neither is known. */
export async function infobaseSize(target: InfobaseTarget, context: StepContext): Promise<number> {
  if (target.at.kind === 'server')
    return target.database === undefined ? 0 : (await databaseOf(target, context)).size();
  const machine = await machineFor(target.machine, context);
  return (await machine.stat(machine.join(target.at.folder, '1Cv8.1CD')))?.size ?? 0;
}
