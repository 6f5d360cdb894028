import { defineErrors } from './define.ts';

const another = {
  en: 'Nothing was changed. Take the archive from the vendor again and name it in the plan.',
  ru: 'Ничего не изменено. Возьмите архив у поставщика заново и укажите его в плане.',
};

export const packageErrors = defineErrors({
  VERSION_UNREADABLE: {
    what: {
      en: '{where} names a version that cannot be compared: "{version}".',
      ru: '{where}: версию «{version}» нельзя сравнить.',
    },
    todo: {
      en: 'Nothing was changed. A version is numbers between dots, as 8.3.24.1439. Look at what is installed there.',
      ru: 'Ничего не изменено. Версия — это числа через точку, например 8.3.24.1439. Проверьте, что там установлено.',
    },
  },
  PACKAGE_NOT_FOUND: {
    what: { en: 'The package archive {file} cannot be read.', ru: 'Архив пакета {file} не читается.' },
    todo: {
      en: 'Nothing was changed. Put the archive where the plan says, readable for the account of the worker.',
      ru: 'Ничего не изменено. Положите архив туда, куда указывает план, и дайте учётной записи исполнителя право чтения.',
    },
  },
  PACKAGE_NOT_ZIP: {
    what: { en: 'The file {file} is not a zip archive.', ru: 'Файл {file} не является zip-архивом.' },
    todo: another,
  },
  PACKAGE_DAMAGED: {
    what: { en: 'The archive {file} is damaged at {entry}.', ru: 'Архив {file} повреждён: {entry}.' },
    todo: another,
  },
  PACKAGE_UNSAFE: {
    what: {
      en: 'The archive {file} is not safe to unpack: {reason} ({entry}).',
      ru: 'Архив {file} небезопасен для распаковки: {reason} ({entry}).',
    },
    todo: {
      en: 'Nothing was unpacked or sent. Ask the vendor what this archive is; do not install it.',
      ru: 'Ничего не распаковано и не отправлено. Спросите поставщика, что это за архив; не устанавливайте его.',
    },
  },
  PACKAGE_NOT_A_PACKAGE: {
    what: { en: 'The archive {file} holds no BPMSoft package.', ru: 'В архиве {file} нет пакета BPMSoft.' },
    todo: {
      en: 'Nothing was changed. A package archive holds <Name>.gz files with a descriptor.json; give that archive, not one around it.',
      ru: 'Ничего не изменено. В архиве пакета лежат файлы <Имя>.gz с descriptor.json; укажите сам этот архив, а не архив с ним внутри.',
    },
  },
  PACKAGE_WRONG_NAME: {
    what: {
      en: 'The archive {file} holds {found}, not {expected}.',
      ru: 'В архиве {file} лежит {found}, а не {expected}.',
    },
    todo: another,
  },
  PACKAGE_WRONG_VERSION: {
    what: {
      en: 'The archive {file} holds {package} {found}, not {expected}.',
      ru: 'В архиве {file} лежит {package} {found}, а не {expected}.',
    },
    todo: another,
  },
  PACKAGE_DIGEST_CHANGED: {
    what: {
      en: 'The archive {file} is not the one that was approved: its SHA-256 is {found}, not {expected}.',
      ru: 'Архив {file} не тот, что был одобрен: его SHA-256 {found}, а не {expected}.',
    },
    todo: {
      en: 'It was not installed. Put the approved file back, or plan, rehearse and approve with the new one.',
      ru: 'Он не установлен. Верните одобренный файл или заново спланируйте, отрепетируйте и одобрите с новым.',
    },
  },
});
