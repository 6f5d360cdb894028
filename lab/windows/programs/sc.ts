/**
 * `sc.exe` with services that need their time. Follows Microsoft Learn, "sc query", "Service State Transitions" and the codes of
 * "System Error Codes (1000-1299)": 1056 already running, 1060 no such service, 1061 cannot accept control, 1062 not started.
 * Labels as a Russian Windows prints them: only the names of states are the same everywhere.
 */
import type { Program } from '../host.ts';

const numbers = { STOPPED: 1, START_PENDING: 2, STOP_PENDING: 3, RUNNING: 4 } as const;
type State = keyof typeof numbers;

export class Services {
  private readonly all = new Map<string, { state: State; readonly slow: number; readonly fails: boolean }>();

  /** `slow`: milliseconds that it stays pending. `fails`: it goes back to stopped. */
  add(name: string, { state = 'STOPPED' as State, slow = 0, fails = false } = {}): void {
    this.all.set(name.toLowerCase(), { state, slow, fails });
  }

  find(name: string) {
    return this.all.get(name.toLowerCase());
  }
}

export const scProgram =
  (services: Services): Program =>
  async ([verb = '', name = '', ...rest], io) => {
    const failed = (code: number): number => (io.out(`[SC] OpenService: ошибка: ${code}:\r\n`), code);
    if (rest.length > 0 || !/^(queryex|start|stop)$/i.test(verb))
      return (io.out('ERROR:  Unrecognized command\r\n'), 1639);
    const service = services.find(name);
    if (!service) return failed(1060);
    if (verb.toLowerCase() === 'queryex') {
      io.out(
        `\r\nИмя_службы: ${name}\r\n        Тип                : 10  WIN32_OWN_PROCESS\r\n        Состояние          : ${numbers[service.state]}  ${service.state}\r\n        Код_выхода_Win32   : 0  (0x0)\r\n        ID_процесса        : ${service.state === 'STOPPED' ? 0 : 4120}\r\n`,
      );
      return 0;
    }
    const start = verb.toLowerCase() === 'start';
    if (service.state.endsWith('PENDING')) return failed(1061);
    if (start === (service.state === 'RUNNING')) return failed(start ? 1056 : 1062);
    service.state = start ? 'START_PENDING' : 'STOP_PENDING';
    setTimeout(() => (service.state = start && !service.fails ? 'RUNNING' : 'STOPPED'), service.slow);
    return 0;
  };
