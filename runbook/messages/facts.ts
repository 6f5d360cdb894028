/**
 * The names of what steps return, as reports and decisions show them. `Facts` allows no other names, so that nothing is shown
 * that has no name here. Also used in workflows: no ICU library.
 */
import type { Json, Text } from '../types.ts';

type Writing = 'bytes' | 'seconds' | 'share' | 'time' | 'word';
/** `as`: how the value is written; without it as it is. */
type FactText = Text & { readonly as?: Writing };

const named = (en: string, ru: string, as?: Writing): FactText => ({ en, ru, ...(as ? { as } : {}) });

export const factTexts = {
  accepted: named('findings that were let pass in the rehearsal', 'замечаний, принятых на репетиции'),
  active: named('active', 'активно'),
  already: named('done already', 'уже сделано'),
  answer: named('answer', 'ответ', 'word'),
  applies: named('applies', 'применяется'),
  asked: named('asked', 'спрошено'),
  backup: named('backup by', 'копия средствами'),
  before: named('before', 'прежде'),
  binding: named('binding', 'привязка'),
  bindings: named('bindings', 'привязки'),
  browser: named('browser', 'браузер'),
  bytes: named('size', 'размер', 'bytes'),
  cells: named('cells changed', 'ячеек изменено'),
  changed: named('changed', 'изменено'),
  changes: named('changes', 'изменения'),
  checked: named('checked', 'проверено'),
  choice: named('choice', 'выбор', 'word'),
  client: named('client', 'клиент'),
  closes: named('closes', 'закрывается', 'time'),
  code: named('exit code', 'код завершения'),
  columns: named('columns', 'колонки'),
  compared: named('compared', 'сверено'),
  configFiles: named('configuration files', 'файлов настроек'),
  configuration: named('configuration', 'конфигурация'),
  copied: named('copied', 'скопировано'),
  core: named('core', 'платформа'),
  cut: named(
    'pictures that end at 15,000 px, the rest of the page is not compared',
    'снимков, обрезанных на 15 000 px: остальное не сверено',
  ),
  data: named('data version', 'версия данных'),
  database: named('database', 'база'),
  databases: named('databases', 'баз'),
  deferred: named('deferred handlers', 'отложенные обработчики'),
  dump: named('dump', 'выгрузка'),
  edition: named('edition', 'редакция'),
  engine: named('by', 'средство', 'word'),
  errors: named('errors', 'ошибок'),
  exchange: named('exchange', 'обмен', 'word'),
  exists: named('exists', 'существует'),
  facts: named('facts', 'показателей'),
  file: named('file', 'файл'),
  files: named('files', 'файлов'),
  folder: named('folder', 'папка'),
  folders: named('folders', 'папок'),
  found: named('found', 'результат', 'word'),
  free: named('free', 'свободно', 'bytes'),
  from: named('from', 'из', 'word'),
  generation: named('generation of data', 'поколение данных'),
  hash: named('hash', 'хэш'),
  hashedByServer: named('hashed by the server', 'хэши считает сервер'),
  head: named('beginning', 'начало'),
  health: named('health page', 'проверка готовности'),
  ibcmd: named('ibcmd', 'ibcmd'),
  id: named('name', 'имя'),
  infobases: named('infobases', 'баз 1С'),
  initialData: named('initial data', 'начальное заполнение'),
  installed: named('installed', 'установлено'),
  instance: named('instance', 'экземпляр'),
  jobs: named('scheduled jobs', 'регламентные задания', 'word'),
  jobsDenied: named('jobs were denied', 'задания были запрещены'),
  kept: named('kept', 'оставлено'),
  keptCount: named('kept in all', 'всего оставлено'),
  kind: named('kind', 'вид', 'word'),
  knownProblems: named('errors while loading, all of them there before', 'ошибок при загрузке, все были и прежде'),
  last: named('last exchange', 'последний обмен'),
  line: named('line', 'строка'),
  lines: named('lines', 'строк'),
  links: named('links', 'ссылок'),
  log: named('log', 'журнал'),
  logs: named('logs', 'журналов'),
  logTail: named('end of the log', 'конец журнала'),
  machine: named('machine', 'машина'),
  message: named('message', 'сообщение'),
  mydumper: named('mydumper', 'mydumper'),
  name: named('name', 'имя'),
  notPublic: named('not public', 'не опубликовано'),
  objects: named('objects', 'объектов'),
  on: named('on', 'включён'),
  opens: named('opens', 'открывается', 'time'),
  os: named('system', 'система'),
  overwritten: named('edited files overwritten', 'перезаписаны правленые файлы'),
  overwrittenCount: named('edited files overwritten, in all', 'всего перезаписано правленых файлов'),
  package: named('package', 'пакет'),
  packages: named('packages', 'пакетов'),
  pg_dump: named('pg_dump', 'pg_dump'),
  pg_restore: named('pg_restore', 'pg_restore'),
  pictures: named('pictures', 'снимков'),
  place: named('place', 'место'),
  places: named('places', 'мест'),
  platform: named('platform', 'платформа'),
  pool: named('application pool', 'пул приложений'),
  pools: named('application pools', 'пулов приложений'),
  problems: named('errors while loading', 'ошибок при загрузке'),
  protocol: named('protocol', 'протокол', 'word'),
  rac: named('rac', 'rac'),
  redisDb: named('Redis database', 'база Redis'),
  registered: named('registered', 'зарегистрировано'),
  removed: named('removed', 'удалено'),
  rightsKept: named('file rights are kept', 'права файлов сохраняются'),
  rows: named('rows', 'строк'),
  russianNames: named('Russian file names', 'русские имена файлов'),
  safeMode: named('safe mode', 'безопасный режим'),
  says: named('says', 'сообщает'),
  schema: named('schema', 'схема'),
  script: named('script', 'скрипт'),
  seconds: named('took', 'заняло', 'seconds'),
  sent: named('sent', 'передано'),
  service: named('service', 'служба'),
  sessions: named('sessions', 'сеансов'),
  sessionsDenied: named('sessions were denied', 'сеансы были запрещены'),
  sha256: named('SHA-256', 'SHA-256'),
  site: named('site', 'сайт'),
  sites: named('sites', 'сайтов'),
  snapshots: named('fast restore points', 'быстрые точки возврата'),
  state: named('state', 'состояние'),
  status: named('status', 'статус'),
  system: named('of', 'чего', 'word'),
  table: named('table', 'таблица'),
  tables: named('tables', 'таблицы'),
  texts: named('texts looked for', 'искомых текстов'),
  title: named('title', 'заголовок'),
  to: named('to', 'в'),
  unchanged: named('unchanged', 'без изменений'),
  unsafeActionProtection: named('protection from unsafe actions', 'защита от опасных действий'),
  update: named('update', 'обновление'),
  uploaded: named('uploaded', 'передано'),
  url: named('address', 'адрес'),
  value: named('value', 'значение'),
  vendor: named('vendor', 'поставщик'),
  verified: named('verified by', 'проверено', 'word'),
  version: named('version', 'версия'),
  warnings: named('warnings', 'предупреждений'),
  work: named('work folder', 'рабочая папка'),
  worst: named('largest difference', 'наибольшее отличие', 'share'),
} satisfies Record<string, FactText>;
export type FactName = keyof typeof factTexts;

