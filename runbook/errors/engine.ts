import { defineErrors } from './define.ts';

/** Of the engine itself: decisions, cancellation, time. */
export const engineErrors = defineErrors({
  DECISION_UNKNOWN: {
    what: {
      en: 'No decision "{decision}" in this run; waiting: {waiting}',
      ru: 'В этом прогоне нет решения «{decision}»; ожидаются: {waiting}',
    },
    todo: {
      en: 'Nothing was decided. `nakat status` shows what waits, with the command to answer it.',
      ru: 'Ничего не решено. `nakat status` покажет, что ожидает решения и какой командой ответить.',
    },
  },
  DECISION_TAKEN: {
    what: { en: 'Decision "{decision}" was already taken: {choice}', ru: 'Решение «{decision}» уже принято: {choice}' },
    todo: {
      en: 'Your answer did not count. Use `nakat cancel` if the run must not go on.',
      ru: 'Ваш ответ не учтён. Если прогон нельзя продолжать, выполните `nakat cancel`.',
    },
  },
  DECISION_TOO_LATE: {
    what: { en: 'The deadline of "{decision}" has passed', ru: 'Срок решения «{decision}» истёк' },
    todo: {
      en: 'Your answer did not count: what the plan says for the deadline happens. `nakat status` shows it.',
      ru: 'Ваш ответ не учтён: выполняется то, что план предписывает по истечении срока. Смотрите `nakat status`.',
    },
  },
  DECISION_WRONG_DIGEST: {
    what: {
      en: 'You answered "{decision}" for another runbook; this run carries out {digest}',
      ru: 'Вы ответили на «{decision}» для другого сценария; этот прогон выполняет {digest}',
    },
    todo: {
      en: 'Your answer did not count. Look at the plan of this run again and answer with its digest.',
      ru: 'Ваш ответ не учтён. Посмотрите план этого прогона и ответьте с его отпечатком.',
    },
  },
  DECISION_UNKNOWN_CHOICE: {
    what: {
      en: '"{choice}" is not a choice of "{decision}"; choices: {choices}',
      ru: '«{choice}» не вариант решения «{decision}»; варианты: {choices}',
    },
    todo: {
      en: 'Your answer did not count. Answer with one of the choices.',
      ru: 'Ваш ответ не учтён. Выберите один из вариантов.',
    },
  },
  DECISION_STRANGER: {
    what: {
      en: '{who} may not decide "{decision}"; these may: {by}',
      ru: '{who} не может принимать решение «{decision}»; могут: {by}',
    },
    todo: {
      en: 'Your answer did not count. Ask one of the people named in the plan.',
      ru: 'Ваш ответ не учтён. Обратитесь к тем, кто назван в плане.',
    },
  },
  DECISION_INITIATOR: {
    what: {
      en: '{who} started this run, and the plan wants somebody else to decide "{decision}"',
      ru: '{who} запустил этот прогон, а по плану решение «{decision}» принимает другой человек',
    },
    todo: {
      en: 'Your answer did not count. Ask another approver.',
      ru: 'Ваш ответ не учтён. Обратитесь к другому согласующему.',
    },
  },
  DECISION_TWICE: {
    what: { en: '{who} has answered "{decision}" already', ru: '{who} уже ответил на «{decision}»' },
    todo: {
      en: 'Your first answer counts. The plan wants more people: `nakat status` shows how many are missing.',
      ru: 'Учтён ваш первый ответ. По плану нужны ещё люди: сколько, покажет `nakat status`.',
    },
  },
  DECISION_AGAINST: {
    what: { en: 'Decided at "{decision}": {choice}. {why}', ru: 'Решение «{decision}»: {choice}. {why}' },
    todo: {
      en: 'The run ended as the decision says. Start it again when the reason is gone.',
      ru: 'Прогон завершён согласно решению. Запустите его снова, когда причина устранена.',
    },
  },
  RUN_CANCELLED: {
    what: { en: 'Cancelled by {who}. {why}', ru: 'Отменено: {who}. {why}' },
    todo: {
      en: 'Before production nothing was touched; in production all was put back: the report shows the proof.',
      ru: 'До рабочего этапа ничего не тронуто; на рабочем этапе всё возвращено: доказательство в отчёте.',
    },
  },
  RUN_RESTORING: {
    what: { en: 'A restore is under way and cannot be cancelled', ru: 'Идёт восстановление, его нельзя отменить' },
    todo: {
      en: 'Let it end. If a restore step keeps failing, a decision lets you take over.',
      ru: 'Дождитесь окончания. Если шаг восстановления не удаётся, решение позволит взять дело на себя.',
    },
  },
  RUN_ENDED: {
    what: { en: 'The run has ended', ru: 'Прогон завершён' },
    todo: { en: '`nakat report` shows how.', ru: 'Чем он завершился, покажет `nakat report`.' },
  },
  STEP_TIMEOUT: {
    what: {
      en: 'Step {step} did not end within {seconds} s, or its worker went silent',
      ru: 'Шаг {step} не завершился за {seconds} с, или его исполнитель замолчал',
    },
    todo: {
      en: 'It may have taken effect: the run looks before it acts again. Check that a worker runs.',
      ru: 'Шаг мог подействовать: прогон проверит это, прежде чем повторять. Убедитесь, что обработчик запущен.',
    },
    effect: 'unknown',
  },
  POINT_OF_NO_RETURN: {
    what: {
      en: 'The point of no return ({at}) passed without acceptance',
      ru: 'Точка невозврата ({at}) прошла без приёмки',
    },
    todo: {
      en: 'The restore began by itself so that it ends inside the window. Widen the window, or find what took so long.',
      ru: 'Восстановление началось само, чтобы уложиться в окно. Расширьте окно или выясните, что заняло столько времени.',
    },
  },
});
