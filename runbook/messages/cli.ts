/** What the `nakat` command says. ICU MessageFormat. */
import type { Text } from '../types.ts';

export const commandTexts = {
  nakat: {
    en: 'Long, unattended updates of business systems: new and verified, or restored and verified.',
    ru: 'Долгие обновления бизнес-систем без присмотра: либо обновлено и проверено, либо восстановлено и проверено.',
  },
  init: {
    en: 'Ask a few questions and write a commented plan',
    ru: 'Задать несколько вопросов и записать план с пояснениями',
  },
  plan: {
    en: 'Show the whole runbook of a plan and its digest; changes nothing',
    ru: 'Показать весь порядок работ и его отпечаток; ничего не меняет',
  },
  check: {
    en: 'Carry out the preflight alone, against the live systems; reads only',
    ru: 'Выполнить только предварительную проверку на живых системах; лишь читает',
  },
  run: { en: 'Start the update of a plan and follow it', ru: 'Начать обновление по плану и следить за ним' },
  list: { en: 'List runs, newest first', ru: 'Перечислить прогоны, новые первыми' },
  status: { en: 'Show a run as it stands', ru: 'Показать состояние прогона' },
  follow: {
    en: 'Watch a run until it ends; Ctrl-C ends the watching, not the run',
    ru: 'Следить за прогоном до конца; Ctrl-C прекращает слежение, а не прогон',
  },
  approve: { en: 'Say yes to what a run waits for', ru: 'Согласиться с тем, чего ждёт прогон' },
  reject: { en: 'Say no to what a run waits for', ru: 'Отклонить то, чего ждёт прогон' },
  decide: { en: 'Answer any decision with one of its choices', ru: 'Ответить на любое решение одним из вариантов' },
  cancel: {
    en: 'End a run: before production it stops, in production it restores',
    ru: 'Завершить прогон: до обновления — остановить, во время него — восстановить',
  },
  report: {
    en: 'Show the report of a run, or write it as a page',
    ru: 'Показать отчёт о прогоне или записать его страницей',
  },
  worker: { en: 'Carry out runs and their steps, until ended', ru: 'Выполнять прогоны и их шаги, пока не остановят' },
  server: {
    en: 'Run the embedded Temporal server with its web page',
    ru: 'Запустить встроенный сервер Temporal с его веб-страницей',
  },
  demo: { en: 'The whole procedure on the practice ground', ru: 'Вся процедура на учебном полигоне' },
  steps: {
    en: 'List the steps that a runbook can have, or show one',
    ru: 'Перечислить шаги, из которых состоят работы, или показать один',
  },
  help: { en: 'Show help', ru: 'Показать справку' },
} satisfies Record<string, Text>;

export const argumentTexts = {
  planFile: { en: 'the plan (YAML)', ru: 'план (YAML)' },
  newPlanFile: { en: 'file to write', ru: 'файл для записи' },
  run: { en: 'name of the system, or the eight digits of a run', ru: 'имя системы или восемь знаков прогона' },
  decision: { en: 'the decision, as `nakat status` names it', ru: 'решение, как его называет `nakat status`' },
  choice: { en: 'one of its choices', ru: 'один из вариантов' },
  step: { en: 'name of the step', ru: 'имя шага' },
  demo: { en: 'what is demonstrated', ru: 'что показать' },
} satisfies Record<string, Text>;

