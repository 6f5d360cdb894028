/** A configuration and its releases, as files of the practice ground. */
import { join } from 'node:path';
import {
  writeConfigurationFile,
  type Configuration,
  type ExtensionContent,
  type Release,
} from '../../../lab/onec/configuration.ts';
import { newModel, type Model } from '../../../lab/onec/model.ts';

export const exchangeJob = 'ОбменССайтом';
const objects = { 'Справочник.Контакты': 'v1', 'Документ.Заказ': 'v1', 'ОбщийМодуль.Обмен': 'v1' };

export function release(version: string, change: Partial<Release> = {}): Release {
  return {
    name: 'Торговля', vendor: 'Поставщик', version, initialData: version, jobs: [exchangeJob, 'ЗагрузкаКурсов'],
    objects: version === '3.1.0.1' ? objects : { ...objects, 'Справочник.Контакты': version, 'Отчет.Продажи': version },
    handlers: version === '3.1.0.1' ? [] : [
      { version, name: `${version}-контакты`, deferred: false }, { version, name: `${version}-заказы`, deferred: false }, { version, name: `${version}-отложенный`, deferred: true },
    ],
    ...change,
  }; // prettier-ignore
}

export const installed: Configuration = { ...release('3.1.0.1'), support: { objects, editable: true } };
export const startModel = (change: Partial<Model> = {}): Model => ({
  ...newModel(installed, { ЛицензионныйКлюч: 'MIKO-1' }),
  ...change,
});

export const crm = (version: string, borrows: readonly string[] = ['Справочник.Контакты']): ExtensionContent => ({
  name: 'CRM',
  version,
  borrows,
  text: `модуль ${version}`,
});

/** Files of the releases in a folder, by name. */
export function releaseFiles(folder: string) {
  const file = (name: string): string => join(folder, name);
  writeConfigurationFile(file('3.2.0.1.cfu'), {
    kind: 'cfu',
    release: release('3.2.0.1'),
    from: ['3.1.0.1', '3.1.0.9'],
  });
  writeConfigurationFile(file('3.3.0.1.cfu'), { kind: 'cfu', release: release('3.3.0.1'), from: ['3.2.0.1'] });
  writeConfigurationFile(file('3.2.0.1.cf'), { kind: 'cf', release: release('3.2.0.1'), delivery: true });
  writeConfigurationFile(file('plain.cf'), { kind: 'cf', release: release('3.2.0.1'), delivery: false });
  writeConfigurationFile(file('other.cf'), {
    kind: 'cf',
    release: release('3.2.0.1', { name: 'Бухгалтерия' }),
    delivery: true,
  });
  writeConfigurationFile(file('crm-2.cfe'), { kind: 'cfe', extension: crm('2.0') });
  writeConfigurationFile(file('crm-3.cfe'), {
    kind: 'cfe',
    extension: crm('3.0', ['Справочник.Контакты', 'Отчет.Продажи']),
  });
  return (name: string) => ({ at: 'worker' as const, path: file(name), sha256: null });
}
