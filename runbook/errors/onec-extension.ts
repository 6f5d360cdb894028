import { defineErrors } from './define.ts';

export const onecExtensionErrors = defineErrors({
  LICENCE_KEY_MISSING: {
    what: {
      en: 'No licence key of {product} is registered in {infobase}: the answer is “{answer}”.',
      ru: 'В базе {infobase} не зарегистрирован лицензионный ключ {product}: ответ «{answer}».',
    },
    todo: {
      en: 'Nothing was changed. Register the key in 1C (the product’s licence page), then choose “retry”. Without a key there is no update.',
      ru: 'Ничего не изменено. Зарегистрируйте ключ в 1С (страница лицензирования продукта) и выберите «повторить». Без ключа обновления нет.',
    },
  },
  EXTENSION_OTHER: {
    what: {
      en: 'Extension {extension} in {infobase} is {version}, expected {wanted}.',
      ru: 'Расширение {extension} в базе {infobase} — {version}, ожидалось {wanted}.',
    },
    todo: {
      en: 'Nothing was changed by this check. Compare with the list of extensions in 1C; correct the plan, or try the step before again.',
      ru: 'Эта проверка ничего не изменила. Сверьте со списком расширений в 1С; исправьте план или повторите предыдущий шаг.',
    },
  },
  EXTENSION_NOT_ACTIVE: {
    what: {
      en: 'Extension {extension} in {infobase} is {version}, but {flag} is {value} instead of {wanted}.',
      ru: 'Расширение {extension} в базе {infobase} — {version}, но {flag} = {value} вместо {wanted}.',
    },
    todo: {
      en: 'Sessions work without the extension, or with other rights than before. Set the flag in the list of extensions, or try again, or restore.',
      ru: 'Сеансы работают без расширения или с другими правами, чем прежде. Исправьте признак в списке расширений, повторите или восстановите.',
    },
  },
  EXTENSION_DOES_NOT_APPLY: {
    what: {
      en: 'Extension {extension} cannot be applied to the configuration of {infobase}.',
      ru: 'Расширение {extension} нельзя применить к конфигурации базы {infobase}.',
    },
    todo: {
      en: 'Production was not touched. 1C names the objects in this message: the extension is for another version of the configuration. Ask its vendor for a fitting release, or update the configuration first.',
      ru: 'Рабочая база не тронута. Объекты названы 1С в этом сообщении: расширение для другой версии конфигурации. Запросите у поставщика подходящий выпуск или сначала обновите конфигурацию.',
    },
  },
  EXTENSION_FILE_WRONG: {
    what: { en: '1C does not take {file} as an extension.', ru: '1С не принимает {file} как расширение.' },
    todo: {
      en: 'The installed extension is as it was. Take the .cfe file of the extension itself, not its installer (.epf) and not an archive.',
      ru: 'Установленное расширение прежнее. Нужен сам файл расширения .cfe, а не установщик (.epf) и не архив.',
    },
  },
  EXTENSION_BACKUP_DAMAGED: {
    what: {
      en: 'The saved extension {place} is damaged: {reason}.',
      ru: 'Сохранённое расширение {place} повреждено: {reason}.',
    },
    todo: {
      en: 'It was not used. Put the old .cfe in by hand, or restore the infobase from its backup.',
      ru: 'Оно не использовано. Загрузите прежний .cfe вручную или восстановите базу из копии.',
    },
  },
  EXTENSION_RESTORE_DIFFERS: {
    what: {
      en: 'Extension {extension} of {infobase} is not as it was: {differences}.',
      ru: 'Расширение {extension} базы {infobase} не такое, как было: {differences}.',
    },
    todo: {
      en: 'Try the restore again; if the difference stays, load the saved .cfe in the Designer.',
      ru: 'Повторите восстановление; если отличие остаётся, загрузите сохранённый .cfe в Конфигураторе.',
    },
  },
});
