/**
 * User mode in batch (`1cv8 ENTERPRISE … /C"…"`): update handlers and the product's own start parameters.
 * Follows БСП (1c-syntax/ssl_3_1): keywords joined by `;`, unknown ones are passed over without a word; handlers take the infobase
 * for themselves; main handlers first, then the version of the data moves, deferred ones wait for background jobs or are
 * run at once when `ВыполнитьОтложенноеОбновлениеСейчас` is given. Without a word that ends it the client stays open.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { compareVersions } from '../../runbook/versions.ts';
import type { DataPlace } from './data.ts';
import { writeEvent } from './event-log.ts';
import { changeModel, readModel, type Model, type Touch } from './model.ts';
import { infobaseTables } from './seed.ts';

export interface ClientStart {
  readonly place: DataPlace;
  readonly command: string;
  /** An external data processor: here it may only be there. */
  readonly execute: string | undefined;
  readonly duration: number;
  readonly signal: AbortSignal;
  readonly fails: boolean;
  readonly hangs: boolean;
}

/** Returns when the client has ended; a failed handler is told of in the data and in the event log only. */
export async function runClient(start: ClientStart): Promise<void> {
  const words = start.command.split(';').map((word) => word.trim());
  const has = (word: string): boolean => words.includes(word);
  const quits = has('ВыполнитьОбновлениеИЗавершитьРаботу') || has('ЗавершитьРаботуСистемы');
  if (has('ВыполнитьОбновлениеИЗавершитьРаботу') || has('ЗапуститьОбновлениеИнформационнойБазы'))
    await runHandlers(start, has('ВыполнитьОтложенноеОбновлениеСейчас'));
  if (has('ОбновитьНачальныеДанные')) await changeModel(start.place, (model) => [refreshed(model), undefined]);
  if (!quits || start.hangs) {
    // It may have been ended while it was still at work.
    start.signal.throwIfAborted();
    await new Promise((_, stop) =>
      start.signal.addEventListener('abort', () => stop(start.signal.reason), { once: true }),
    );
  }
}

export const refreshed = (model: Model): Model => ({
  ...model,
  constants: { ...model.constants, ВерсияНачальныхДанных: model.database.initialData },
});

export const isPending = ({ dataVersion, database }: Model): boolean =>
  compareVersions(database.version, dataVersion) !== 0;

async function runHandlers(
  { place, duration, signal, fails, hangs }: ClientStart,
  deferredNow: boolean,
): Promise<void> {
  const first = await readModel(place);
  const due = first.database.handlers.filter(({ version }) => compareVersions(version, first.dataVersion) > 0);
  for (const [index, { name }] of due.filter(({ deferred }) => !deferred).entries()) {
    if (hangs && index === 1) return;
    await sleep(duration / due.length, undefined, { signal });
    if (fails && index === 1) {
      const comment = `Не удалось выполнить обработчик обновления "${name}":\n{ОбщийМодуль.ОбновлениеКонтактов.Модуль(118)}: Деление на 0`;
      return writeEvent(place, { Уровень: 'Ошибка', Событие: 'Обновление информационной базы', Комментарий: comment });
    }
    await changeModel(place, (model, touch) => [
      model.done.includes(name) ? model : ran(model, name, touch),
      undefined,
    ]);
  }
  await changeModel(place, (model) => {
    if (!isPending(model)) return [model, undefined];
    const deferred = due.filter((one) => one.deferred).map(({ name }) => name);
    return [
      { ...model, dataVersion: model.database.version, done: [], deferred: [...model.deferred, ...deferred] },
      undefined,
    ];
  });
  while (deferredNow && (await runDeferred(place))) await sleep(duration / 10, undefined, { signal });
}

/** Runs the next deferred handler; false: there is none. */
export const runDeferred = (place: DataPlace): Promise<boolean> =>
  changeModel(place, (model, touch) => {
    const [name, ...rest] = model.deferred;
    return name === undefined
      ? [model, false]
      : [{ ...ran(model, name, touch), done: model.done, deferred: rest }, true];
  });

function ran(model: Model, name: string, touch: Touch): Model {
  touch(infobaseTables.contacts, '_description', ` [${name}]`);
  return { ...model, done: [...model.done, name] };
}
