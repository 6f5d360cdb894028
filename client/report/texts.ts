import type { ReportOutcome, StepOutcome } from '../../runbook/report.ts';
import type { EditedFile } from '../../runbook/results.ts';
import type { StageName, Text } from '../../runbook/types.ts';

const t = (en: string, ru: string): Text => ({ en, ru });

export const texts = {
  report: t('Update report', 'Отчёт об обновлении'),
  proved: t('every line is as it was', 'каждая строка как прежде'),
  notProved: t('the old state is not proved', 'прежнее состояние не доказано'),
  update: t('Update', 'Обновление'),
  run: t('Run', 'Прогон'),
  initiator: t('Started by', 'Запустил'),
  began: t('Began', 'Начало'),
  ended: t('Ended', 'Конец'),
  took: t('Took', 'Длительность'),
  downtime: t('Downtime', 'Простой'),
  window: t('Window', 'Окно'),
  pointOfNoReturn: t('Point of no return', 'Точка невозврата'),
  estimated: t('Expected, as approved', 'Ожидалось при одобрении'),
  production: t('production', 'обновление'),
  restore: t('restore', 'восстановление'),
  digest: t('Digest of the runbook', 'Отпечаток сценария'),
  archive: t('Archive', 'Архив'),
  reason: t('Why', 'Причина'),
  whenItFailed: t('When it failed:', 'В момент сбоя:'),
  sinceProved: t(
    'Since then production was restored, and the old state proved.',
    'После этого рабочая система восстановлена, прежнее состояние доказано.',
  ),
  sinceNotProved: t(
    'Since then production was restored; that the old state is back is not proved.',
    'После этого рабочая система восстановлена; прежнее состояние не доказано.',
  ),
  todo: t('What to do', 'Что делать'),
  next: t('What to do next', 'Что делать дальше'),
  warnings: t('Warnings', 'Предупреждения'),
  timeline: t('Timeline', 'Ход'),
  timelineNote: t(
    'Long waits are cut short. Red ground: users were out. Lozenge: a decision. Dashed: the window; dashed red: the point of no return.',
    'Долгие ожидания сокращены. Красный фон — пользователи не могли работать. Ромб — решение, пунктир — окно, красный пунктир — точка невозврата.',
  ),
  waited: t('waited {time}', 'ожидание {time}'),
  steps: t('Steps', 'Шаги'),
  step: t('Step', 'Шаг'),
  start: t('Start', 'Начало'),
  seconds: t('Time', 'Время'),
  attempts: t('Tries', 'Попытки'),
  outcome: t('Outcome', 'Итог'),
  decisions: t('Decisions', 'Решения'),
  noDecisions: t('No decision was asked for.', 'Решений не требовалось.'),
  undecided: t('not decided', 'не принято'),
  byDeadline: t('nobody answered by {time}: taken at the deadline', 'к {time} никто не ответил: принято по сроку'),
  refused: t('Did not count', 'Не учтено'),
  link: t('Link of the chain', 'Звено цепочки'),
  proof: t('Proof of the restore', 'Доказательство восстановления'),
  what: t('What', 'Что'),
  before: t('Before', 'До'),
  after: t('After', 'После'),
  difference: t('Difference', 'Отличие'),
  pages: t('Pages before and after', 'Страницы до и после'),
  picturesAway: t(
    'The pictures are on the machine of the worker, or no longer as they were taken: make the report there to see them.',
    'Снимки находятся на машине исполнителя либо изменены с момента съёмки: чтобы увидеть их, создайте отчёт там.',
  ),
  pictureAway: t(
    'left out: too large, or no longer as it was taken',
    'не включён: слишком велик либо изменён с момента съёмки',
  ),
  letPass: t('Let pass by a person in the rehearsal:', 'Принято человеком на репетиции:'),
  same: t('the same', 'совпадает'),
  different: t('different', 'отличается'),
  edits: t('The customer’s edits', 'Правки заказчика'),
  noEdits: t('The customer had edited nothing.', 'Правок заказчика не было.'),
  file: t('File', 'Файл'),
  became: t('What became of it', 'Что с ним стало'),
  decidedBy: t('Decided by', 'Кто решил'),
  movedFrom: t('before: {path}', 'прежде: {path}'),
  remembered: t('decided in an earlier update', 'решено при прежнем обновлении'),
  moreEdits: t('The first {shown} of {total}; all are in {place}', 'Первые {shown} из {total}; все — в {place}'),
  allEdits: t('Worked out in {place}', 'Подробно: {place}'),
  noProof: t('No comparison was finished.', 'Сверка не завершена.'),
  backups: t('Backups', 'Резервные копии'),
  place: t('Place', 'Место'),
  machine: t('Machine', 'Машина'),
  size: t('Size', 'Размер'),
  verified: t('Verified by', 'Проверено'),
  lost: t('Notifications that did not arrive', 'Недоставленные уведомления'),
  seal: t(
    'Seal {seal}. Each decision holds the hash of the one before. Kept elsewhere, the seal shows that no decision was changed since; it is no signature and does not prove who decided.',
    'Печать {seal}. Каждое решение содержит хэш предыдущего. Сохранённая отдельно, печать показывает, что решения с тех пор не менялись; это не подпись, и личность решившего она не доказывает.',
  ),
  times: t('Times: {zone}', 'Время: {zone}'),
} satisfies Record<string, Text>;

export const outcomeTexts: Record<ReportOutcome, Text> = {
  updated: t('Updated and verified', 'Обновлено и проверено'),
  restored: t('Restored', 'Восстановлено'),
  stopped: t('Stopped, production untouched', 'Остановлено, рабочая система не тронута'),
  'handed-over': t('Handed over to an operator', 'Передано оператору'),
  going: t('Still going: how it stands now', 'Ещё идёт: так обстоят дела сейчас'),
};

export const stepTexts: Record<StepOutcome, Text> = {
  done: t('done', 'готово'),
  failed: t('failed', 'сбой'),
  skipped: t('skipped', 'пропущен'),
  'not-run': t('not run', 'не запускался'),
  cancelled: t('cancelled', 'отменён'),
};

export const stageTexts: Record<StageName, Text> = {
  preflight: t('Preflight', 'Проверки'),
  rehearsal: t('Rehearsal', 'Репетиция'),
  production: t('Production', 'Рабочая система'),
  acceptance: t('Acceptance', 'Приёмка'),
  closing: t('Closing', 'Завершение'),
  restore: t('Restore', 'Восстановление'),
};

export const fateTexts: Record<EditedFile['fate'], Text> = {
  resolved: t('in conflict with the new version: a person decided', 'конфликт с новой версией: решил человек'),
  merged: t('merged by lines with the new version', 'слит по строкам с новой версией'),
  moved: t('moved by the customer, the vendor’s content', 'перенесён заказчиком, содержимое поставщика'),
  'edit-kept': t('as the customer has it', 'как у заказчика'),
  'added-by-customer': t('added by the customer, kept', 'добавлен заказчиком, сохранён'),
  'removed-by-customer': t('removed by the customer, stays removed', 'удалён заказчиком, не возвращён'),
  'same-in-both': t('the same edit is in the new version', 'та же правка есть в новой версии'),
};

/** Sides by the words of `choices.yaml`. */
export const sideTexts: Record<string, Text> = {
  ours: t('the customer’s file (ours)', 'файл заказчика (ours)'),
  theirs: t('the vendor’s new file (theirs)', 'новый файл поставщика (theirs)'),
  edited: t('edited by hand (edited)', 'исправлен вручную (edited)'),
  lines: t('the same lines as decided before', 'те же строки, что решены прежде'),
};
