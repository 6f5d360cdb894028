/** The task scheduler by schtasks (Microsoft Learn, "schtasks"). Texts are in Windows' own language, so only numbers are read. */
import { NakatError } from '../../../runbook/errors/index.ts';
import { decodeText, type Encoding } from '../encoding.ts';
import type { ExecResult, Transport } from '../transport.ts';
import { commandLine } from './quote.ts';

/** 0x41301 and 0x41325: Microsoft Learn, "Task Scheduler error and success constants". */
const resultsOfLive = [267009, 267045];

export interface TaskScheduler {
  /** Replaces a task of that name and starts it; as SYSTEM, so that no password has to be kept. */
  start(name: string, command: string): Promise<void>;
  isRunning(name: string): Promise<boolean>;
  end(name: string): Promise<void>;
  remove(name: string): Promise<void>;
}

export function taskScheduler(transport: Transport, encoding: Encoding): TaskScheduler {
  const where = transport.name;
  const path = (name: string): string => `\\nakat\\${name}`;
  const schtasks = (...words: string[]): Promise<ExecResult> =>
    transport.exec(commandLine(['schtasks', ...words], 'line', where), { label: 'schtasks' });
  const must = async (...words: string[]): Promise<void> => {
    const result = await schtasks(...words);
    if (result.code !== 0) throw failed(result);
  };
  const failed = ({ code, stdout, stderr }: ExecResult): NakatError =>
    new NakatError('COMMAND_FAILED', {
      values: { command: 'schtasks', code: String(code) },
      where,
      vendor: decodeText(stderr.length > 0 ? stderr : stdout, encoding),
    });

  /** The row of a task; null when there is none. An error for any other reason is not taken for "none". */
  async function row(name: string): Promise<string | null> {
    const one = await schtasks('/query', '/tn', path(name), '/fo', 'csv', '/v', '/nh');
    if (one.code === 0) return one.stdout.toString('latin1');
    const all = await schtasks('/query', '/fo', 'csv', '/nh');
    if (all.code !== 0 || all.stdout.toString('latin1').includes(`"${path(name)}"`)) throw failed(one);
    return null;
  }

  const scheduler: TaskScheduler = {
    start: async (name, command) => {
      // 00:00 of today has passed, so it never starts by itself.
      await must(
        '/create',
        '/tn',
        path(name),
        '/tr',
        command,
        '/sc',
        'once',
        '/st',
        '00:00',
        '/ru',
        'SYSTEM',
        '/rl',
        'highest',
        '/f',
      );
      await must('/run', '/tn', path(name));
    },
    isRunning: async (name) => {
      // The seventh column is the last result.
      const result = /^\s*(?:"[^"]*",){6}"(-?\d+)"/.exec((await row(name)) ?? '');
      return result !== null && resultsOfLive.includes(Number(result[1]));
    },
    end: async (name) => {
      if (await scheduler.isRunning(name)) await must('/end', '/tn', path(name));
    },
    remove: async (name) => {
      if ((await row(name)) !== null) await must('/delete', '/tn', path(name), '/f');
    },
  };
  return scheduler;
}
