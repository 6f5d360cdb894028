/**
 * What 1C's COM connector gives, in small: an external connection of an infobase with the objects that updaters use. State is
 * that of the infobase; what a script changes is written when it has ended. A name that is not there is refused, as by the real one.
 * Follows: names of the platform's objects as public scripts call them through V83.COMConnector; common modules and what they
 * answer from БСП (1c-syntax/ssl_3_1). НачальныеДанные, Лицензирование and Подписка are modules of this lab's own product.
 */
import type { LabSession } from './cluster.ts';
import { readConfigurationFile, type Release } from './configuration.ts';
import type { Entry } from './event-log.ts';
import { isPending, refreshed } from './handlers.ts';
import { hashOf, type Model } from './model.ts';

export interface ComWorld {
  readonly model: Model;
  readonly sessions: readonly LabSession[];
  readonly log: readonly Entry[];
  readonly real: (path: string) => string;
  readonly licence: boolean;
  readonly subscription: boolean;
  /** Kept until the script has ended. */
  readonly change: (act: (model: Model) => Model) => void;
}

type Members = Record<string, unknown>;
class ComError extends Error {}

/** An object of COM: names without case, and nothing else than these. */
export function com(members: Members, set: (name: string, value: unknown) => boolean = () => false): unknown {
  const find = (name: string): string | undefined =>
    Object.keys(members).find((key) => key.toLowerCase() === name.toLowerCase());
  return new Proxy(members, {
    get(_target, name) {
      if (typeof name === 'symbol') return undefined;
      const known = find(name);
      if (known === undefined) throw new ComError(`Поле объекта не обнаружено (${name})`);
      return members[known];
    },
    set(_target, name, value) {
      const known = find(String(name));
      if (known === undefined || !set(known, value))
        throw new ComError(`Поле объекта недоступно для записи (${String(name)})`);
      members[known] = value;
      return true;
    },
  });
}

const array = (items: readonly unknown[]): unknown =>
  com({ Количество: () => items.length, Получить: (index: number) => items[index] });
const described = ({ name, vendor, version }: Pick<Release, 'name' | 'vendor' | 'version'>): unknown =>
  com({ Имя: name, Поставщик: vendor, Версия: version });

/** The `connection` that `Connect` returns. */
export function externalConnection(world: ComWorld): unknown {
  const { model, change } = world;
  const { database } = model;
  return com({
    Метаданные: described(database),
    КонфигурацияИзменена: () => model.pending !== null,
    String: (value: unknown) => String(value),
    Base64Строка: (value: unknown) => String(value),
    Константы: com(Object.fromEntries(Object.entries(model.constants).map(([name, value]) => [name, com({ Получить: () => value })]))),
    ОбновлениеИнформационнойБазы: com({
      НеобходимоОбновлениеИнформационнойБазы: () => isPending(model),
      ВерсияИБ: (name: string) => (name === database.name ? model.dataVersion : '0.0.0.0'),
      СтатусОтложенногоОбновления: () => (model.deferred.length === 0 ? '' : (model.constants['СостояниеОтложенных'] ?? 'СтатусНеВыполнено')),
    }),
    НачальныеДанные: com({ Версия: () => model.constants['ВерсияНачальныхДанных'] ?? '', Обновить: () => change(refreshed) }),
    Лицензирование: com({ КлючЗарегистрирован: (_product: string) => world.licence }),
    Подписка: com({ Действует: () => world.subscription }),
    РегламентныеЗадания: com({ ПолучитьРегламентныеЗадания: () => array(model.jobs.map((job) => scheduledJob(job, change))) }),
    СостояниеФоновогоЗадания: com({ Активно: 'Активно' }),
    ФоновыеЗадания: com({ ПолучитьФоновыеЗадания: () => array(world.sessions.filter(({ app }) => app === 'BackgroundJob').map(({ job }) => com({ РегламентноеЗадание: job === undefined ? null : com({ Метаданные: com({ Имя: job }) }) }))) }),
    УровеньЖурналаРегистрации: com({ Ошибка: 'Ошибка', Информация: 'Информация' }),
    ВыгрузитьЖурналРегистрации: (table: unknown, filter: Partial<Entry> & { ДатаНачала?: Date }, columns: string) => unload(world.log, table, filter, columns),
    РасширенияКонфигурации: com({ Получить: (filter?: { Имя?: string }) => array(extensions(world).filter(({ name }) => filter === undefined || name === filter.Имя).map(({ object }) => object)) }),
    NewObject: (type: string, ...values: unknown[]) => newObject(world, type, values),
  }); // prettier-ignore
}

