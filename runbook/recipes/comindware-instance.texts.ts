import type { Text } from '../types.ts';

export const comindwareTexts = {
  title: { en: '{name}: version {version}', ru: '{name}: версия {version}' },
  approval: {
    en: 'Approve production: {name} to {version} by {hops}',
    ru: 'Одобрить обновление рабочего экземпляра: {name} до {version}, путь {hops}',
  },
  acceptance: { en: 'Accept {name} {version}', ru: 'Принять {name} {version}' },
  copy: { en: 'May {name} be stopped now for a copy?', ru: 'Можно ли сейчас остановить {name} для копирования?' },
  copyText: {
    en: 'The database of a running instance cannot be copied. {name} is stopped, copied on the same machine, and started again at once; the rehearsal works on the copy.',
    ru: 'Базу работающего экземпляра скопировать нельзя. {name} будет остановлен, скопирован на той же машине и сразу запущен; репетиция пойдёт на копии.',
  },
  prepare: {
    en: 'Prepare the application “{application}” of {name} for {version}',
    ru: 'Подготовить приложение «{application}» экземпляра {name} к версии {version}',
  },
  prepareText: {
    en: '{what} — log in at {url} and choose “done” when it is finished.',
    ru: '{what} — войдите по адресу {url} и выберите «done», когда закончите.',
  },
  stop: { en: 'Stop {instance} before {version}', ru: 'Остановить {instance} перед {version}' },
  backUp: { en: 'Back up {instance} before {version}', ru: 'Сделать копию {instance} перед {version}' },
  remove: {
    en: 'Delete the configuration and links that {instance} has before {version}',
    ru: 'Удалить файлы конфигурации и ссылки {instance} перед {version}',
  },
  start: { en: 'Start {instance} with {version}', ru: 'Запустить {instance} с версией {version}' },
  startCopy: { en: 'Start the copy {instance} with {version}', ru: 'Запустить копию {instance} с версией {version}' },
  findings: {
    en: 'Look at the configuration that {version} will have',
    ru: 'Проверьте конфигурацию для версии {version}',
  },
  findingsText: {
    en: 'The old values are in the new files. These places need the eyes of somebody who knows the product; the files lie in {folder} of the copy.',
    ru: 'Прежние значения перенесены в новые файлы. Эти места должен посмотреть тот, кто знает продукт; файлы копии — в {folder}.',
  },
} satisfies Record<string, Text>;
