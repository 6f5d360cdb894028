/**
 * 1cv8 in batch mode, strict: one mode, a connection, commands; an unknown option ends with code 1 and words in `/Out`.
 * Follows: oscript-library/v8runner (switches), 1c-syntax/ssl_3_1 (`/UC`, log in UTF-8), measured runs of 8.3.27 in
 * IngvarConsulting/v8-runner-rust (success texts, exclusive lock, code 1). The real one passes over some unknown options.
 */
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import iconv from 'iconv-lite';
import type { Program, ProgramIo } from '../windows/host.ts';
import type { OnecBreakages } from './breakages.ts';
import { OnecRefusal, type OneCCluster } from './cluster.ts';
import { isHeld } from './exclusive-open.ts';
import { generationOf, logIn, readData, readUsers, readDt, writeData, writeDt, type DataPlace } from './data.ts';
import {
  configurationBare,
  configurationCommand,
  configurationCommands,
  configurationValued,
} from './designer-configuration.ts';
import { runClient } from './handlers.ts';

export interface OnecProgramOptions {
  readonly cluster: OneCCluster;
  /** Milliseconds that a dump or a load takes at least. Default 200. */
  readonly duration?: number;
  /** Name by which the cluster knows this machine. Default APP01. */
  readonly host?: string;
  /** Of the `/Out` file: old platforms write the ANSI code page. Default `utf8-bom`. */
  readonly log?: 'utf8-bom' | 'utf8' | 'cp1251';
  /** Told of every run of a program: `DESIGNER /DumpIB`, never with its other arguments. */
  readonly count?: (event: string, detail: string) => void;
  readonly breakages?: OnecBreakages;
}

/** Options that take a value, and those that do not. Commands are options too. */
const valued = new Set([
  '/F',
  '/S',
  '/N',
  '/P',
  '/UC',
  '/Out',
  '/DumpResult',
  '/L',
  '/VL',
  '/DumpIB',
  '/RestoreIB',
  '-JobsCount',
  '/C',
  '/Execute',
  '/AllowExecuteScheduledJobs',
  ...configurationValued,
]);
const bare = new Set([
  '/WA-',
  '/WA+',
  '/DisableStartupDialogs',
  '/DisableStartupMessages',
  '/GetConfigGenerationID',
  '-NoTruncate',
  ...configurationBare,
]);
const success = {
  '/DumpIB': 'Выгрузка информационной базы успешно завершена',
  '/RestoreIB': 'Загрузка информационной базы успешно завершена',
} as const;

export const designerProgram =
  (options: OnecProgramOptions): Program =>
  async (argv, io) => {
    const [mode, ...rest] = argv;
    const { given, unknown } = parse(mode === 'CREATEINFOBASE' ? rest.slice(1) : rest);
    let code = 0;
    let text: string;
    try {
      if (mode !== 'DESIGNER' && mode !== 'CREATEINFOBASE' && mode !== 'ENTERPRISE')
        throw new OnecRefusal(`Неизвестный режим запуска: ${mode ?? ''}`);
      if (unknown !== undefined) throw new OnecRefusal(`Неверный параметр командной строки: ${unknown}`);
      text =
        mode === 'DESIGNER'
          ? await design(options, given, io)
          : mode === 'ENTERPRISE'
            ? await client(options, given, io)
            : await create(rest[0] ?? '', io);
    } catch (error) {
      if (io.signal.aborted) return 1;
      code = 1;
      text =
        error instanceof OnecRefusal
          ? error.message
          : `Ошибка: ${error instanceof Error ? error.message : String(error)}`;
    }
    const log = given.get('/Out');
    if (log !== undefined)
      writeFileSync(io.real(log), encode(`${text}\r\n`, options.log ?? 'utf8-bom'), {
        flag: given.has('-NoTruncate') ? 'a' : 'w',
      });
    const result = given.get('/DumpResult');
    if (result !== undefined) writeFileSync(io.real(result), String(code));
    return code;
  };

function parse(argv: readonly string[]): { given: Map<string, string>; unknown?: string } {
  const given = new Map<string, string>();
  let unknown: string | undefined;
  for (let index = 0; index < argv.length; index++) {
    const name = argv[index]!;
    if (bare.has(name)) given.set(name, '');
    else if (valued.has(name) && index + 1 < argv.length) given.set(name, argv[++index]!);
    else unknown ??= name;
  }
  return { given, unknown };
}

async function design(options: OnecProgramOptions, given: ReadonlyMap<string, string>, io: ProgramIo): Promise<string> {
  const changes = Object.keys(configurationCommands).find((name) => given.has(name));
  if (changes !== undefined) return changeConfiguration(options, changes, given, io);
  const command = (['/DumpIB', '/RestoreIB', '/GetConfigGenerationID'] as const).find((name) => given.has(name));
  if (command === undefined) throw new OnecRefusal('Не задана команда пакетного режима');
  options.count?.('1cv8', command);
  const exclusive = command !== '/GetConfigGenerationID';
  const opened = openPlace(options, given, io, exclusive);
  try {
    logIn(await readUsers(opened.place), given.get('/N') ?? '', given.get('/P') ?? '');
    if (command === '/GetConfigGenerationID') return generationOf(await readData(opened.place));
    const file = io.real(given.get(command)!);
    const duration = options.duration ?? 200;
    if (command === '/DumpIB') await writeDt(file, await readData(opened.place), duration, io.signal);
    else {
      const lines = readDt(file);
      await sleep(duration, undefined, { signal: io.signal });
      await writeData(opened.place, lines);
    }
    return success[command];
  } finally {
    opened.close();
  }
}