function scheduledJob(job: Model['jobs'][number], change: ComWorld['change']): unknown {
  const members: Members = {
    Метаданные: com({ Имя: job.name }), УникальныйИдентификатор: job.id, Использование: job.use,
    Записать: () => change((model) => ({ ...model, jobs: model.jobs.map((one) => (one.id === job.id ? { ...one, use: members['Использование'] as boolean } : one)) })),
  }; // prettier-ignore
  return com(members, (name, value) => name === 'Использование' && typeof value === 'boolean');
}

function extensions({ model, change }: ComWorld): { name: string; object: unknown }[] {
  return model.extensions.map(({ content, ...flags }) => {
    const members: Members = {
      Имя: content.name, Версия: content.version, Активно: flags.active, БезопасныйРежим: flags.safeMode, ХешСумма: hashOf(content),
      ЗащитаОтОпасныхДействий: protection(flags.unsafeActionProtection),
      Записать: () => change((now) => ({ ...now, extensions: now.extensions.map((one) => (one.content.name === content.name ? {
        ...one, safeMode: members['БезопасныйРежим'] as boolean,
        unsafeActionProtection: (members['ЗащитаОтОпасныхДействий'] as Record<string, boolean>)['ПредупреждатьОбОпасныхДействиях'] ?? true,
      } : one)) })),
    }; // prettier-ignore
    return {
      name: content.name,
      object: com(members, (name) => name === 'БезопасныйРежим' || name === 'ЗащитаОтОпасныхДействий'),
    };
  });
}

const protection = (on: boolean): unknown => com({ ПредупреждатьОбОпасныхДействиях: on }, () => true);

function newObject(world: ComWorld, type: string, values: readonly unknown[]): unknown {
  const file = (value: unknown) => readConfigurationFile(world.real(String((value as { path: string }).path)));
  switch (type) {
    case 'Структура': return structure(values);
    case 'ТаблицаЗначений': return valueTable();
    case 'ДвоичныеДанные': return { path: values[0] };
    case 'ОписаниеЗащитыОтОпасныхДействий': return protection(true);
    case 'Запрос': return query(world.model);
    case 'ОписаниеКонфигурации': {
      const read = file(values[0]);
      if (read?.kind !== 'cf') throw new ComError('Данные не содержат описания конфигурации');
      return described(read.release);
    }
    case 'ОписаниеОбновленияКонфигурации': {
      const read = file(values[0]);
      if (read?.kind !== 'cfu') throw new ComError('Данные не содержат описания обновления конфигурации');
      const { release, from } = read;
      return com({ ИсходныеКонфигурации: array(from.map((version) => described({ ...release, version }))), ЦелеваяКонфигурация: described(release) });
    }
    default: throw new ComError(`Тип не определен (${type})`);
  } // prettier-ignore
}

function structure([names, ...values]: readonly unknown[]): unknown {
  const fields: Members = names === undefined ? {} : Object.fromEntries(String(names).split(',').map((name, index) => [name.trim(), values[index]])); // prettier-ignore
  return Object.defineProperty(fields, 'Вставить', {
    value: (name: string, value: unknown) => void (fields[name] = value),
  });
}

const tables = new WeakMap<object, unknown[]>();
function valueTable(): unknown {
  const rows: unknown[] = [];
  const table = array(rows) as object;
  tables.set(table, rows);
  return table;
}

/** Entries from a moment on and of a level, with the columns that were asked for. */
function unload(
  log: readonly Entry[],
  table: unknown,
  { Уровень, ДатаНачала }: Partial<Entry> & { ДатаНачала?: Date },
  columns: string,
): void {
  const rows = tables.get(table as object);
  if (!rows) throw new ComError('Несоответствие типов (параметр номер 1)');
  const wanted = log.filter((one) => (Уровень === undefined || one.Уровень === Уровень) && (ДатаНачала === undefined || +one.Дата >= +ДатаНачала)); // prettier-ignore
  rows.push(
    ...wanted.map((one) => com(Object.fromEntries(columns.split(',').map((name) => [name, one[name as keyof Entry]])))),
  );
}

/** One constant, which is what products keep such versions in. */
function query({ constants }: Model): unknown {
  const members: Members = {
    Текст: '',
    Выполнить: () => {
      const name =
        /^\s*ВЫБРАТЬ\s+Константы\.([\p{L}\d_]+)(?:\s+КАК\s+[\p{L}\d_]+)?\s+ИЗ\s+Константы(?:\s+КАК\s+Константы)?\s*$/iu.exec(
          String(members['Текст']),
        )?.[1];
      if (name === undefined || constants[name] === undefined)
        throw new ComError(`{(1, 1)}: Поле не найдено "${name ?? members['Текст']}"`);
      return com({ Выгрузить: () => array([array([constants[name]])]) });
    },
  };
  return com(members, (name) => name === 'Текст');
}
