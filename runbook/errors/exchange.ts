import { defineErrors } from './define.ts';

export const exchangeErrors = defineErrors({
  SITE_EXCHANGE_OFF: {
    what: { en: 'The exchange of {site} is switched off.', ru: 'Обмен на сайте {site} выключен.' },
    todo: {
      en: 'Nothing was changed. The update has to end with an exchange that succeeds, and what was off stays off: so switch it on, see that an exchange succeeds, and start again (while production runs: repeat the step). If it is on, the plan reads another switch: correct `site.exchange.switch`.',
      ru: 'Ничего не изменено. Обновление должно завершиться успешным обменом, а что было выключено, остаётся выключенным. Включите обмен, убедитесь, что он проходит, и запустите заново (во время работ — повторите шаг). Если он включён, план читает другой переключатель: исправьте `site.exchange.switch`.',
    },
  },
  SITE_EXCHANGE_STILL_RUNS: {
    what: {
      en: 'The exchange of {site} is switched off and still goes on: {seen}.',
      ru: 'Обмен сайта {site} выключен, но продолжается: {seen}.',
    },
    todo: {
      en: 'An exchange may write into the site while it is updated. Find out who runs it, end it, and repeat the step.',
      ru: 'Обмен может писать в сайт во время обновления. Выясните, кто его запускает, остановите его и повторите шаг.',
    },
    passing: true,
  },
  EXCHANGE_LOGIN_REFUSED: {
    what: {
      en: 'The exchange endpoint of {site} refused user {user}.',
      ru: 'Точка обмена сайта {site} отклонила пользователя {user}.',
    },
    todo: {
      en: 'Nothing was sent. Correct the user (`web.exchange.user` in the plan) or the password in the place that the plan refers to, and see that the exchange is on. With a wrong account a refusal would prove nothing.',
      ru: 'Ничего не отправлено. Исправьте имя (`web.exchange.user` в плане) или пароль там, куда ссылается план, и проверьте, что обмен включён. С неверной учётной записью отказ ничего не доказывает.',
    },
  },
  EXCHANGE_NOT_UNDERSTOOD: {
    what: {
      en: 'The exchange endpoint of {site} did not answer {mode} as CommerceML says.',
      ru: 'Точка обмена сайта {site} ответила на {mode} не по протоколу CommerceML.',
    },
    todo: {
      en: 'Its answer is given: a page of HTML is the site’s own error. Look at the log of the web server; check `site.exchange.path` and `site.exchange.type` in the plan.',
      ru: 'Ответ приведён: HTML-страница — это ошибка самого сайта. Посмотрите журнал веб-сервера; проверьте `site.exchange.path` и `site.exchange.type` в плане.',
    },
    effect: 'unknown',
  },
  EXCHANGE_FAILED: {
    what: {
      en: 'The exchange with {site} failed at {stage}.',
      ru: 'Обмен с сайтом {site} завершился ошибкой на этапе {stage}.',
    },
    todo: {
      en: 'Records may have been moved in part; the site’s message is given. In production you are asked: correct the cause and repeat the step, which waits for another exchange; or restore 1C, files and database of the site together, which loses what was entered in 1C since it was opened.',
      ru: 'Записи могли быть перенесены частично; сообщение сайта приведено. В рабочей среде решаете вы: исправьте причину и повторите шаг — он дождётся нового обмена; или восстановите 1С, файлы и базу сайта вместе, тогда введённое в 1С после её открытия пропадёт.',
    },
    effect: 'unknown',
  },
  EXCHANGE_NO_RESULT: {
    what: {
      en: 'No exchange with {site} ended within {seconds} s.',
      ru: 'За {seconds} с ни один обмен с сайтом {site} не завершился.',
    },
    todo: {
      en: 'See in 1C whether the exchange job is on and ran, and in the journal of exchange why it could not. Repeating the step goes on waiting.',
      ru: 'Посмотрите в 1С, включено ли задание обмена и запускалось ли оно, и в журнале обмена — почему не смогло. Повтор шага продолжит ожидание.',
    },
    effect: 'unknown',
  },
  EXCHANGE_FILE_MISSING: {
    what: {
      en: 'The file {file} that is to be sent to {site} cannot be read.',
      ru: 'Файл {file} для отправки на сайт {site} не читается.',
    },
    todo: {
      en: 'Nothing was sent. Put the file where the plan says, on the machine of the worker.',
      ru: 'Ничего не отправлено. Положите файл туда, где указано в плане, на машине исполнителя.',
    },
  },
});
