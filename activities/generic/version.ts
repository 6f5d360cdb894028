import { isNakatError, NakatError } from '../../runbook/errors/index.ts';
import type { ParamsOf } from '../../runbook/steps/index.ts';
import { isVersion, matchesRule } from '../../runbook/versions.ts';
import { machineFor } from '../machines/pool.ts';
import type { StepActivity, StepContext } from '../step.ts';
import { getUrl } from './url.ts';

type From = ParamsOf<'checkVersion'>['from'];

export const checkVersion: StepActivity<'checkVersion'> = async ({ from, pattern, is }, _uses, context) => {
  const place = from.of === 'command' ? from.argv.join(' ') : from.of === 'file' ? from.file : from.url;
  const said = await read(from, context);
  const version = new RegExp(pattern, 'mu').exec(said)?.[1];
  if (version === undefined || !isVersion(version))
    throw new NakatError('VERSION_NOT_FOUND', { values: { place }, vendor: said.slice(0, 500) });
  if (!matchesRule(version, is)) throw new NakatError('VERSION_NOT_WANTED', { values: { version, place, is } });
  return { version };
};

async function read(from: From, context: StepContext): Promise<string> {
  if (from.of === 'url') return readUrl(from.url, context);
  const machine = await machineFor(from.machine, context);
  if (from.of === 'file') return (await machine.readFile(from.file, 2 ** 20)).toString('utf8');
  // Many programs print their version on the error output.
  const { stdout, stderr } = await machine.run(from.argv, { timeout: 120, signal: context.signal });
  return `${stdout}\n${stderr}`;
}

async function readUrl(url: string, context: StepContext): Promise<string> {
  try {
    return (await getUrl(url, context)).body;
  } catch (error) {
    context.signal.throwIfAborted();
    if (isNakatError(error)) throw error;
    throw new NakatError('VERSION_NOT_FOUND', {
      values: { place: url },
      vendor: error instanceof Error ? error.message : String(error),
      passing: true,
    });
  }
}
