/** Plan entries with names of machines → whole targets, as steps carry them. */
import type { z } from 'zod';
import { PlanMistakeAt } from '../recipe.ts';
import type { DatabaseTarget, InfobaseTarget, MachineTarget, SiteTarget } from '../targets/index.ts';
import type { database, infobase, machine, site, webDatabase } from './common.ts';

type OnecDatabase = NonNullable<InfobaseTarget['database']>;
type Machines = Readonly<Record<string, z.infer<typeof machine>>>;

/** Where a plan names a machine that it does not describe: the path of the name. */
export class UnknownMachine extends PlanMistakeAt {
  constructor(path: readonly string[], name: string, known: readonly string[]) {
    super(path, `unknown machine "${name}"; machines of this plan: ${known.join(', ')}`);
  }
}

export const resolver = (machines: Machines) => {
  const machineOf = (name: string, path: readonly string[]): MachineTarget => {
    const found = Object.hasOwn(machines, name) ? machines[name] : undefined;
    if (!found) throw new UnknownMachine([...path, 'machine'], name, Object.keys(machines));
    return { ...found, name };
  };
  function databaseOf(plan: z.infer<typeof database>, path: readonly string[]): OnecDatabase;
  function databaseOf(plan: z.infer<typeof database | typeof webDatabase>, path: readonly string[]): DatabaseTarget;
  function databaseOf(plan: z.infer<typeof database | typeof webDatabase>, path: readonly string[]): DatabaseTarget {
    return plan.engine === 'sqlserver' ? plan : { ...plan, machine: machineOf(plan.machine, path) };
  }
  return {
    machine: machineOf,
    database: databaseOf,
    infobase: (plan: z.infer<typeof infobase>, path: readonly string[]): InfobaseTarget => {
      const { database: own, ...rest } = plan;
      return {
        ...rest,
        machine: machineOf(plan.machine, path),
        ...(own ? { database: databaseOf(own, [...path, 'database']) } : {}),
      };
    },
    site: (plan: z.infer<typeof site>, path: readonly string[]): SiteTarget => {
      const { maintenance, ...rest } = plan;
      return {
        ...rest,
        machine: machineOf(plan.machine, path),
        publicUrl: plan.url,
        maintenanceBinding: maintenance?.binding ?? plan.binding,
      };
    },
  };
};

/** The same site, talked to at the address that is left while users are kept out. */
export const inMaintenance = (target: SiteTarget, plan: z.infer<typeof site>): SiteTarget => ({
  ...target,
  url: plan.maintenance?.url ?? target.url,
});
