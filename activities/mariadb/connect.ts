import type { MariaDbTarget } from '../../runbook/targets/index.ts';
import type { Database } from '../databases/database.ts';
import type { StepContext } from '../step.ts';

export const connectMariaDb = async (_target: MariaDbTarget, _context: StepContext): Promise<Database> => {
  throw new Error('not yet');
};
