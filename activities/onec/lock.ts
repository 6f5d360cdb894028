/** What other steps ask of an infobase's lock. */
import type { InfobaseTarget } from '../../runbook/targets/index.ts';
import type { StepContext } from '../step.ts';
import { connectInfobase } from './connect.ts';

/**
 * Whether no scheduled job can start. In a file infobase jobs run inside users' sessions only and never by themselves
 * (its properties have no such switch), so there the answer is yes.
 */
export const infobaseJobsDenied = async (target: InfobaseTarget, context: StepContext): Promise<boolean> =>
  target.at.kind === 'file' || (await (await connectInfobase(target, context)).state()).jobsDenied;
