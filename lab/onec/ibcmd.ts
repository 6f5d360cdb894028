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
import { generationOf, logIn, readData, readDt, writeData, writeDt, type DataPlace } from './data.ts';
import { openFile, type OnecProgramOptions } from './designer.ts';

const switches = new Set(['--config', '--db-path', '--dbms', '--db-server', '--db-name', '--db-user', '--db-pwd', '--data', '--user', '--password', '--create-database']);
const commands = ['infobase dump', 'infobase restore', 'infobase config generation-id'] as const;

class BadParameter extends Error {}

export const ibcmdProgram = (options: OnecProgramOptions): Program => async (argv, io) => {
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

function read(argv: readonly string[]): { command: (typeof commands)[number]; given: Map<string, string>; file?: string } {
  const words: string[] = [];
  const given = new Map<string, string>();
  for (const arg of argv) {
    if (!arg.startsWith('--')) words.push(arg);
    else {
      const at = arg.indexOf('=');
      const name = at < 0 ? arg : arg.slice(0, at);
      if (!switches.has(name) || (at < 0 && name !== '--create-database')) throw new BadParameter(`Ошибка разбора параметра: ${arg}`);
      given.set(name, at < 0 ? '' : arg.slice(at + 1));
    }
  }
  const command = commands.find((name) => words.slice(0, name.split(' ').length).join(' ') === name);
  const rest = words.slice(command?.split(' ').length ?? 0);
  const files = command === 'infobase config generation-id' ? 0 : 1;
  if (command === undefined || rest.length !== files) throw new BadParameter(`Ошибка разбора параметра: ${words.join(' ')}`);
  return { command, given, file: rest[0] };
}

async function work(options: OnecProgramOptions, command: (typeof commands)[number], given: ReadonlyMap<string, string>, file: string | undefined, io: ProgramIo): Promise<string> {
  if (given.has('--user') && !given.has('--password')) throw new OnecRefusal('Для выполнения операции требуется аутентификация');
  const release = holdScratch(given.get('--data'), io);
  try {
    const opened = openPlace(given, command, io);
    try {
      const duration = options.duration ?? 200;
      if (command === 'infobase restore') {
        logIn(await readData(opened.place), given.get('--user') ?? '', given.get('--password') ?? '');
        const lines = readDt(io.real(file!));
        await sleep(duration, undefined, { signal: io.signal });
        await writeData(opened.place, lines);
        return '[INFO] Загрузка информационной базы завершена';
      }
      const lines = await readData(opened.place);
      logIn(lines, given.get('--user') ?? '', given.get('--password') ?? '');
      if (command === 'infobase config generation-id') return generationOf(lines);
      await writeDt(io.real(file!), lines, duration, io.signal);
      return '[INFO] Выгрузка информационной базы завершена';
    } finally {
      opened.close();
    }
  } finally {
    release();
  }
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

function openPlace(given: ReadonlyMap<string, string>, command: string, io: ProgramIo): { place: DataPlace; close(): void } {
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
  const section = config === undefined ? {} : ((parse(readFileSync(io.real(config), 'utf8')) as { database?: Record<string, string> }).database ?? {});
  const value = (name: string): string => given.get(name === 'dbms' ? '--dbms' : `--db-${name === 'password' ? 'pwd' : name}`) ?? section[name] ?? '';
  if (value('dbms') !== 'PostgreSQL') throw new OnecRefusal(`СУБД не поддерживается: ${value('dbms')}`);
  const [, host, port] = /^(\S+?)(?: port=(\d+))?$/.exec(value('server')) ?? [];
  if (host === undefined) throw new OnecRefusal('Сервер баз данных не обнаружен');
  return { place: { kind: 'server', database: { host, port: Number(port ?? 5432), name: value('name'), user: value('user'), password: value('password') } }, close: () => undefined };
}
