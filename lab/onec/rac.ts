/**
 * rac and the ras behind it, strict. Output as the real one: `key : value`, an empty line after each record, texts quoted.
 * Follows: help texts of rac (arkuznetsov/irac) and public transcripts of `infobase info`.
 */
import type { Program } from '../windows/host.ts';
import { OnecRefusal, type OneCCluster, type Registration } from './cluster.ts';
import { logIn, readUsers } from './data.ts';
import type { OnecProgramOptions } from './designer.ts';

const quoted = new Set(['denied-message', 'denied-parameter', 'permission-code', 'descr']);
const settable = [
  'sessions-deny',
  'scheduled-jobs-deny',
  'denied-from',
  'denied-to',
  'denied-message',
  'denied-parameter',
  'permission-code',
];
const always = ['cluster', 'cluster-user', 'cluster-pwd'];
const asInfobaseUser = ['infobase', 'infobase-user', 'infobase-pwd'];
const commands: Record<string, readonly string[]> = {
  'cluster list': [],
  'infobase summary list': always,
  'infobase info': [...always, ...asInfobaseUser],
  'infobase update': [...always, ...asInfobaseUser, ...settable],
  'session list': [...always, 'infobase'],
  'session terminate': [...always, 'session'],
};

export const racProgram =
  (options: OnecProgramOptions): Program =>
  async (argv, io) => {
    if (argv.length === 1 && argv[0] === '--version') {
      io.out('8.3.25.1560\n');
      return 0;
    }
    try {
      const { command, given, address } = read(argv);
      options.count?.('rac', command);
      if (address !== options.cluster.read().ras)
        throw new OnecRefusal(`Ошибка соединения с сервером\nserver_addr=${address}: не удалось установить соединение`);
      const records = await answer(options.cluster, command, given);
      io.out(records.map(format).join(''));
      return 0;
    } catch (error) {
      io.err(`${error instanceof Error ? error.message : String(error)}\n`);
      return error instanceof OnecRefusal ? 255 : 1;
    }
  };

function read(argv: readonly string[]): { command: string; given: Map<string, string>; address: string } {
  const words: string[] = [];
  const given = new Map<string, string>();
  for (const arg of argv) {
    const match = /^--([a-z-]+)=(.*)$/s.exec(arg);
    if (match) given.set(match[1]!, match[2]!);
    else words.push(arg);
  }
  const address = /^[\w.-]+:\d+$/.test(words.at(-1) ?? '') ? words.pop()! : 'localhost:1545';
  const command = words.join(' ');
  const allowed = commands[command];
  const unknown = allowed === undefined ? command : [...given.keys()].find((name) => !allowed.includes(name));
  if (unknown !== undefined) throw new Error(`Ошибка разбора параметра: ${unknown}`);
  return { command, given, address };
}

type Fields = Record<string, string>;

async function answer(cluster: OneCCluster, command: string, given: ReadonlyMap<string, string>): Promise<Fields[]> {
  const state = cluster.read();
  if (command === 'cluster list')
    return [{ cluster: state.cluster, host: 'APP01', port: '1541', name: 'Local cluster' }];
  if (given.get('cluster') !== state.cluster) throw new OnecRefusal('Кластер с указанным идентификатором не найден');
  if (
    state.admin &&
    (given.get('cluster-user') !== state.admin.user || given.get('cluster-pwd') !== state.admin.password)
  ) {
    throw new OnecRefusal('Администратор кластера не аутентифицирован');
  }
  if (command === 'infobase summary list')
    return state.infobases.map(({ infobase, name }) => ({ infobase, name, descr: '' }));
  if (command === 'session terminate') {
    if (!state.sessions.some(({ session }) => session === given.get('session')))
      throw new OnecRefusal('Сеанс с указанным идентификатором не найден');
    cluster.close(given.get('session')!);
    return [];
  }
  const base = state.infobases.find(({ infobase }) => infobase === given.get('infobase'));
  if (!base) throw new OnecRefusal('Информационная база с указанным идентификатором не найдена');
  if (command === 'session list') {
    return state.sessions
      .filter(({ infobase }) => infobase === base.infobase)
      .map((session) => ({
        session: session.session,
        'session-id': String(session.number),
        infobase: session.infobase,
        connection: '00000000-0000-0000-0000-000000000000',
        process: '00000000-0000-0000-0000-000000000000',
        'user-name': session.user,
        host: session.host,
        'app-id': session.app,
        locale: 'ru_RU',
        'started-at': session.started,
        'last-active-at': session.started,
        hibernate: 'no',
      }));
  }
  await demandAdministrator(base, given);
  if (command === 'infobase update') {
    cluster.change(({ infobases }) => {
      const { properties } = infobases.find(({ infobase }) => infobase === base.infobase)!;
      for (const name of settable) if (given.has(name)) properties[name] = given.get(name)!;
    });
    return [];
  }
  const { database, properties } = base;
  return [
    {
      infobase: base.infobase,
      name: base.name,
      dbms: 'PostgreSQL',
      'db-server': database.host,
      'db-name': database.name,
      'db-user': database.user,
      'security-level': '0',
      'license-distribution': 'allow',
      ...properties,
      'external-session-manager-required': 'no',
      'reserve-working-processes': 'no',
      descr: '',
    },
  ];
}

/** Properties are shown to the infobase's administrator only. */
async function demandAdministrator(
  { name, database }: Registration,
  given: ReadonlyMap<string, string>,
): Promise<void> {
  try {
    logIn(
      await readUsers({ kind: 'server', database }),
      given.get('infobase-user') ?? '',
      given.get('infobase-pwd') ?? '',
    );
  } catch (error) {
    if (error instanceof OnecRefusal)
      throw new OnecRefusal(`Недостаточно прав пользователя на информационную базу ${name}`);
    throw error;
  }
}

function format(fields: Fields): string {
  const width = Math.max(...Object.keys(fields).map((name) => name.length));
  const lines = Object.entries(fields).map(
    ([name, value]) => `${name.padEnd(width)} : ${quoted.has(name) ? `"${value.replaceAll('"', '""')}"` : value}`,
  );
  return `${lines.join('\n')}\n\n`;
}
