/** The steps that bring an infobase to a new release. */
import { NakatError } from '../../runbook/errors/index.ts';
import type { onecUpdateSteps as catalogue } from '../../runbook/steps/onec-update.ts';
import type { StepActivities } from '../step.ts';
import {
  checkFile,
  checkInstalled,
  differencesToVendor,
  updateDatabase,
  updateMain,
  type State,
} from './configuration.ts';
import { connectOnec } from './connect.ts';
import { checkJobs, switchOff, switchOn } from './exchange-jobs.ts';
import { answerOf, awaitDeferred, checkVersions, isYes, refresh, runHandlers } from './handlers.ts';

const facts = ({ name, vendor, version, data }: State) => ({
  name,
  vendor,
  version,
  data: data.version,
  deferred: data.deferred,
});

export const onecUpdateSteps: StepActivities<keyof typeof catalogue> = {
  checkConfiguration: async ({ infobase, name, version }, _uses, context) =>
    facts(await checkInstalled(await connectOnec(infobase, context), { name, version })),

  compareConfiguration: async ({ infobase, vendor }, _uses, context) =>
    differencesToVendor(await connectOnec(infobase, context), vendor),

  checkUpdateFile: async (params, _uses, context) => {
    const { target, from } = await checkFile(await connectOnec(params.infobase, context), params);
    return {
      file: params.file.path,
      version: target?.version ?? '',
      from: from?.map(({ version }) => version).join(', ') ?? '',
    };
  },

  checkSubscription: async ({ infobase, question }, _uses, context) => {
    const answer = await answerOf(await connectOnec(infobase, context), question);
    if (!isYes(answer)) throw new NakatError('SUBSCRIPTION_MISSING', { values: { infobase: infobase.name, answer } });
    return { answer };
  },

  updateConfiguration: async (params, _uses, context) => ({
    version: params.to,
    found: await updateMain(await connectOnec(params.infobase, context), params),
  }),

  updateDatabaseConfiguration: async (params, _uses, context) => {
    const said = await updateDatabase(await connectOnec(params.infobase, context), params);
    return { version: params.to, log: said.slice(-2000) };
  },

  runUpdateHandlers: async (params, _uses, context) =>
    facts(await runHandlers(await connectOnec(params.infobase, context), params)),

  awaitDeferredHandlers: async ({ infobase }, _uses, context) =>
    facts(await awaitDeferred(await connectOnec(infobase, context))),

  refreshInitialData: async (params, _uses, context) => ({
    version: await refresh(await connectOnec(params.infobase, context), params),
  }),

  checkConfigurationVersion: async (params, _uses, context) =>
    checkVersions(await connectOnec(params.infobase, context), params),

  checkExchangeJobs: async ({ infobase, jobs }, _uses, context) => ({
    jobs: await checkJobs(await connectOnec(infobase, context), jobs),
  }),

  switchOffExchangeJobs: async ({ infobase, jobs }, _uses, context) =>
    switchOff(await connectOnec(infobase, context), jobs),

  switchOnExchangeJobs: async ({ infobase }, { before }, context) => {
    await switchOn(await connectOnec(infobase, context), before);
    return null;
  },
};
