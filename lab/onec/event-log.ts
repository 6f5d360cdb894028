/** The event log of infobases. It lies beside an infobase and not in it (`1Cv8Log`): a restore of the data leaves it as it is. */
import type { DataPlace } from './data.ts';

export interface Entry {
  readonly Дата: Date;
  readonly Уровень: 'Ошибка' | 'Информация';
  readonly Событие: string;
  readonly Комментарий: string;
}

const logs = new Map<string, Entry[]>();
const keyOf = (place: DataPlace): string =>
  place.kind === 'file' ? place.folder : `${place.database.host}:${place.database.port}/${place.database.name}`;

export const eventLog = (place: DataPlace): readonly Entry[] => logs.get(keyOf(place)) ?? [];

export function writeEvent(place: DataPlace, entry: Omit<Entry, 'Дата'>): void {
  logs.set(keyOf(place), [...eventLog(place), { Дата: new Date(), ...entry }]);
}
