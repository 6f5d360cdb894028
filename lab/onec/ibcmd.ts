/**
 * ibcmd, strict. Goes to the DBMS past the cluster: sees no sessions and no locks there; a file infobase must be free.
 * Follows: switches in alkoleft's ibcmd DSL, commands in oscript-library/ibcmdrunner, measured exit codes (parameters that cannot
 * be read: 2; errors: 255 with words on stderr). Not followed: a user without a password makes the real one wait on the
 * console for ever; here that is an error at once.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse } from 'yaml';
import type { Program, ProgramIo } from '../windows/host.ts';
import { OnecRefusal } from './cluster.ts';
import { generationOf, logIn, readData, readDt, readUsers, writeData, writeDt, type DataPlace } from './data.ts';
import { openFile, type OnecProgramOptions } from './designer.ts';
import { applied, loaded, remove, saved } from './designer-configuration.ts';
import { changeModel, hashOf, readModel } from './model.ts';

const switches = new Set([
  '--db',
  '--extension',
  '--name',
  '--safe-mode',
  '--unsafe-action-protection',
  '--dynamic',
  '--session-terminate',
  '--force',
  '--config',
  '--db-path',
  '--dbms',
  '--db-server',
  '--db-name',
  '--db-user',
  '--db-pwd',
  '--data',
  '--user',
  '--password',
  '--create-database',
]);
/** By their words: how many files each takes. */
const commands = {
  'infobase dump': 1, 'infobase restore': 1, 'infobase config generation-id': 0, 'infobase config load': 1, 'infobase config save': 1, 'infobase config apply': 0,
  'infobase config extension list': 0, 'infobase config extension update': 0, 'infobase config extension delete': 0,
} as const; // prettier-ignore
type Command = keyof typeof commands;

class BadParameter extends Error {}

export const ibcmdProgram =
  (options: OnecProgramOptions): Program =>
  async (argv, io) => {
    if (argv.length === 1 && argv[0] === '--version') {
      io.out('8.3.25.1560\n');
      return 0;
    }
    try {
      const { command, given, file } = read(argv);
      options.count?.('ibcmd', command);
      io.out(`${await work(options, command, given, file, io)}\n`);
      return 0;
    } catch (error) {
      if (io.signal.aborted) return 1;
      io.err(`[ERROR] ${error instanceof Error ? error.message : String(error)}\n`);
      return error instanceof BadParameter ? 2 : 255;
    }
  };

function read(argv: readonly string[]): { command: Command; given: Map<string, string>; file?: string } {
  const words: string[] = [];
  const given = new Map<string, string>();
  for (const arg of argv) {
    if (!arg.startsWith('--')) words.push(arg);
    else {
      const at = arg.indexOf('=');
      const name = at < 0 ? arg : arg.slice(0, at);
      if (!switches.has(name) || (at < 0 && !['--create-database', '--force', '--db'].includes(name)))
        throw new BadParameter(`Ошибка разбора параметра: ${arg}`);
      given.set(name, at < 0 ? '' : arg.slice(at + 1));
    }
  }
  const command = (Object.keys(commands) as Command[]).find(
    (name) => words.slice(0, name.split(' ').length).join(' ') === name,
  );
  const rest = words.slice(command?.split(' ').length ?? 0);
  if (command === undefined || rest.length !== commands[command])
    throw new BadParameter(`Ошибка разбора параметра: ${words.join(' ')}`);
  return { command, given, file: rest[0] };
}

async function work(
  options: OnecProgramOptions,
  command: Command,
  given: ReadonlyMap<string, string>,
  file: string | undefined,
  io: ProgramIo,
): Promise<string> {
  if (given.has('--user') && !given.has('--password'))
    throw new OnecRefusal('Для выполнения операции требуется аутентификация');
  const release = holdScratch(given.get('--data'), io);
  try {
    const opened = openPlace(given, command, io);
    try {
      const duration = options.duration ?? 200;
      if (command === 'infobase restore') {
        logIn(await readUsers(opened.place), given.get('--user') ?? '', given.get('--password') ?? '');
        const lines = readDt(io.real(file!));
        await sleep(duration, undefined, { signal: io.signal });
        await writeData(opened.place, lines);
        return '[INFO] Загрузка информационной базы завершена';
      }
      logIn(await readUsers(opened.place), given.get('--user') ?? '', given.get('--password') ?? '');
      if (command === 'infobase config generation-id') return generationOf(await readData(opened.place));
      if (command !== 'infobase dump')
        return await configure(opened.place, command, given, file === undefined ? '' : io.real(file));
      await writeDt(io.real(file!), await readData(opened.place), duration, io.signal);
      return '[INFO] Выгрузка информационной базы завершена';
    } finally {
      opened.close();
    }
  } finally {
    release();
  }
}

