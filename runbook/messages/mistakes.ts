/**
 * Mistakes of plans in the reader’s language. Schemas and recipes say them in English, at a place of the file; what is known here
 * by its English is said in Russian too. What is not known (a recipe of others, the words of a parser) stays as it is.
 */
import type { Language } from './say.ts';

/** English → Russian. `{name}` stands for anything; what `{inner}` stands for is itself a mistake. */
const russian: Readonly<Record<string, string>> = {
  // Of any schema
  'unknown key "{key}"': 'неизвестный ключ «{key}»',
  'Invalid input: expected {type}, received undefined': 'не указано: ожидается {type}',
  'Invalid input: expected {type}, received {found}': 'ожидается {type}, указано {found}',
  'Invalid input: expected {value}': 'ожидается {value}',
  'Invalid option: expected one of {values}': 'ожидается одно из: {values}',
  'Invalid discriminator value. Expected {values}': 'ожидается одно из: {values}',
  'Too small: expected {type} to have >={least} characters': 'ожидается символов: не меньше {least}',
  'Too big: expected {type} to have <={most} characters': 'ожидается символов: не больше {most}',
  'Too small: expected {type} to have >={least} items': 'ожидается элементов: не меньше {least}',
  'Too big: expected {type} to have <={most} items': 'ожидается элементов: не больше {most}',
  'Too small: expected {type} to be >={least}': 'ожидается {type} не меньше {least}',
  'Too small: expected {type} to be >{least}': 'ожидается {type} больше {least}',
  'Too big: expected {type} to be <={most}': 'ожидается {type} не больше {most}',
  'Too big: expected {type} to be <{most}': 'ожидается {type} меньше {most}',
  'Invalid string: must match pattern {pattern}': 'ожидается текст по образцу {pattern}',
  'Invalid key in {type}': 'такое имя здесь не подходит',
  'Invalid URL': 'ожидается адрес, как https://crm.example.com',
  'Invalid input': 'такое значение здесь не подходит',
  'expected a duration such as 90s, 15m, 2h or 1d':
    'ожидается длительность, как 90s, 15m, 2h или 1d (секунды, минуты, часы, дни)',
  'expected one minute or longer': 'ожидается не меньше одной минуты',
  "expected it in quotes, as in '4.10': without them YAML takes it for a number":
    'ожидается в кавычках, как ‘4.10’: без них YAML считает это числом',
  'expected numbers between dots, as {example}': 'ожидаются числа через точку, как {example}',
  'expected numbers between dots, such as {example}': 'ожидаются числа через точку, как {example}',
  '"{text}" is no version: expected numbers between dots, as {example}':
    '«{text}» — не версия: ожидаются числа через точку, как {example}',
  '"{text}" is no rule for versions: expected {one} (that one), {line} (the whole line), or bounds as in {bounds}':
    '«{text}» — не правило для версий: ожидается {one} (именно она), {line} (вся линейка) или границы, как {bounds}',
  'expected a time such as 22:00': 'ожидается время, как 22:00',
  'expected an IANA time zone such as Europe/Moscow': 'ожидается часовой пояс IANA, как Europe/Moscow',
  'expected lower-case letters, digits and hyphens': 'ожидаются строчные латинские буквы, цифры и дефисы',
  'expected letters, digits, hyphens and underscores': 'ожидаются латинские буквы, цифры, дефисы и подчёркивания',
  'expected a name of letters, digits, dots, hyphens': 'ожидается имя из букв, цифр, точек и дефисов',
  'expected a regular expression': 'ожидается регулярное выражение',
  'expected parameters, or $name for named ones': 'ожидаются параметры или $имя — для тех, что названы в плане',
  'expected { env: NAME } or { file: path }: a secret itself never stands in a plan':
    'ожидается { env: ИМЯ } или { file: путь }: самому секрету в плане не место',
  // Of the file
  'expected one of: {values}': 'ожидается одно из: {values}',
  'expected a list of files: [./my-recipe.js]': 'ожидается список файлов: [./my-recipe.js]',
  'expected one plan in the file: what follows `---` is another':
    'ожидается один план в файле: после `---` начинается другой',
  'aliases are not allowed in a plan': 'псевдонимы YAML (&, *) в плане не допускаются',
  'variable {name} is not set and has no default': 'переменная {name} не задана, и значения по умолчанию у неё нет',
  'the file is larger than {most} characters': 'в файле больше {most} символов',
  'the file has more than {most} lines': 'в файле больше {most} строк',
  'the line is longer than {most} characters': 'в строке больше {most} символов',
  'nested too deeply': 'слишком глубокая вложенность',
  'no such file: {path}': 'нет такого файла: {path}',
  'larger than {most} bytes: {path}': 'больше {most} байт: {path}',
  'Map keys must be unique': 'ключ указан дважды',
  'Tabs are not allowed as indentation': 'отступы делаются пробелами, не табуляцией',
  'All mapping items must start at the same column': 'ключи одного уровня должны начинаться в одном столбце',
  'Flow map in block collection must be sufficiently indented and end with a }': 'не закрыта фигурная скобка }',
  'Flow sequence in block collection must be sufficiently indented and end with a ]': 'не закрыта квадратная скобка ]',
  'Missing closing {quote}quote': 'не закрыты кавычки',
  'Nested mappings are not allowed in compact mappings': 'два двоеточия в одной строке: значение нужно взять в кавычки',
  'Implicit keys need to be on a single line': 'ключ должен стоять на одной строке',
  'Implicit map keys need to be followed by map values': 'после ключа нужны двоеточие и значение',
  '{file}, line {line}: {inner}': '{file}, строка {line}: {inner}',
  // Of a watch
  'expected a host name': 'ожидается имя узла',
  'expected an address that begins with https:// or http://':
    'ожидается адрес, который начинается с https:// или http://',
  'expected an address without name and password: they belong under `authentication`':
    'ожидается адрес без имени и пароля: им место в `authentication`',
  'expected https://, or `plain: true` inside a network that you trust':
    'ожидается https:// или `plain: true` — внутри сети, которой вы доверяете',
  'expected `at` as well: the times of these days': 'ожидается ещё `at`: время в эти дни',
  'expected "watch": the services that are asked for updates':
    'ожидается «watch»: службы, у которых спрашивают об обновлениях',
  'plans of {product} cannot be watched': 'за планами {product} следить нельзя',
  // Of several entries together
  'the name "{name}" is used twice': 'имя «{name}» использовано дважды',
  'the name "{name}" is used twice in this stage': 'имя «{name}» использовано на этом этапе дважды',
  'unknown machine "{name}"; machines of this plan: {names}':
    'неизвестная машина «{name}»; машины этого плана: {names}',
  'expected at most {most}: as many people as are named': 'ожидается не больше {most}: столько людей названо',
  'the infobase of the test system is production’s own': 'база 1С тестовой системы — сама рабочая база',
  'the database of the test infobase is production’s own': 'база данных тестовой базы 1С — сама рабочая',
  'the database of the test system is production’s own': 'база данных тестовой системы — сама рабочая',
  'the site of the test system is production’s own': 'сайт тестовой системы — сам рабочий',
  'the folder of the test system is production’s own': 'папка тестовой системы — сама рабочая',
  'the Redis database of the test system is production’s own': 'база Redis тестовой системы — сама рабочая',
  'the {what} of the test site is production’s own': 'у тестового сайта то же, что у рабочего ({what})',
  'the files of the test site are production’s own': 'файлы тестового сайта — сами рабочие',
  'the {what} of the test instance is production’s own': 'у тестового экземпляра то же, что у рабочего ({what})',
  'the streams of the test instance are production’s own': 'файлы тестового экземпляра — сами рабочие',
  'expected "file", the .cfe': 'ожидается «file», файл .cfe',
  'expected "file", the .cfe; `nakat watch` finds it by itself':
    'ожидается «file», файл .cfe; `nakat watch` находит его сама',
  'expected "version", that of the file': 'ожидается «version», версия файла',
  'expected "version", that of the file; `nakat watch` finds it by itself':
    'ожидается «version», версия файла; `nakat watch` находит её сама',
  'expected "maintenance": url and binding for the time when users are kept out':
    'ожидается «maintenance»: адрес и привязка на время, когда пользователей не пускают',
  'expected a machine with `os: windows`: the instance runs in IIS':
    'ожидается машина с `os: windows`: экземпляр работает в IIS',
  'expected the machine of production: the copy is made on it':
    'ожидается машина рабочего экземпляра: копия делается на ней',
  'expected null exactly when production’s is null': 'ожидается null тогда же, когда null у рабочего',
  'expected another binding than users have': 'ожидается другая привязка, чем у пользователей',
  'expected {count}: one for each of production’s': 'ожидается {count}: по одному на каждый рабочий',
  'pool "{pool}" is production’s own': 'пул «{pool}» — рабочий',
  '"{pool}" is none of the test instance’s pools: {pools}': '«{pool}» — не из пулов тестового экземпляра: {pools}',
  'expected `scripts` as well: the folder of instance_upgrade.ps1':
    'ожидается ещё `scripts`: папка с instance_upgrade.ps1',
  'expected machine or ftp: nakat itself puts the pages in place':
    'ожидается machine или ftp: страницы ставит на место сам nakat',
  'the pages of the test copy are production’s own': 'страницы тестовой копии — сами рабочие',
  'the old version is the same file as the new one': 'старая версия — тот же файл, что и новая',
  'the old version has the same content as the new one': 'у старой версии то же содержимое, что у новой',
  'expected the new version': 'ожидается новая версия',
  'expected a machine with `via: local`: where the worker runs':
    'ожидается машина с `via: local`: там, где работает worker',
  'expected "machine" or "ftp": the rehearsal is carried out without people':
    'ожидается machine или ftp: репетиция проходит без людей',
  'holds the folder of "customizations" ({path}): nothing in it would be merged':
    'содержит папку из customizations ({path}): в ней ничего не сливалось бы',
  'needs a site whose files nakat reaches by itself': 'нужен сайт, файлы которого nakat достаёт сам',
  'expected also "site.exchange.path" and the account "test.web.exchange"':
    'ожидаются ещё site.exchange.path и учётная запись test.web.exchange',
  'expected tables that visitors do not write: without "site.door" they work all the time, and after a restore all others differ':
    'ожидаются таблицы, в которые не пишут посетители: без «site.door» они работают всё время, и остальные после восстановления отличаются',
  'expected the account with which nakat comes in while `site.door` is closed, else `pages` shows nothing but the maintenance page; or `site.letIn: address`':
    'ожидается учётная запись, с которой nakat входит при закрытой `site.door`: иначе в `pages` будет видна только заглушка; или `site.letIn: address`',
  '"load" takes a whole configuration: expected `kind: cf` and its file, or "update"':
    '«load» загружает конфигурацию целиком: ожидается `kind: cf` и её файл, или «update»',
  'is what is installed: nothing to update': 'это и установлено: обновлять нечего',
  'expected the vendor’s zip': 'ожидается архив zip поставщика',
  'expected JSON: {sample}': 'ожидается JSON: {sample}',
  'expected columns by table: {sample}': 'ожидаются столбцы по таблицам: {sample}',
  'expected a path below the site’s folder, without `..`': 'ожидается путь внутри папки сайта, без `..`',
  // Of the way over releases
  '{to} is what is installed already': '{to} уже установлена',
  '{before} is not on the way {way}': '{before} не лежит на пути {way}',
  'release {version} is listed twice': 'выпуск {version} указан дважды',
  'aliases are not allowed': 'псевдонимы YAML (&, *) не допускаются',
  '{to} is not in the list of releases; from {from} can be reached: {reached}':
    '{to} нет в списке выпусков; из {from} достижимо: {reached}',
  '{to} is older than what is installed ({from}); from {same} can be reached: {reached}':
    '{to} ниже установленной ({from}); из {same} достижимо: {reached}',
  'no supported way leads from {from} to {to}; from {same} can be reached: {reached}':
    'поддерживаемого пути из {from} в {to} нет; из {same} достижимо: {reached}',
  // Of a custom plan
  'there is no step "{name}" in production or acceptance': 'в production и acceptance нет шага «{name}»',
  'there is no step "{name}"; the nearest: {names}': 'нет шага «{name}»; самые похожие: {names}',
  'unknown name "{name}"; names of this plan: {names}. The text itself is written {text}':
    'неизвестное имя «{name}»; имена этого плана: {names}. Сам этот текст пишется {text}',
  '"{name}" stands for itself': '«{name}» означает само себя',
  '"{name}" comes from "{from}", which is no earlier step': '«{name}» берётся из «{from}», а это не предыдущий шаг',
  '"{name}" wants {wanted}, "{from}" gives {given}': 'для «{name}» нужен {wanted}, а «{from}» даёт {given}',
  'needs a result "{name}"': 'нужен результат «{name}»',
  'takes no result "{name}"': 'результат «{name}» здесь не нужен',
  'writes in production and no restore step undoes it':
    'меняет рабочую систему, и ни один шаг restore этого не отменяет',
  'undoes "{name}", which is no step': 'отменяет «{name}», а такого шага нет',
  'a restore step says what it undoes': 'шаг restore должен назвать в undoes, что он отменяет',
  'only restore steps undo': 'undoes бывает только у шагов restore',
  'the preflight only reads': 'preflight только смотрит и ничего не меняет',
  'production changes data, and no restore step proves that the old state is back ({names})':
    'production меняет данные, и ни один шаг restore не доказывает, что вернулось прежнее состояние ({names})',
  // Of recipes of others
  'cannot be loaded: {why}': 'не загружается: {why}',
  'cannot be read: {path}': 'не читается: {path}',
  '"{product}" is already the recipe of {file}': '«{product}» — уже рецепт из {file}',
  'no recipe of its own: "{product}" is nakat\'s': 'имя рецепта занято: «{product}» есть у самой nakat',
  'no recipe: `{name}` is not a function': 'не рецепт: `{name}` — не функция',
  'no recipe: `plan` is not a zod schema': 'не рецепт: `plan` — не схема zod',
  'no recipe: `product` is not a name of lower-case letters, digits and hyphens':
    'не рецепт: `product` должен быть именем из строчных латинских букв, цифр и дефисов',
  'no recipe: the default export returned {what}': 'не рецепт: экспорт по умолчанию вернул {what}',
  'no recipe: expected {what}, found no default export': 'не рецепт: ожидается {what}, экспорта по умолчанию нет',
  'no recipe: expected {what}, found a default export that is {type}':
    'не рецепт: ожидается {what}, экспорт по умолчанию — {type}',
  // Where it stands inside of something that has no place in the file
  '{path}: {inner}': '{path}: {inner}',
};

