/** The shortest workflows that do the same: the limit of what the platform allows. */
import { condition, defineSignal, proxyActivities, setHandler } from '@temporalio/workflow';

export const approve = defineSignal('approve');

export async function steps(count: number): Promise<void> {
  const { command } = proxyActivities<{ command(): Promise<number> }>({ startToCloseTimeout: '1m' });
  for (let index = 0; index < count; index++) await command();
}

export async function waits(): Promise<void> {
  let approved = false;
  setHandler(approve, () => void (approved = true));
  await condition(() => approved);
}
