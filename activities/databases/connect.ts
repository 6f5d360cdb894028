import type { DatabaseTarget } from '../../runbook/targets/index.ts';
import { connectMariaDb } from '../mariadb/connect.ts';
import { connectPostgres } from '../postgres/connect.ts';
import { connectSqlServer } from '../sqlserver/connect.ts';
import type { StepContext } from '../step.ts';
import type { Database } from './database.ts';

/** The adapter for a target, closed when the step ends. */
export const connectDatabase = async (target: DatabaseTarget, context: StepContext): Promise<Database> => {
  const database = await open(target, context);
  context.onEnd(() => database.close());
  return database;
};

const open = (target: DatabaseTarget, context: StepContext): Promise<Database> => {
  if (target.engine === 'postgres') return connectPostgres(target, context);
  return target.engine === 'sqlserver' ? connectSqlServer(target, context) : connectMariaDb(target, context);
};
