import { NakatError } from '../runbook/errors/index.ts';
import { differencesOf } from '../runbook/messages/proof.ts';
import type { Proof, ProofLine } from '../runbook/results.ts';
import type { StepContext } from './step.ts';

/** A report stays readable, and a failure small. */
const most = 200;

/** The lines when all are equal. Throws RESTORE_NOT_PROVED with every line, or with the differences alone where there are too many lines. */
export function proved(
  lines: readonly ProofLine[],
  where: string | undefined,
  context: Pick<StepContext, 'log'>,
): Proof {
  const different = lines.filter((line) => !line.equal);
  if (different.length === 0) return { lines };
  for (const { what, before, after } of different)
    context.log('differs from the restore point', { what, before, after });
  throw new NakatError('RESTORE_NOT_PROVED', {
    where,
    proof: lines.length > most ? different.slice(0, most) : lines,
    values: { count: different.length, differences: differencesOf(lines, 'en') },
  });
}
