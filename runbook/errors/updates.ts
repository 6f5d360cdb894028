import { defineErrors } from './define.ts';

/** What an update service said is never believed: each of these leaves everything as it was. */
export const updateErrors = defineErrors({
  SERVICE_UNREACHABLE: {
    what: { en: 'The update service {service} does not answer.', ru: 'Служба обновлений {service} не отвечает.' },
    todo: {
      en: 'Nothing was changed; it is asked again at the next look. Check its address in the plan, the name server, and whether a proxy or firewall lets the worker’s machine out.',
      ru: 'Ничего не изменено; в следующий раз её спросят снова. Проверьте адрес в плане, сервер имён и выпускает ли прокси или межсетевой экран машину исполнителя.',
    },
    passing: true,
  },
  SERVICE_DENIED: {
    what: {
      en: 'The update service {service} refuses the log-in (HTTP {status}).',
      ru: 'Служба обновлений {service} не принимает вход (HTTP {status}).',
    },
    todo: {
      en: 'Nothing was changed. Check `authentication` and the keys among `fields`. A subscription that has ended, or a right that the licence does not give, is refused in the same way.',
      ru: 'Ничего не изменено. Проверьте `authentication` и ключи в `fields`. Так же отвечают на закончившуюся подписку и на право, которого лицензия не даёт.',
    },
  },
  SERVICE_FAILED: {
    what: {
      en: 'The update service {service} answered HTTP {status}.',
      ru: 'Служба обновлений {service} ответила HTTP {status}.',
    },
    todo: {
      en: 'Nothing was changed; it is asked again at the next look. Compare address and fields with the vendor’s description; 5xx is a fault on the vendor’s side.',
      ru: 'Ничего не изменено; в следующий раз её спросят снова. Сверьте адрес и поля с описанием поставщика; 5xx — сбой на стороне поставщика.',
    },
  },
  SERVICE_TOO_BIG: {
    what: {
      en: 'The answer of the update service {service} is larger than {limit} bytes.',
      ru: 'Ответ службы обновлений {service} больше {limit} байт.',
    },
    todo: {
      en: 'It was not read to its end, and nothing was changed. Check that the address in the plan is that of the list, not of a file.',
      ru: 'Он не прочитан до конца, ничего не изменено. Проверьте, что в плане указан адрес списка, а не файла.',
    },
  },
  SERVICE_UNREADABLE: {
    what: {
      en: 'The answer of the update service {service} cannot be understood: {problem}.',
      ru: 'Ответ службы обновлений {service} непонятен: {problem}.',
    },
    todo: {
      en: 'Nothing was changed. Look at what the address answers: a log-in page, a proxy’s message, or another version of the vendor’s interface.',
      ru: 'Ничего не изменено. Посмотрите, что отвечает этот адрес: страница входа, сообщение прокси или другая версия интерфейса поставщика.',
    },
  },
  SERVICE_LEADS_AWAY: {
    what: {
      en: 'The update service {service} leads to {to}, which the plan does not allow.',
      ru: 'Служба обновлений {service} ведёт на {to}, а план этого не разрешает.',
    },
    todo: {
      en: 'Nothing was fetched from there. If that host belongs to the vendor, add it to `hosts` of the service; without TLS (`http:`) only with `plain: true`.',
      ru: 'Оттуда ничего не получено. Если этот сервер принадлежит поставщику, добавьте его в `hosts` службы; без TLS (`http:`) — только с `plain: true`.',
    },
  },
  SERVICE_OTHER_PRODUCT: {
    what: {
      en: 'The update service {service} offers {offered}, not {wanted}.',
      ru: 'Служба обновлений {service} предлагает {offered}, а не {wanted}.',
    },
    todo: {
      en: 'It was not taken, and nothing was changed. Compare product, configuration or module in the plan with what the vendor calls yours.',
      ru: 'Не взято, ничего не изменено. Сверьте продукт, конфигурацию или модуль в плане с тем, как их называет поставщик.',
    },
  },
  SERVICE_OLDER: {
    what: {
      en: 'The update service {service} offers {version} as its newest, but {before} is known already.',
      ru: 'Служба обновлений {service} предлагает как новейшую {version}, хотя уже известна {before}.',
    },
    todo: {
      en: 'It was not taken, and nothing was changed. Either the vendor withdrew a release, or somebody plays back an old answer: ask the vendor. `nakat watch run-now <system> --again` forgets what was known.',
      ru: 'Не взято, ничего не изменено. Либо поставщик отозвал выпуск, либо кто-то подсовывает старый ответ: спросите поставщика. `nakat watch run-now <система> --again` забывает известное.',
    },
  },
  SERVICE_FILE_CHANGED: {
    what: {
      en: 'The update service {service} now names another file for version {version} than before.',
      ru: 'Служба обновлений {service} называет для версии {version} другой файл, чем раньше.',
    },
    todo: {
      en: 'It was not taken, and nothing was changed. A published version must not change: ask the vendor before `nakat watch run-now <system> --again`, which forgets what was known.',
      ru: 'Не взято, ничего не изменено. Выпущенная версия не должна меняться: спросите поставщика, прежде чем выполнить `nakat watch run-now <система> --again`, которая забывает известное.',
    },
  },
  UPDATE_HASH_WRONG: {
    what: {
      en: 'The file of version {version} from {service} has {algorithm} {found}, not {expected}.',
      ru: 'У файла версии {version} от {service} {algorithm} {found}, а не {expected}.',
    },
    todo: {
      en: 'It was thrown away, and nothing was changed. Damaged on the way, or not what the vendor published: fetch it by hand from the vendor’s site and compare.',
      ru: 'Он выброшен, ничего не изменено. Повреждён в пути или не тот, что выпустил поставщик: скачайте его сами с сайта поставщика и сравните.',
    },
  },
  UPDATE_SIZE_WRONG: {
    what: {
      en: 'The file of version {version} from {service} has {found} bytes, not {expected} as announced.',
      ru: 'В файле версии {version} от {service} {found} байт, а не {expected}, как объявлено.',
    },
    todo: {
      en: 'It was thrown away, and nothing was changed. A connection that was cut gives less; more than announced is not the announced file.',
      ru: 'Он выброшен, ничего не изменено. Меньше бывает при обрыве связи; больше объявленного — это не объявленный файл.',
    },
  },
  UPDATE_TOO_BIG: {
    what: {
      en: 'The file of version {version} from {service} is larger than {limit} bytes.',
      ru: 'Файл версии {version} от {service} больше {limit} байт.',
    },
    todo: {
      en: 'It was not taken, and nothing was changed. If the update is really that large, raise `largest` of the service.',
      ru: 'Не взят, ничего не изменено. Если обновление действительно такое большое, увеличьте `largest` службы.',
    },
  },
  UPDATE_NO_FILE: {
    what: {
      en: 'What {service} gives for version {version} is no update: {problem}.',
      ru: 'То, что {service} отдаёт для версии {version}, — не обновление: {problem}.',
    },
    todo: {
      en: 'It was thrown away, and nothing was changed. A page instead of a file is mostly a log-in form or a proxy’s message: check `authentication`.',
      ru: 'Выброшено, ничего не изменено. Страница вместо файла — обычно форма входа или сообщение прокси: проверьте `authentication`.',
    },
  },
  UPDATE_UNCHECKED: {
    what: {
      en: 'The update service {service} publishes no checksum for version {version}.',
      ru: 'Служба обновлений {service} не публикует контрольной суммы для версии {version}.',
    },
    todo: {
      en: 'It was not taken, and nothing was changed. If the vendor has none and you trust the way the file takes, set `unchecked: true` for the service: the approver then sees that it was not checked.',
      ru: 'Не взято, ничего не изменено. Если у поставщика её нет, а пути файла вы доверяете, задайте службе `unchecked: true`: одобряющий увидит, что файл не проверен.',
    },
  },
  UPDATE_NOT_STORED: {
    what: {
      en: 'The file of version {version} cannot be kept in {place}.',
      ru: 'Файл версии {version} не удаётся сохранить в {place}.',
    },
    todo: {
      en: 'Nothing was changed. Check the room and the rights of the worker’s state folder.',
      ru: 'Ничего не изменено. Проверьте место и права в папке состояния исполнителя.',
    },
    passing: true,
  },
  OFFER_PLAN_INVALID: {
    what: {
      en: 'With version {version}, the plan gives no runbook: {problems}.',
      ru: 'С версией {version} по плану не получается порядок работ: {problems}.',
    },
    todo: {
      en: 'Nothing was started. Correct the plan and register it again: `nakat watch <file>`.',
      ru: 'Ничего не начато. Исправьте план и зарегистрируйте его снова: `nakat watch <файл>`.',
    },
  },
  NO_WAY_TO_VERSION: {
    what: {
      en: 'From {installed} no supported way leads to {version}.',
      ru: 'От {installed} к {version} нет поддерживаемого пути.',
    },
    todo: {
      en: 'Nothing was started. The vendor allows {version} only over: {from}.',
      ru: 'Ничего не начато. Поставщик допускает {version} только поверх: {from}.',
    },
  },
  WATCH_NOT_FOUND: {
    what: { en: 'Nothing watches {system}.', ru: 'За {system} никто не следит.' },
    todo: {
      en: 'Nothing was done. `nakat watch list` shows what is watched; `nakat watch <file>` begins.',
      ru: 'Ничего не сделано. За чем следят, покажет `nakat watch list`; начинает `nakat watch <файл>`.',
    },
  },
});
