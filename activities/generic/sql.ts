/** Statements of the administrator's own: carried out once, or only asked. */
import { NakatError } from '../../runbook/errors/index.ts';
import { connectDatabase } from '../databases/connect.ts';
import { redact } from '../secrets.ts';
import { nameFor, type StepActivity } from '../step.ts';

export const runSql: StepActivity<'runSql'> = async ({ database: target, sql }, _uses, context) => {
  const database = await connectDatabase(target, context);
  // The first attempt of another try was wanted by a person, who has seen how far the one before came.
  const once = { id: nameFor(context, 'sql'), run: context.run, anew: context.attempt === 1 };
  const { already } = await database.runStatements(once, sql, { signal: context.signal });
  return { database: target.name, already };
};

export const checkSql: StepActivity<'checkSql'> = async ({ database: target, sql, is }, _uses, context) => {
  const database = await connectDatabase(target, context);
  const value = await database.firstValue(sql, { signal: context.signal });
  if (!new RegExp(`^(?:${is})$`, 'u').test(value))
    throw new NakatError('SQL_NOT_AS_WANTED', { values: { database: target.name, value: value.slice(0, 200), is } });
  return { value: redact(value).slice(0, 200) };
};