/** Records as ibcmd prints them; a new extension begins in safe mode and protected. */
async function configure(
  place: DataPlace,
  command: Command,
  given: ReadonlyMap<string, string>,
  file: string,
): Promise<string> {
  const extension = given.get('--extension');
  const name = given.get('--name') ?? '';
  const yes = (on: boolean): string => (on ? 'yes' : 'no');
  if (command === 'infobase config extension list') {
    const { extensions } = await readModel(place);
    return extensions.map(({ content, ...flags }) => [
      `name                         : "${content.name}"`, `version                      : ${content.version}`, `active                       : ${yes(flags.active)}`,
      'purpose                      : customization', `safe-mode                    : ${yes(flags.safeMode)}`, 'security-profile-name        : ',
      `unsafe-action-protection     : ${yes(flags.unsafeActionProtection)}`, 'used-in-distributed-infobase : no', 'scope                        : infobase',
      `hash-sum                     : "${hashOf(content)}"`, '',
    ].join('\n')).join('\n'); // prettier-ignore
  }
  if (command === 'infobase config save') {
    if (!given.has('--db')) throw new OnecRefusal('Здесь сохраняют только конфигурацию базы данных');
    saved(await readModel(place), file, extension);
    return '[INFO] Сохранение конфигурации завершено';
  }
  return changeModel(place, (model) => {
    if (command === 'infobase config load') return loaded(model, file, extension);
    if (command === 'infobase config apply') return applied(model, extension);
    if (command === 'infobase config extension delete') return remove(model, name);
    if (!model.extensions.some(({ content }) => content.name === name))
      throw new OnecRefusal(`Расширение конфигурации с указанным именем не найдено: ${name}`);
    const extensions = model.extensions.map((one) => (one.content.name !== name ? one : {
      ...one, safeMode: given.has('--safe-mode') ? given.get('--safe-mode') === 'yes' : one.safeMode,
      unsafeActionProtection: given.has('--unsafe-action-protection') ? given.get('--unsafe-action-protection') === 'yes' : one.unsafeActionProtection,
    })); // prettier-ignore
    return [{ ...model, extensions }, '[INFO] Свойства расширения изменены'];
  });
}

/** One process per `--data` folder. */
function holdScratch(data: string | undefined, io: ProgramIo): () => void {
  if (data === undefined) return () => undefined;
  const folder = io.real(data);
  mkdirSync(folder, { recursive: true });
  const held = join(folder, 'ibcmd.pid');
  if (existsSync(held)) throw new OnecRefusal(`Каталог данных ${data} занят другим процессом`);
  writeFileSync(held, String(process.pid));
  return () => rmSync(held, { force: true });
}

function openPlace(
  given: ReadonlyMap<string, string>,
  command: string,
  io: ProgramIo,
): { place: DataPlace; close(): void } {
  const folder = given.get('--db-path');
  if (folder !== undefined) {
    const real = io.real(folder);
    if (command === 'infobase restore' && given.has('--create-database') && !existsSync(join(real, '1Cv8.1CD'))) {
      mkdirSync(real, { recursive: true });
      writeFileSync(join(real, '1Cv8.1CD'), '1CDBMSV8[]');
    }
    return openFile(real, true);
  }
  const config = given.get('--config');
  const section =
    config === undefined
      ? {}
      : ((parse(readFileSync(io.real(config), 'utf8')) as { database?: Record<string, string> }).database ?? {});
  const value = (name: string): string =>
    given.get(name === 'dbms' ? '--dbms' : `--db-${name === 'password' ? 'pwd' : name}`) ?? section[name] ?? '';
  if (value('dbms') !== 'PostgreSQL') throw new OnecRefusal(`СУБД не поддерживается: ${value('dbms')}`);
  const [, host, port] = /^(\S+?)(?: port=(\d+))?$/.exec(value('server')) ?? [];
  if (host === undefined) throw new OnecRefusal('Сервер баз данных не обнаружен');
  return {
    place: {
      kind: 'server',
      database: {
        host,
        port: Number(port ?? 5432),
        name: value('name'),
        user: value('user'),
        password: value('password'),
      },
    },
    close: () => undefined,
  };
}
