/** What is wrong in a plan of this product although every entry alone is right. */
import type { ComindwareInstancePlan } from '../plan/comindware-instance.ts';
import type { PlanPath } from '../recipe.ts';
import { agreementMistakes } from './agreement.ts';
import { namesOf } from './comindware-instance.target.ts';

/** Production used as its own test, a way without its scripts, a machine that is no Windows. */
export function mistakesOf(plan: ComindwareInstancePlan): { path: PlanPath; message: string }[] {
  const found: { path: PlanPath; message: string }[] = [];
  const { update, machines } = plan;
  const [production, test] = [namesOf(plan.production), namesOf(plan.test)];
  const report = (path: PlanPath, message: string): void => void found.push({ path, message });
  for (const [place, { machine }] of [
    ['production', plan.production],
    ['test', plan.test],
  ] as const)
    if (Object.hasOwn(machines, machine) && machines[machine]?.os !== 'windows')
      report([place, 'machine'], 'expected a machine with `os: windows`: the instance runs in IIS');
  if (plan.production.machine !== plan.test.machine)
    report(['test', 'machine'], 'expected the machine of production: the copy is made on it');
  for (const key of ['name', 'site', 'main', 'config', 'database', 'logs'] as const)
    if (production[key].toLowerCase() === test[key].toLowerCase())
      report(['test', key], `the ${key} of the test instance is production’s own`);
  if (
    production.streams !== null &&
    test.streams !== null &&
    production.streams.toLowerCase() === test.streams.toLowerCase()
  )
    report(['test', 'streams'], 'the streams of the test instance are production’s own');
  if ((production.streams === null) !== (test.streams === null))
    report(['test', 'streams'], 'expected null exactly when production’s is null');
  for (const key of ['url', 'binding'] as const)
    if (
      plan.test[key].toLowerCase() === plan.production[key].toLowerCase() ||
      plan.test[key].toLowerCase() === plan.production.maintenance[key].toLowerCase()
    )
      report(['test', key], `the ${key} of the test instance is production’s own`);
  if (plan.production.maintenance.binding.toLowerCase() === plan.production.binding.toLowerCase())
    report(['production', 'maintenance', 'binding'], 'expected another binding than users have');
  if (production.pools.length !== test.pools.length)
    report(['test', 'pools'], `expected ${production.pools.length}: one for each of production’s`);
  for (const pool of test.pools)
    if (production.pools.includes(pool)) report(['test', 'pools'], `pool "${pool}" is production’s own`);
  for (const pool of plan.test.idle)
    if (!test.pools.includes(pool))
      report(['test', 'idle'], `"${pool}" is none of the test instance’s pools: ${test.pools.join(', ')}`);
  if (update.way === 'script' && update.scripts === undefined)
    report(['update', 'way'], 'expected `scripts` as well: the folder of instance_upgrade.ps1');
  found.push(...agreementMistakes(plan));
  return found;
}
