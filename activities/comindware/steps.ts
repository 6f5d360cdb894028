/** The steps on Comindware instances. */
import type { comindwareSteps as catalogue } from '../../runbook/steps/comindware.ts';
import { proved } from '../proof.ts';
import type { StepActivities } from '../step.ts';
import { checkInstance, proveHarmless, roomOf } from './check.ts';
import { createConfiguration, removeConfiguration } from './config.ts';
import { create } from './create.ts';
import { openInstance } from './instance.ts';
import { backUp, compare, restore } from './point.ts';
import { awaitLogin, awaitReady, start, stop } from './run.ts';
import { awaitUpgrades, runUpgrade } from './upgrade.ts';

export const comindwareSteps: StepActivities<keyof typeof catalogue> = {
  checkInstance: async ({ instance, version, hops }, _uses, context) =>
    checkInstance(await openInstance(instance, context), version, hops),
  checkInstanceRoom: async ({ instance, points }, _uses, context) => ({
    places: await roomOf(await openInstance(instance, context), points),
  }),
  backUpRunningInstance: async ({ instance }, _uses, context) => {
    const opened = await openInstance(instance, context);
    try {
      await stop(opened);
      return await backUp(opened, context);
    } finally {
      // Also when the copy failed or was given up: people are waiting for it.
      await start(opened);
      await awaitLogin(opened, { ...context, signal: new AbortController().signal });
    }
  },
  createInstance: async ({ instance, from, set }, { backup }, context) =>
    create(await openInstance(instance, context), from, set, backup, context),
  proveInstanceHarmless: async ({ instance, production, forbidden }, _uses, context) =>
    proveHarmless(await openInstance(instance, context), production, forbidden, context),
  closeInstance: async ({ instance }, _uses, context) => {
    await (await openInstance(instance, context)).iis.setBindings(instance.site, instance.maintenanceBinding);
    return null;
  },
  openInstance: async ({ instance }, _uses, context) => {
    await (await openInstance(instance, context)).iis.setBindings(instance.site, instance.binding);
    return null;
  },
  stopInstance: async ({ instance }, _uses, context) => {
    const opened = await openInstance(instance, context);
    await awaitUpgrades(opened, context);
    return stop(opened);
  },
  backUpInstance: async ({ instance }, _uses, context) => backUp(await openInstance(instance, context), context),
  removeInstanceConfiguration: async ({ instance }, { backup }, context) => {
    await removeConfiguration(await openInstance(instance, context), backup);
    return null;
  },
  createInstanceConfiguration: async ({ instance, version, links }, { backup }, context) =>
    createConfiguration(await openInstance(instance, context), version, links, backup),
  runInstanceUpgrade: async ({ instance, version, script }, { backup }, context) =>
    runUpgrade(await openInstance(instance, context), version, script, backup, context),
  startInstance: async ({ instance }, _uses, context) => {
    await start(await openInstance(instance, context));
    return null;
  },
  waitForInstance: async ({ instance, version, seconds }, { marks }, context) => ({
    version,
    seconds: await awaitReady(await openInstance(instance, context), version, seconds, marks, context),
  }),
  restoreInstance: async ({ instance }, { backup }, context) => {
    await restore(await openInstance(instance, context), backup, context);
    return null;
  },
  proveInstanceRestored: async ({ instance }, { backup }, context) => {
    const lines = await compare(await openInstance(instance, context), backup);
    return proved(lines, instance.name, context);
  },
};
