/** Makes an infobase's adapter from its target. */
import { NakatError } from '../../runbook/errors/index.ts';
import type { InfobaseTarget } from '../../runbook/targets/index.ts';
import { connectDatabase } from '../databases/connect.ts';
import type { Database } from '../databases/database.ts';
import { machineFor } from '../machines/pool.ts';
import type { StepContext } from '../step.ts';
import { openInfobase, type Infobase } from './infobase.ts';
import type { Onec } from './onec.ts';

export const connectOnec = async (target: InfobaseTarget, context: StepContext): Promise<Onec> => ({
  target,
  machine: await machineFor(target.machine, context),
  context,
});

export async function connectInfobase(target: InfobaseTarget, context: StepContext): Promise<Infobase> {
  return openInfobase(await connectOnec(target, context), () => databaseOf(target, context));
}

/** The infobase's own DBMS database. Throws INFOBASE_NEEDS_DATABASE. */
export async function databaseOf(target: InfobaseTarget, context: StepContext): Promise<Database> {
  if (target.database === undefined)
    throw new NakatError('INFOBASE_NEEDS_DATABASE', { values: { infobase: target.name } });
  return connectDatabase(target.database, context);
}
