import { nameFor, type StepActivities } from '../step.ts';
import { machineFor } from './pool.ts';

export const machineSteps: StepActivities<'reachMachine'> = {
  reachMachine: async ({ machine: target }, _uses, context) => {
    const machine = await machineFor(target, context);
    const probe = machine.join(machine.work, nameFor(context, '.reach'));
    await machine.writeFile(probe, context.step);
    await machine.remove(probe);
    const free = await machine.freeSpace(machine.work);
    return { machine: machine.name, os: machine.os, work: machine.work, free };
  },
};