/** Words of ours among the values; a vendor's own are shown as they are. */
export const wordTexts = {
  approve: { en: 'approve', ru: 'одобрить' },
  reject: { en: 'reject', ru: 'отклонить' },
  accept: { en: 'accept', ru: 'принять' },
  restore: { en: 'restore', ru: 'восстановить' },
  retry: { en: 'retry', ru: 'повторить' },
  skip: { en: 'skip', ru: 'пропустить' },
  stop: { en: 'stop', ru: 'остановить' },
  done: { en: 'done', ru: 'сделано' },
  now: { en: 'done now', ru: 'сделано сейчас' },
  already: { en: 'was done already', ru: 'уже было сделано' },
  copy: { en: 'copy of the files', ru: 'копия файлов' },
  deadline: { en: 'nobody answered by the deadline', ru: 'к сроку никто не ответил' },
  'go-on': { en: 'go on', ru: 'продолжить' },
  'give-up': { en: 'give up', ru: 'прекратить' },
  'hand-over': { en: 'hand over', ru: 'передать оператору' },
  update: { en: 'command', ru: 'команда' },
  signal: { en: 'signal', ru: 'сигнал' },
  database: { en: 'database', ru: 'база данных' },
  infobase: { en: '1C infobase', ru: 'база 1С' },
  files: { en: 'files', ru: 'файлы' },
  manifest: { en: 'SHA-256 of every file', ru: 'SHA-256 каждого файла' },
  'dt + manifest': { en: 'end mark of the dt and SHA-256', ru: 'метка конца dt и SHA-256' },
  snapshot: { en: 'fast restore point', ru: 'быстрая точка возврата' },
  backup: { en: 'backup', ru: 'резервная копия' },
  'installed-now': { en: 'installed now', ru: 'установлено сейчас' },
  'went-on': {
    en: 'could not be done or proved, the restore went on',
    ru: 'сделать или проверить не удалось, восстановление продолжено',
  },
  'installed-already': { en: 'was installed already', ru: 'уже было установлено' },
  off: { en: 'off', ru: 'выключен' },
  server: { en: 'client-server', ru: 'клиент-серверная' },
  file: { en: 'file', ru: 'файловая' },
  denied: { en: 'denied', ru: 'запрещены' },
  true: { en: 'yes', ru: 'да' },
  false: { en: 'no', ru: 'нет' },
} satisfies Record<string, Text>;