const types: Readonly<Record<string, string>> = {
  string: 'текст',
  number: 'число',
  int: 'целое число',
  boolean: 'true или false',
  object: 'набор ключей',
  record: 'набор ключей',
  array: 'список',
  null: 'пустое',
};

interface Known {
  readonly pattern: RegExp;
  readonly names: readonly string[];
  readonly text: string;
}
const known: readonly Known[] = Object.entries(russian).map(([english, text]) => ({
  pattern: new RegExp(
    `^${english
      .split(/\{\w+\}/)
      .map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
      .join('(.*?)')}$`,
    's',
  ),
  names: [...english.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name),
  text,
}));

/** The message of a mistake as the reader speaks. */
export function mistakeIn(message: string, language: Language): string {
  if (language === 'en') return message;
  const alternatives = message.split('; or: ');
  if (alternatives.length > 1) return alternatives.map((one) => mistakeIn(one, language)).join('; или: ');
  for (const { pattern, names, text } of known) {
    const found = pattern.exec(message);
    if (!found) continue;
    const values = new Map(names.map((name, at) => [name, found[at + 1] ?? '']));
    return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
      const value = values.get(name) ?? whole;
      if (name === 'inner') return mistakeIn(value, language);
      return name === 'type' || name === 'found' ? (types[value] ?? value) : value;
    });
  }
  return message;
}
