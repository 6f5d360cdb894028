import { z } from 'zod';
import { infobase } from '../targets/index.ts';
import { defineStep } from './define.ts';

const hour = 3600;

export const onecSteps = {
  /** Programs of the platform are there and answer, the infobase opens, its generation is read. */
  checkInfobase: defineStep({
    title: { en: 'Check infobase {infobase}', ru: 'Проверить базу 1С {infobase}' },
    params: z.strictObject({ infobase }),
    uses: {},
    returns: 'Facts',
    effect: 'reads',
    expected: 10,
    timeout: 600,
    onFailure: 'stop',
  }),
  backUpInfobase: defineStep({
    title: { en: 'Back up infobase {infobase}', ru: 'Сделать копию базы 1С {infobase}' },
    params: z.strictObject({ infobase }),
    uses: {},
    returns: 'Backup',
    effect: 'writes',
    leavesData: true,
    expected: 900,
    timeout: 8 * hour,
    onFailure: 'stop',
  }),
  restoreInfobase: defineStep({
    title: { en: 'Restore infobase {infobase}', ru: 'Развернуть базу 1С {infobase}' },
    params: z.strictObject({ infobase, replace: z.boolean() }),
    uses: { backup: 'Backup' },
    returns: 'Nothing',
    effect: 'writes',
    expected: 1200,
    timeout: 8 * hour,
    onFailure: 'stop',
  }),
  /** Denies new sessions and scheduled jobs, ends the sessions there are, and proves that none is left. */
  lockInfobase: defineStep({
    title: { en: 'Lock infobase {infobase}', ru: 'Заблокировать базу 1С {infobase}' },
    params: z.strictObject({ infobase, message: z.string() }),
    uses: {},
    returns: 'LockState',
    effect: 'writes',
    leavesData: true,
    site: 'down',
    expected: 60,
    timeout: hour,
    onFailure: 'ask',
  }),
  /** Sessions may start again (integrations need them); scheduled jobs stay denied. */
  admitSessions: defineStep({
    title: {
      en: 'Admit sessions to infobase {infobase}, jobs still off',
      ru: 'Разрешить сеансы в базе 1С {infobase}, задания ещё выключены',
    },
    params: z.strictObject({ infobase }),
    uses: {},
    returns: 'Nothing',
    effect: 'writes',
    leavesData: true,
    expected: 5,
    timeout: 600,
    onFailure: 'ask',
  }),
  /** As it was before the lock. */
  unlockInfobase: defineStep({
    title: { en: 'Unlock infobase {infobase}', ru: 'Снять блокировку базы 1С {infobase}' },
    params: z.strictObject({ infobase }),
    uses: { lock: 'LockState?' },
    returns: 'Nothing',
    effect: 'writes',
    leavesData: true,
    site: 'up',
    expected: 5,
    timeout: 600,
    onFailure: 'ask',
  }),
  /** A test copy runs no scheduled job. */
  denyInfobaseJobs: defineStep({
    title: { en: 'Switch off scheduled jobs of {infobase}', ru: 'Выключить регламентные задания {infobase}' },
    params: z.strictObject({ infobase }),
    uses: {},
    returns: 'Nothing',
    effect: 'writes',
    expected: 5,
    timeout: 600,
    onFailure: 'stop',
  }),
};