export const optionTexts = {
  json: { en: 'print JSON on stdout, and nothing else there', ru: 'вывести JSON в stdout, и ничего кроме него' },
  lang: { en: 'language: en or ru (default: from LANG)', ru: 'язык: en или ru (по умолчанию из LANG)' },
  address: {
    en: 'Temporal server, host:port (default: TEMPORAL_ADDRESS, else the embedded one)',
    ru: 'сервер Temporal, host:port (по умолчанию TEMPORAL_ADDRESS, иначе встроенный)',
  },
  state: { en: 'state folder of the embedded server', ru: 'папка состояния встроенного сервера' },
  as: {
    en: 'who you are (default: NAKAT_USER, else the login name)',
    ru: 'кто вы (по умолчанию NAKAT_USER, иначе имя входа)',
  },
  why: { en: 'your reason, kept in the report', ru: 'причина, сохраняется в отчёте' },
  digest: {
    en: 'digest of the runbook that you saw, at least its first 8 digits',
    ru: 'отпечаток порядка работ, который вы видели, хотя бы первые 8 знаков',
  },
  decision: { en: 'which decision, when several wait', ru: 'какое решение, если их ждёт несколько' },
  detach: { en: 'start only, do not follow', ru: 'только начать, не следить' },
  timeout: { en: 'follow at most so many seconds', ru: 'следить не дольше стольких секунд' },
  limit: { en: 'at most so many', ru: 'не больше стольких' },
  html: { en: 'write the report as a page of its own', ru: 'записать отчёт отдельной страницей' },
  port: {
    en: 'port of the server (default: as the last time, or a free one)',
    ru: 'порт сервера (по умолчанию как в прошлый раз или свободный)',
  },
  uiPort: { en: 'port of the web page', ru: 'порт веб-страницы' },
  yes: { en: 'give every answer at once', ru: 'сразу дать все ответы' },
  initYes: { en: 'ask nothing: take the defaults', ru: 'не спрашивать: взять значения по умолчанию' },
  break: { en: 'let the practice ground fail there: {choices}', ru: 'где полигон должен дать сбой: {choices}' },
  demoDatabase: {
    en: 'server of BPMSoft’s database: {choices} (default: postgres where pg_dump is found, else sqlserver)',
    ru: 'сервер базы BPMSoft: {choices} (по умолчанию postgres, если найден pg_dump, иначе sqlserver)',
  },
  params: { en: 'also show the parameters of every step', ru: 'показать и параметры каждого шага' },
  version: { en: 'show the version', ru: 'показать версию' },
  help: { en: 'show this help', ru: 'показать эту справку' },
} satisfies Record<string, Text>;

export const usageTexts = {
  missingArgument: { en: 'argument {name} is missing', ru: 'не хватает аргумента {name}' },
  excessArguments: { en: 'too many arguments', ru: 'слишком много аргументов' },
  unknownOption: { en: 'unknown option {name}', ru: 'неизвестный параметр {name}' },
  unknownCommand: { en: 'unknown command {name}', ru: 'неизвестная команда {name}' },
  optionMissingArgument: { en: 'option {name} needs a value', ru: 'параметру {name} нужно значение' },
  invalidArgument: { en: '{name} has a value that it does not take', ru: 'недопустимое значение: {name}' },
  noChoice: { en: '{given} is none of: {choices}', ru: 'значение {given} не подходит; возможные: {choices}' },
  other: { en: '{name}', ru: '{name}' },
} satisfies Record<string, Text>;

