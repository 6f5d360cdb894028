/**
 * Runs an integration of the connector once: the process is given a token named after run and step, the connector writes
 * it into its result row, and a repeated attempt looks for that row before it starts anything.
 */
import { isNakatError, NakatError } from '../../runbook/errors/index.ts';
import { note } from '../../runbook/messages/progress.ts';
import type { IntegrationResult } from '../../runbook/results.ts';
import type { Connector, Integration, SiteTarget } from '../../runbook/targets/index.ts';
import { nameFor, type StepContext } from '../step.ts';
import { unreachable, type Bpmsoft } from './client.ts';
import type { Row } from './rows.ts';
import { poll, type Limits } from './wait.ts';

export async function runOnce(
  site: Bpmsoft,
  target: SiteTarget,
  integration: Integration,
  results: Connector['results'],
  context: StepContext,
  limits: Limits,
): Promise<IntegrationResult> {
  const token = nameFor(context, 'integration');
  const start = performance.now();
  const values = {
    site: target.name,
    integration: integration.name,
    process: integration.process,
    seconds: integration.timeout,
  };
  const columns = [...new Set([results.status, results.startedOn, results.message])];

  const rows = async (): Promise<readonly Row[]> => {
    const found = await site.select(results.entity, columns, { [results.token]: token });
    return found.toSorted((a, b) => (String(a[results.startedOn]) < String(b[results.startedOn]) ? -1 : 1));
  };

  let known = await rows();
  // The answer to an earlier attempt's start may have been lost, and its row may be about to appear.
  if (known.length === 0 && context.attempt > 1)
    known = (await poll(limits.settle, context.signal, async () => nonEmpty(await rows()))) ?? [];
  // At a first attempt an old failure of ours means that a person has decided to try once more.
  const again = context.attempt === 1 && known.at(-1)?.[results.status] === results.failed;
  const ignored = again ? known.length : 0;
  if (known.length === ignored) await begin();

  const row = await poll(integration.timeout, context.signal, async (elapsed) => {
    const last = (await rows().catch(unreachable))?.slice(ignored).at(-1);
    const status = last?.[results.status];
    const values = { name: integration.name, status: String(status), seconds: Math.round(elapsed) };
    context.progress({ note: note(status ? 'integration' : 'integrationStarted', values) });
    return status === results.ok || status === results.failed ? last : undefined;
  });
  if (!row) throw new NakatError('INTEGRATION_NO_RESULT', { values, where: target.name });
  const message = String(row[results.message] ?? '');
  if (row[results.status] === results.failed)
    throw new NakatError('INTEGRATION_FAILED', { values, vendor: message, where: target.name });
  return {
    name: integration.name,
    status: results.ok,
    message,
    seconds: Math.round((performance.now() - start) / 100) / 10,
  };

  async function begin(): Promise<void> {
    try {
      await site.runProcess(integration.process, { ...integration.parameters, [results.tokenParameter]: token });
    } catch (error) {
      if (isNakatError(error) && error.code === 'SITE_CALL_FAILED') {
        throw new NakatError('INTEGRATION_NOT_STARTED', {
          values,
          vendor: error.failure.vendor,
          where: target.name,
          cause: error,
        });
      }
      unreachable(error);
      // The answer is lost. Without a row soon after, the next attempt looks again and then starts it.
      const begun = await poll(limits.settle, context.signal, async () =>
        nonEmpty((await rows().catch(unreachable))?.slice(ignored)),
      );
      if (!begun) throw error;
    }
  }
}

const nonEmpty = <T>(list: readonly T[] | undefined): readonly T[] | undefined => (list?.length ? list : undefined);
