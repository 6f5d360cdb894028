/** The steps on extensions of an infobase. */
import { NakatError } from '../../runbook/errors/index.ts';
import type { onecExtensionSteps as catalogue } from '../../runbook/steps/onec-extension.ts';
import type { StepActivities } from '../step.ts';
import { connectInfobase, connectOnec } from './connect.ts';
import { checkApplies, demand, install, proveBack, putBack, readExtension, save, savedState } from './extension.ts';
import { answerOf, isYes } from './handlers.ts';

export const onecExtensionSteps: StepActivities<keyof typeof catalogue> = {
  checkExtension: async ({ infobase, extension, version }, _uses, context) => {
    const onec = await connectOnec(infobase, context);
    const state = await readExtension(onec, extension);
    if (version !== null && (state?.version ?? '') !== version)
      throw new NakatError('EXTENSION_OTHER', {
        values: { infobase: infobase.name, extension, version: state?.version ?? '—', wanted: version || '—' },
        where: onec.machine.name,
      });
    return state === null ? { installed: false } : { installed: true, ...state };
  },

  checkLicenceKey: async ({ infobase, product, question }, _uses, context) => {
    const answer = await answerOf(await connectOnec(infobase, context), question);
    if (!isYes(answer))
      throw new NakatError('LICENCE_KEY_MISSING', { values: { infobase: infobase.name, product, answer } });
    return { registered: true };
  },

  checkExtensionApplies: async ({ infobase, extension, file }, _uses, context) => {
    await checkApplies(await connectOnec(infobase, context), extension, file);
    return { applies: true };
  },

  backUpExtension: async ({ infobase, extension }, _uses, context) =>
    save(await connectOnec(infobase, context), extension),

  installExtension: async ({ infobase, extension, file, version, flags }, { before }, context) => {
    const onec = await connectOnec(infobase, context);
    const was = before === undefined ? null : (await savedState(onec, before)).state;
    return {
      ...(await install(
        onec,
        extension,
        file,
        version,
        was === null ? flags : { safeMode: was.safeMode, unsafeActionProtection: was.unsafeActionProtection },
      )),
    };
  },

  restoreExtension: async ({ infobase, extension }, { backup }, context) => {
    await putBack(await connectOnec(infobase, context), extension, backup);
    return null;
  },

  proveExtension: async ({ infobase, extension, version }, { before }, context) => {
    const onec = await connectOnec(infobase, context);
    const was = before === undefined ? null : (await savedState(onec, before)).state;
    return {
      ...(await demand(
        onec,
        extension,
        version,
        was === null ? null : { safeMode: was.safeMode, unsafeActionProtection: was.unsafeActionProtection },
      )),
    };
  },

  proveExtensionRestored: async ({ infobase, extension }, { backup }, context) => ({
    lines: await proveBack(await connectOnec(infobase, context), extension, backup),
  }),

  announceLock: async ({ infobase, message, seconds }, _uses, context) =>
    (await connectInfobase(infobase, context)).announce(message, seconds),
};
