/**
 * The 1C cluster of the practice ground: registered infobases with their locks, and sessions, in one control file. Every
 * operation reads the file, changes it and renames a new one over it, so it survives the process and is seen by others.
 *
 * Follows: names and values of `rac infobase info` and `rac session list` (arkuznetsov/irac, public transcripts); a lock stops
 * new sessions only and lets in who knows the permission code (its/kb.1ci.com Administrator guide, session lock); exclusive
 * access is refused while others are in (measured texts in IngvarConsulting/v8-runner-rust).
 */
import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';

export interface LabDatabase {
  readonly host: string;
  readonly port: number;
  readonly name: string;
  readonly user: string;
  readonly password?: string;
}

/** Properties as rac shows and takes them: `sessions-deny`, `denied-message` … */
export type Registration = {
  infobase: string;
  name: string;
  database: LabDatabase;
  properties: Record<string, string>;
};

export interface LabSession {
  readonly session: string;
  readonly number: number;
  readonly infobase: string;
  readonly user: string;
  readonly host: string;
  /** `1CV8C`, `Designer`, `HTTPServiceConnection`, `BackgroundJob` … */
  readonly app: string;
  readonly started: string;
  readonly exclusive: boolean;
  /** Of a background job: the scheduled job that started it. */
  readonly job?: string;
  /** The process that holds it; sessions of dead processes are gone. */
  readonly pid: number;
}

interface State {
  cluster: string;
  ras: string;
  admin: { user: string; password: string } | null;
  number: number;
  infobases: Registration[];
  sessions: LabSession[];
}

export interface SessionOptions {
  user?: string;
  host?: string;
  app: string;
  permissionCode?: string;
  exclusive?: boolean;
  job?: string;
}

/** Words of the platform, for `/Out`, stderr and HTTP answers. */
export class OnecRefusal extends Error {
  override readonly name = 'OnecRefusal';
}

const lockProperties = {
  'scheduled-jobs-deny': 'off',
  'sessions-deny': 'off',
  'denied-from': '',
  'denied-message': '',
  'denied-parameter': '',
  'denied-to': '',
  'permission-code': '',
};
const appNames: Record<string, string> = {
  '1CV8C': 'Тонкий клиент',
  '1CV8': 'Толстый клиент',
  Designer: 'Конфигуратор',
  WebClient: 'Веб-клиент',
  BackgroundJob: 'Фоновое задание',
  HTTPServiceConnection: 'HTTP-сервис',
};

export class OneCCluster {
  readonly #file: string;

  /** Opens the cluster of that control file, or makes it. `ras`: the address rac must be given. */
  constructor(file: string, options: { ras?: string; admin?: { user: string; password: string } } = {}) {
    this.#file = file;
    if (existsSync(file)) return;
    this.#write({
      cluster: randomUUID(),
      ras: options.ras ?? 'localhost:1545',
      admin: options.admin ?? null,
      number: 0,
      infobases: [],
      sessions: [],
    });
  }

  read(): State {
    const state = JSON.parse(readFileSync(this.#file, 'utf8')) as State;
    state.sessions = state.sessions.filter(({ pid }) => isAlive(pid));
    return state;
  }

  change<T>(act: (state: State) => T): T {
    const state = this.read();
    const result = act(state);
    this.#write(state);
    return result;
  }

  #write(state: State): void {
    const half = `${this.#file}.${process.pid}`;
    writeFileSync(half, JSON.stringify(state, null, 1));
    renameSync(half, this.#file);
  }

  /** Registers an infobase whose data lie in that database, or moves the one of that name there; returns its id. */
  register(name: string, database: LabDatabase): string {
    return this.change((state) => {
      const known = state.infobases.find((infobase) => infobase.name.toLowerCase() === name.toLowerCase());
      const registration = {
        infobase: known?.infobase ?? randomUUID(),
        name,
        database,
        properties: known?.properties ?? { ...lockProperties },
      };
      state.infobases = [...state.infobases.filter((infobase) => infobase !== known), registration];
      return registration.infobase;
    });
  }

  find(name: string): Registration {
    const found = this.read().infobases.find((infobase) => infobase.name.toLowerCase() === name.toLowerCase());
    if (!found) throw new OnecRefusal(`Информационная база не обнаружена!\n${name}`);
    return found;
  }

  sessions(name: string): LabSession[] {
    const { infobase } = this.find(name);
    return this.read().sessions.filter((session) => session.infobase === infobase);
  }

  /** Starts a session or throws OnecRefusal in the platform's words. */
  open(name: string, options: SessionOptions): LabSession {
    const { infobase, properties } = this.find(name);
    return this.change((state) => {
      if (
        isDenied(properties) &&
        (properties['permission-code'] === '' || options.permissionCode !== properties['permission-code'])
      ) {
        throw new OnecRefusal(`Начало сеанса с информационной базой запрещено.\n${properties['denied-message']}`);
      }
      const others = state.sessions.filter((session) => session.infobase === infobase);
      const blocking = options.exclusive ? others : others.filter((session) => session.exclusive);
      if (blocking.length > 0) throw new OnecRefusal(busyText(blocking));
      const session: LabSession = {
        session: randomUUID(),
        number: ++state.number,
        infobase,
        user: options.user ?? '',
        host: options.host ?? 'APP01',
        app: options.app,
        started: new Date().toISOString().slice(0, 19),
        exclusive: options.exclusive ?? false,
        pid: process.pid,
        ...(options.job === undefined ? {} : { job: options.job }),
      };
      state.sessions.push(session);
      return session;
    });
  }

  /** Ends a session; one that is gone is fine. */
  close(session: string): void {
    this.change((state) => {
      state.sessions = state.sessions.filter((other) => other.session !== session);
    });
  }

  jobsDenied(name: string): boolean {
    return this.find(name).properties['scheduled-jobs-deny'] === 'on';
  }
}

/** The lock counts inside its interval; an empty end is open. */
function isDenied(properties: Record<string, string>): boolean {
  const now = Date.now();
  const { 'denied-from': from, 'denied-to': to } = properties;
  return properties['sessions-deny'] === 'on' && (!from || Date.parse(from) <= now) && (!to || Date.parse(to) > now);
}

export function busyText(sessions: readonly LabSession[]): string {
  const lines = sessions.map(
    ({ host, started, app }) =>
      `компьютер: ${host}, сеанс начат: ${started.replace('T', ' в ')}, приложение: ${appNames[app] ?? app}`,
  );
  return ['Ошибка исключительной блокировки информационной базы.', 'Активные сеансы и соединения:', ...lines].join(
    '\n',
  );
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
