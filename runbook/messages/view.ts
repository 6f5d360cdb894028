/** What the live view of a run says. ICU MessageFormat. */
import type { Text } from '../types.ts';

export const viewTexts = {
  run: {
    en: 'run {run} · digest {digest} · started by {who}',
    ru: 'прогон {run} · отпечаток {digest} · начал(а) {who}',
  },
  stepsDone: {
    en: '{done} of {total, plural, one {# step} other {# steps}}',
    ru: '{done} из {total, plural, one {# шага} few {# шагов} many {# шагов} other {# шага}}',
  },
  notStarted: {
    en: '{total, plural, one {# step} other {# steps}}, about {time}',
    ru: '{total, plural, one {# шаг} few {# шага} many {# шагов} other {# шага}}, около {time}',
  },
  of: { en: '{spent} of ~{expected}', ru: '{spent} из ~{expected}' },
  about: { en: '~{time}', ru: '~{time}' },
  attempt: { en: 'try {attempt}', ru: 'попытка {attempt}' },
  skipped: { en: 'skipped', ru: 'пропущен' },
  cancelled: { en: 'called off', ru: 'прерван' },
  remaining: { en: 'Work left: about {time}', ru: 'Осталось работы: около {time}' },
  window: { en: 'Window: {opens} – {closes}', ru: 'Окно: {opens} – {closes}' },
  awaitsWindow: { en: 'Waiting for the window to open at {opens}', ru: 'Ожидается открытие окна в {opens}' },
  lastStart: { en: 'Production can start until {time}', ru: 'Начать обновление можно до {time}' },
  pointOfNoReturn: { en: 'Point of no return: {time} (in {left})', ru: 'Точка невозврата: {time} (через {left})' },
  pastNoReturn: { en: 'Point of no return passed at {time}', ru: 'Точка невозврата пройдена в {time}' },
  waits: { en: 'Waiting for a decision: {title}', ru: 'Ожидается решение: {title}' },
  deadline: { en: 'Until {time}; unanswered, then: {choice}', ru: 'До {time}; без ответа будет: {choice}' },
  answered: {
    en: '{have} of {needed} {needed, plural, one {person} other {people}} agreed: {who}',
    ru: 'Согласны {have} из {needed} {needed, plural, one {человека} few {человек} many {человек} other {человека}}: {who}',
  },
  mayDecide: { en: 'May decide: {who}', ru: 'Решать могут: {who}' },
  notInitiator: { en: 'Not {who}, who started the run', ru: 'Кроме начавшего прогон: {who}' },
  more: {
    en: '… {count, plural, one {# more line} other {# more lines}}: nakat status {system}',
    ru: '… ещё {count, plural, one {# строка} few {# строки} many {# строк} other {# строки}}: nakat status {system}',
  },
  toAnswer: { en: 'To answer:', ru: 'Чтобы ответить:' },
  cancelling: { en: '{who} asked to end the run {why}', ru: '{who} просит завершить прогон {why}' },
  decided: { en: 'Decided: {title}: {choice} ({who})', ru: 'Решено: {title}: {choice} ({who})' },
  byDeadline: { en: 'the deadline', ru: 'по сроку' },
  warning: { en: 'Warning: {text}', ru: 'Внимание: {text}' },
  outcome: { en: 'Outcome: {outcome}', ru: 'Итог: {outcome}' },
  whenItFailed: { en: 'When it failed (restored since):', ru: 'В момент сбоя (с тех пор восстановлено):' },
  checkPassed: {
    en: 'Outcome: the preflight found nothing in the way',
    ru: 'Итог: предварительная проверка препятствий не нашла',
  },
  offline: {
    en: 'No answer since {time}: {what}. The run keeps its place; looking again.',
    ru: 'Нет ответа с {time}: {what}. Прогон сохраняет своё место; проверяем снова.',
  },
  stageStarted: { en: 'Stage: {stage}', ru: 'Этап: {stage}' },
  stepStarted: { en: '{step}: started, about {time}', ru: '{step}: начат, около {time}' },
  stepDone: { en: '{step}: done in {time}', ru: '{step}: готово за {time}' },
  stepFailed: { en: '{step}: FAILED', ru: '{step}: НЕ УДАЛСЯ' },
  stepSkipped: { en: '{step}: skipped', ru: '{step}: пропущен' },
  stepCancelled: { en: '{step}: called off', ru: '{step}: прерван' },
} satisfies Record<string, Text>;

export const stageTexts = {
  preflight: { en: 'Preflight', ru: 'Предварительная проверка' },
  rehearsal: { en: 'Rehearsal', ru: 'Репетиция' },
  production: { en: 'Production', ru: 'Обновление' },
  acceptance: { en: 'Acceptance', ru: 'Приёмка' },
  closing: { en: 'Closing', ru: 'Завершение' },
  restore: { en: 'Restore', ru: 'Восстановление' },
} satisfies Record<string, Text>;

/** Where a run is, in a word. */
export const phaseTexts = {
  ...stageTexts,
  decision: { en: 'Waiting for a decision', ru: 'Ожидает решения' },
  window: { en: 'Waiting for the window', ru: 'Ожидает окна' },
  ended: { en: 'Ended', ru: 'Завершён' },
} satisfies Record<string, Text>;
