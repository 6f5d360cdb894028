import type { DatabaseTarget } from '../../runbook/targets/index.ts';
import { connectPostgres } from '../postgres/connect.ts';
import { connectSqlServer } from '../sqlserver/connect.ts';
import type { StepContext } from '../step.ts';
import type { Database } from './database.ts';

/** The adapter for a target, closed when the step ends. */
export const connectDatabase = async (target: DatabaseTarget, context: StepContext): Promise<Database> => {
  const database =
    target.engine === 'postgres' ? await connectPostgres(target, context) : await connectSqlServer(target, context);
  context.onEnd(() => database.close());
  return database;
};