async function changeConfiguration(
  options: OnecProgramOptions,
  command: string,
  given: ReadonlyMap<string, string>,
  io: ProgramIo,
): Promise<string> {
  options.count?.('1cv8', given.has('-Extension') ? `${command} -Extension` : command);
  const opened = openPlace(options, given, io, configurationCommands[command]!.exclusive ?? false);
  try {
    logIn(await readUsers(opened.place), given.get('/N') ?? '', given.get('/P') ?? '');
    const broken = new Set(
      (['stuck', 'applicability', 'warnings'] as const).filter((kind) => isBroken(options, kind, given)),
    );
    const pause = () => sleep(options.duration ?? 200, undefined, { signal: io.signal });
    return await configurationCommand(command, {
      place: opened.place,
      given,
      real: (path) => io.real(path),
      broken,
      pause,
    });
  } finally {
    opened.close();
  }
}

const isBroken = (
  { breakages = {} }: OnecProgramOptions,
  kind: keyof OnecBreakages,
  given: ReadonlyMap<string, string>,
): boolean =>
  breakages[kind] !== undefined &&
  [given.get('/S') ?? '', given.get('/F') ?? ''].some((place) =>
    place.toLowerCase().endsWith(`\\${breakages[kind]!.toLowerCase()}`),
  );

/** A client of a user: it has the infobase for itself while it runs handlers. */
async function client(options: OnecProgramOptions, given: ReadonlyMap<string, string>, io: ProgramIo): Promise<string> {
  options.count?.('1cv8', 'ENTERPRISE');
  const opened = openPlace(options, given, io, true, '1CV8');
  try {
    logIn(await readUsers(opened.place), given.get('/N') ?? '', given.get('/P') ?? '');
    const execute = given.get('/Execute');
    if (execute !== undefined && !existsSync(io.real(execute)))
      throw new OnecRefusal(`Файл не обнаружен '${execute}'. 2(0x00000002)`);
    await runClient({
      place: opened.place, command: given.get('/C') ?? '', execute, duration: options.duration ?? 200, signal: io.signal,
      fails: isBroken(options, 'handlers', given), hangs: isBroken(options, 'hang', given),
    }); // prettier-ignore
    return '';
  } finally {
    opened.close();
  }
}

/** Opens a session in the cluster, or 1Cv8.1CL beside the file: gone when the program ends, however it ends. */
function openPlace(
  options: OnecProgramOptions,
  given: ReadonlyMap<string, string>,
  io: ProgramIo,
  exclusive: boolean,
  app = 'Designer',
): { place: DataPlace; close(): void } {
  const folder = given.get('/F');
  if (folder !== undefined) return openFile(io.real(folder), exclusive);
  const ref = /^[^\\]+\\(.+)$/.exec(given.get('/S') ?? '')?.[1];
  if (ref === undefined) throw new OnecRefusal('Не указана информационная база');
  const { database } = options.cluster.find(ref);
  const session = options.cluster.open(ref, {
    user: given.get('/N') ?? '',
    host: options.host ?? 'APP01',
    app,
    permissionCode: given.get('/UC'),
    exclusive,
  });
  return { place: { kind: 'server', database }, close: () => options.cluster.close(session.session) };
}

/** Several may read a file infobase together; who wants it alone is refused while somebody has it open. */
export function openFile(folder: string, exclusive: boolean): { place: DataPlace; close(): void } {
  if (!existsSync(join(folder, '1Cv8.1CD'))) throw new OnecRefusal(`Информационная база не обнаружена!\n${folder}`);
  const busy = join(folder, '1Cv8.1CL');
  if (isHeld(busy)) {
    if (exclusive) throw new OnecRefusal('Ошибка исключительной блокировки информационной базы.');
    return { place: { kind: 'file', folder }, close: () => undefined };
  }
  writeFileSync(busy, '');
  return { place: { kind: 'file', folder }, close: () => rmSync(busy, { force: true }) };
}

/** `CREATEINFOBASE File="C:\base"`: an empty one. */
async function create(connection: string, io: ProgramIo): Promise<string> {
  const folder = /^File=(?:"([^"]+)"|([^";]+));?$/.exec(connection);
  const path = folder?.[1] ?? folder?.[2];
  if (path === undefined) throw new OnecRefusal(`Неверный параметр командной строки: ${connection}`);
  const real = io.real(path);
  if (existsSync(join(real, '1Cv8.1CD'))) throw new OnecRefusal('информационная база уже существует');
  mkdirSync(real, { recursive: true });
  await writeData({ kind: 'file', folder: real }, []);
  return 'Создание информационной базы успешно завершено';
}

function encode(text: string, encoding: NonNullable<OnecProgramOptions['log']>): Buffer {
  if (encoding === 'cp1251') return iconv.encode(text, 'win1251');
  return Buffer.from(encoding === 'utf8-bom' ? `\uFEFF${text}` : text, 'utf8');
}
