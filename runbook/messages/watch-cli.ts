/** What `nakat watch` says. ICU MessageFormat. */
import type { Text } from '../types.ts';

export const watchCommandTexts = {
  watch: {
    en: 'Look for updates of a plan’s system from time to time, and ask before one is installed',
    ru: 'Время от времени искать обновления системы из плана и спрашивать, прежде чем ставить',
  },
  list: { en: 'What is watched, and what the last looks found', ru: 'За чем следят и что нашли последние проверки' },
  pause: { en: 'Look no more until resumed', ru: 'Не проверять, пока не возобновят' },
  resume: { en: 'Look again', ru: 'Проверять снова' },
  remove: {
    en: 'End a watch and forget what it knows; a run that it started goes on',
    ru: 'Прекратить слежение и забыть, что оно знает; начатый им прогон продолжится',
  },
  'run-now': { en: 'Look now', ru: 'Проверить сейчас' },
} satisfies Record<string, Text>;

export const watchOptionTexts = {
  again: {
    en: 'forget what was refused and seen: ask again',
    ru: 'забыть отклонённое и виденное: спросить снова',
  },
  timeout: {
    en: 'wait at most so many seconds for the look to end',
    ru: 'ждать конца проверки не дольше стольких секунд',
  },
  system: { en: 'name of the system', ru: 'имя системы' },
} satisfies Record<string, Text>;

export const watchCliTexts = {
  made: { en: '{system} is watched from now on.', ru: 'За {system} теперь следят.' },
  changed: {
    en: 'The watch of {system} is as the plan says now; what was refused stays refused.',
    ru: 'Слежение за {system} теперь такое, как в плане; отклонённое остаётся отклонённым.',
  },
  removed: { en: '{system} is watched no more.', ru: 'За {system} больше не следят.' },
  none: { en: 'Nothing is watched.', ru: 'Ни за чем не следят.' },
  next: { en: 'next look {time}', ru: 'следующая проверка {time}' },
  paused: { en: 'paused {note}', ru: 'приостановлено {note}' },
  looking: { en: 'looking now', ru: 'идёт проверка' },
  never: { en: 'not looked yet', ru: 'ещё не проверяли' },
  looked: { en: 'looked {time}; installed: {installed}', ru: 'проверено {time}; установлено: {installed}' },
  lookedNone: { en: 'looked {time}; not installed yet', ru: 'проверено {time}; ещё не установлено' },
  lookedUnknown: {
    en: 'looked {time}; what is installed was not read',
    ru: 'проверено {time}; установленная версия не прочитана',
  },
  nothing: { en: 'nothing newer', ru: 'ничего новее' },
  going: {
    en: '{version} is offered: `nakat status {system}` shows it, `nakat approve {system}` or `nakat reject {system}` answers',
    ru: 'Предложена {version}: её покажет `nakat status {system}`, ответить: `nakat approve {system}` или `nakat reject {system}`',
  },
  updated: { en: '{version} was offered and is installed', ru: 'Предложенная {version} установлена' },
  refused: {
    en: '{version} was refused; only a newer one is offered (`nakat watch run-now {system} --again` asks again)',
    ru: '{version} отклонена; предложена будет только более новая (`nakat watch run-now {system} --again` спросит снова)',
  },
  stopped: {
    en: 'the run of {version} stopped before production: `nakat report {system}`',
    ru: 'прогон {version} остановлен до рабочей системы: `nakat report {system}`',
  },
  failed: {
    en: 'the run of {version} did not go well: `nakat report {system}`; only a newer one is offered',
    ru: 'прогон {version} не удался: `nakat report {system}`; предложена будет только более новая',
  },
  stillLooking: { en: 'The look goes on: nakat watch list', ru: 'Проверка продолжается: nakat watch list' },
} satisfies Record<string, Text>;