export const cliTexts = {
  usage: { en: 'Usage:', ru: 'Использование:' },
  arguments: { en: 'Arguments:', ru: 'Аргументы:' },
  options: { en: 'Options:', ru: 'Параметры:' },
  globalOptions: { en: 'Global Options:', ru: 'Общие параметры:' },
  commands: { en: 'Commands:', ru: 'Команды:' },
  examples: { en: 'Examples:', ru: 'Примеры:' },
  exitCodes: {
    en: 'Exit codes: 0 done, updated · 1 unexpected · 2 usage, plan · 3 stopped, production untouched · 4 restored and proved · 5 still going · 6 decision refused · 7 restore not proved or handed over · 8 Temporal or worker not reached · 9 no such run, or one is going already',
    ru: 'Коды выхода: 0 готово, обновлено · 1 непредвиденное · 2 команда, план · 3 остановлено, рабочая система не тронута · 4 восстановлено и доказано · 5 ещё идёт · 6 решение отклонено · 7 восстановление не доказано или передано оператору · 8 нет связи с Temporal или исполнителем · 9 нет такого прогона или он уже идёт',
  },
  started: { en: 'Run {run} of {system} has started.', ru: 'Прогон {run} системы {system} начат.' },
  leftAlone: {
    en: 'No longer following; the run goes on. Again: nakat follow {run}',
    ru: 'Слежение прекращено, прогон продолжается. Снова: nakat follow {run}',
  },
  noRuns: { en: 'There are no runs.', ru: 'Прогонов нет.' },
  going: { en: 'going', ru: 'идёт' },
  ended: { en: 'ended', ru: 'завершён' },
  broken: { en: 'broken off', ru: 'оборван' },
  counted: { en: 'Your answer counts: {choice} is taken.', ru: 'Ответ учтён: принято «{choice}».' },
  countedMore: { en: 'Your answer counts; more people must agree.', ru: 'Ответ учтён; должны согласиться и другие.' },
  sure: { en: 'Answer “{choice}” to this?', ru: 'Ответить на это «{choice}»?' },
  notAnswered: { en: 'Nothing was answered.', ru: 'Ответ не дан.' },
  digestNeeded: {
    en: 'an approval needs --digest, as `nakat status` shows it',
    ru: 'для одобрения нужен --digest, его показывает `nakat status`',
  },
  willStop: { en: 'The run ends; production is untouched.', ru: 'Прогон завершается; рабочая система не тронута.' },
  willRestore: {
    en: 'The run restores the old state; follow it to its end.',
    ru: 'Прогон восстанавливает прежнее состояние; проследите до конца.',
  },
  wrote: { en: 'Written: {file}', ru: 'Записано: {file}' },
  serverReady: { en: 'Temporal server: {address}', ru: 'Сервер Temporal: {address}' },
  serverPage: { en: 'Web page: {address}', ru: 'Веб-страница: {address}' },
  serverStop: {
    en: 'Ctrl-C ends it; runs go on when it is started again.',
    ru: 'Ctrl-C останавливает его; прогоны продолжатся после нового запуска.',
  },
  downloading: { en: 'Getting the Temporal server, {seconds} s', ru: 'Загружается сервер Temporal, {seconds} с' },
  building: {
    en: 'Building the Temporal server with Go, about two minutes: {seconds} s',
    ru: 'Сервер Temporal собирается через Go, около двух минут: {seconds} с',
  },
  planHead: { en: '{product} · {name} {version}', ru: '{product} · {name} {version}' },
  stepReturns: {
    en: 'Returns {result}. On failure: {policy}. An attempt is given up after {timeout}.',
    ru: 'Возвращает {result}. При ошибке: {policy}. Попытка прерывается через {timeout}.',
  },
  stepUses: { en: 'Uses results of earlier steps: {results}', ru: 'Использует результаты прежних шагов: {results}' },
  planRecipe: { en: 'Recipe {file}, sha256 {sha256}…', ru: 'Рецепт {file}, sha256 {sha256}…' },
  planFile: { en: '{file}, sha256 {sha256}…', ru: '{file}, sha256 {sha256}…' },
  digest: { en: 'Digest: {digest}', ru: 'Отпечаток: {digest}' },
  expected: {
    en: 'Expected: checks and rehearsal {rehearsal}, production {production}, a restore {restore}. The rehearsal measures them.',
    ru: 'Ожидается: проверки и репетиция {rehearsal}, обновление {production}, восстановление {restore}. Репетиция их измерит.',
  },
  places: { en: 'What it works on', ru: 'С чем работает' },
  stage: {
    en: '{name}: {count, plural, one {# step} other {# steps}}, about {time}',
    ru: '{name}: {count, plural, one {# шаг} few {# шага} many {# шагов} other {# шага}}, около {time}',
  },
  reads: { en: 'reads', ru: 'читает' },
  writes: { en: 'WRITES', ru: 'ПИШЕТ' },
  siteDown: { en: 'users out', ru: 'без пользователей' },
  siteUp: { en: 'users in', ru: 'с пользователями' },
  onFailure: { en: 'on failure: {policy}', ru: 'при сбое: {policy}' },
  policyAsk: { en: 'ask', ru: 'спросить' },
  policyRestore: { en: 'restore', ru: 'восстановить' },
  policyStop: { en: 'stop', ru: 'остановить' },
  undoes: { en: 'undoes: {steps}', ru: 'отменяет: {steps}' },
  about: { en: 'about {time}', ru: 'около {time}' },
  decisionBefore: { en: 'Decision: {title}', ru: 'Решение: {title}' },
  anybody: {
    en: '{needed, plural, one {anybody} other {any # people}}',
    ru: '{needed, plural, one {кто угодно} other {любые # чел.}}',
  },
  peopleOf: { en: '{needed} of {who}', ru: '{needed} из: {who}' },
  notInitiator: { en: 'not who started the run', ru: 'кроме начавшего прогон' },
  noDeadline: { en: 'no deadline', ru: 'без срока' },
  deadlineAfter: { en: 'unanswered after {time}: {choice}', ru: 'без ответа через {time}: {choice}' },
  deadlineNoReturn: {
    en: 'unanswered at the point of no return: {choice}',
    ru: 'без ответа к точке невозврата: {choice}',
  },
  windowRule: {
    en: 'Window: {from}–{to} {zone}, ISO weekdays {days}',
    ru: 'Окно: {from}–{to} {zone}, дни недели {days}',
  },
  noWindow: {
    en: 'Window: none, production starts when approved; no point of no return',
    ru: 'Окно: нет, обновление начнётся сразу после одобрения; точки невозврата нет',
  },
  noReturnRule: {
    en: 'Point of no return: {needed} before the window closes (restore as expected or measured, times {margin})',
    ru: 'Точка невозврата: за {needed} до закрытия окна (восстановление по оценке или замеру, умноженное на {margin})',
  },
  noReturnRestores: {
    en: '  what is not accepted by then is restored; production does not start unless update and restore fit',
    ru: '  что к ней не принято, восстанавливается; обновление не начнётся, если оно и восстановление не помещаются',
  },
  noReturnGoesOn: {
    en: '  after it the update goes on; production does not start unless update and restore fit',
    ru: '  после неё обновление продолжается; оно не начнётся, если вместе с восстановлением не помещается',
  },
  askRule: {
    en: 'Failures that may pass are tried up to {tries} times; then a step with "ask" waits {time} for a person',
    ru: 'Преходящие сбои повторяются до {tries} раз; затем шаг с «спросить» ждёт человека {time}',
  },
  restoreRule: {
    en: 'Only when production fails, or is not accepted; in this order. A step runs if what it undoes was started.',
    ru: 'Только если обновление не удалось или не принято; в этом порядке. Шаг выполняется, если начато то, что он отменяет.',
  },
  placeMachine: { en: 'machine', ru: 'машина' },
  placeDatabase: { en: 'database', ru: 'база' },
  placeInfobase: { en: 'infobase', ru: 'база 1С' },
  placeSite: { en: 'site', ru: 'сайт' },
  placeArchive: { en: 'archive', ru: 'архив' },
  placeBackups: { en: 'backups in {folder}', ru: 'копии в {folder}' },
  placeLogin: { en: 'logs in as {user}: POST {url}', ru: 'вход как {user}: POST {url}' },
  choices: { en: 'choices', ru: 'варианты' },
  default: { en: 'default', ru: 'по умолчанию' },
  reportTimes: { en: '{from} – {to}, {time}; downtime {downtime}', ru: '{from} – {to}, {time}; простой {downtime}' },
  reportProof: {
    en: 'Restore proved: {equal} of {total} facts equal',
    ru: 'Восстановление: совпало {equal} из {total} показателей',
  },
  reportBackup: { en: 'Backup: {place} on {machine}', ru: 'Копия: {place} на {machine}' },
  initIntro: {
    en: 'A plan for the update of the 1C connector of a BPMSoft site',
    ru: 'План обновления пакета интеграции с 1С на сайте BPMSoft',
  },
  initSystem: {
    en: 'Name of the system (lower-case letters, digits, hyphens)',
    ru: 'Имя системы (строчные латинские буквы, цифры, дефисы)',
  },
  initUrl: { en: 'Address of the production site', ru: 'Адрес рабочего сайта' },
  initHost: { en: 'Web server machine, reached over SSH', ru: 'Машина веб-сервера, доступная по SSH' },
  initEngine: { en: 'Database server of BPMSoft', ru: 'СУБД BPMSoft' },
  initDatabase: { en: 'Name of the production database', ru: 'Имя рабочей базы' },
  initPackage: { en: 'Package archive', ru: 'Архив пакета' },
  initVersion: { en: 'Its version', ru: 'Его версия' },
  initApprovers: {
    en: 'Who approves production (names, comma between)',
    ru: 'Кто одобряет обновление (имена через запятую)',
  },
  initDone: {
    en: 'Next: fill in the places marked TODO, then `nakat plan {file}`.',
    ru: 'Дальше: заполните места с пометкой TODO, затем `nakat plan {file}`.',
  },
  initBadSystem: {
    en: 'lower-case Latin letters, digits and hyphens only',
    ru: 'только строчные латинские буквы, цифры и дефисы',
  },
  cancelled: { en: 'Nothing was written.', ru: 'Ничего не записано.' },
} satisfies Record<string, Text>;