export const sayWord = (word: string, language: 'en' | 'ru'): string =>
  Object.hasOwn(wordTexts, word) ? wordTexts[word as keyof typeof wordTexts][language] : word;

const unbroken = '\u00a0';
const sizes = { en: ['B', 'kB', 'MB', 'GB', 'TB'], ru: ['Б', 'КБ', 'МБ', 'ГБ', 'ТБ'] };

/** `8.6 MB`, `8,6 МБ`. */
export function sayBytes(bytes: number, language: 'en' | 'ru'): string {
  const power = bytes < 1 ? 0 : Math.min(sizes[language].length - 1, Math.floor(Math.log10(bytes) / 3));
  return `${sayNumber(bytes / 1000 ** power, language)}${unbroken}${sizes[language][power] ?? ''}`;
}

/** One digit behind the point at most. */
const sayNumber = (value: number, language: 'en' | 'ru'): string => {
  const text = String(Math.round(value * 10) / 10);
  return language === 'ru' ? text.replace('.', ',') : text;
};

/** Two digits that count: `0.039 %`, `3,2 %`. */
export function sayShare(share: number, language: 'en' | 'ru'): string {
  const text = String(Number((share * 100).toPrecision(2)));
  return `${language === 'ru' ? text.replace('.', ',') : text}${unbroken}%`;
}

/** `version: 3.2.0 · before: 2.1.0`. @param time how a moment is written. */
export const sayFacts = (
  facts: Readonly<Record<string, Json>>,
  language: 'en' | 'ru',
  time: (at: number) => string = (at) => new Date(at).toISOString(),
): string =>
  Object.entries(facts)
    .filter(([, value]) => value !== '' && value !== null)
    .map(([name, value]) => {
      const text: FactText | undefined = Object.hasOwn(factTexts, name) ? factTexts[name as FactName] : undefined;
      return `${text?.[language] ?? name}: ${sayValue(value, text?.as, language, time)}`;
    })
    .join(' · ');

function sayValue(value: Json, as: Writing | undefined, language: 'en' | 'ru', time: (at: number) => string): string {
  if (Array.isArray(value)) return String(value.length);
  if (value !== null && typeof value === 'object')
    return Object.entries(value)
      .map(([name, inner]) => `${name} ${sayValue(inner, undefined, language, time)}`)
      .join(', ');
  if (typeof value === 'boolean') return sayWord(String(value), language);
  if (typeof value !== 'number') return as === 'word' ? sayWord(String(value), language) : String(value);
  if (as === 'bytes') return sayBytes(value, language);
  if (as === 'time') return time(value);
  if (as === 'share') return sayShare(value, language);
  return as === 'seconds' ? `${sayNumber(value, language)}${unbroken}${language === 'ru' ? 'с' : 's'}` : String(value);
}
