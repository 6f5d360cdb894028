/** The worker's log: JSON lines on stderr, secrets removed from every text before it is written. */
import { pino } from 'pino';
import { DefaultLogger, type LogLevel } from '@temporalio/worker';
import { redact } from '../activities/secrets.ts';

export type Fields = Readonly<Record<string, unknown>>;
export type Level = 'debug' | 'info' | 'warn' | 'error';
export type Log = (level: Level, message: string, fields?: Fields) => void;

/** Written synchronously: the last lines before a `kill -9` are the ones that are wanted. */
export function openLog(
  level: Level = 'info',
  write: (line: string) => void = (line) => void process.stderr.write(line),
): Log {
  const logger = pino({ level, base: { pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime }, { write });
  return (at, message, fields = {}) => logger[at](clean(fields) as object, redact(message));
}

function clean(value: unknown): unknown {
  if (typeof value === 'string') return redact(value);
  if (typeof value === 'bigint') return String(value);
  if (value instanceof Error)
    return {
      message: redact(value.message),
      stack: redact(value.stack ?? ''),
      cause: value.cause === undefined ? undefined : clean(value.cause),
    };
  if (Array.isArray(value)) return value.map(clean);
  if (value && typeof value === 'object')
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, clean(inner)]));
  return value;
}

/** What the SDK and its core say goes into the same log. */
export const sdkLogger = (log: Log): DefaultLogger =>
  new DefaultLogger('INFO', ({ level, message, meta }) => log(levels[level], message, meta));

const levels: Record<LogLevel, Level> = { TRACE: 'debug', DEBUG: 'debug', INFO: 'info', WARN: 'warn', ERROR: 'error' };
