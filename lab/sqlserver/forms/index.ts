/** Every statement that the stand-in understands. */
import type { Form, Found } from '../grammar.ts';
import type { Answer, Call } from '../session.ts';
import { backupForms } from './backup.ts';
import { catalogForms } from './catalog.ts';
import { dataForms } from './data.ts';
import { databaseForms } from './databases.ts';
import { restoreForms } from './restore.ts';
import { serverForms } from './server.ts';
import { transactionForms } from './transactions.ts';

export type Run = (found: Found, call: Call) => Promise<Answer>;

export const forms: readonly Form<Run>[] = [
  ...serverForms,
  ...catalogForms,
  ...backupForms,
  ...restoreForms,
  ...databaseForms,
  ...dataForms,
  ...transactionForms,
];
