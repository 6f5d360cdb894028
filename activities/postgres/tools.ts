import { isNakatError, NakatError, type ErrorCode } from '../../runbook/errors/index.ts';
import type { PostgresTarget } from '../../runbook/targets/index.ts';
import type { Work } from '../databases/database.ts';
import { isDiskFull } from '../databases/folder.ts';
import type { CommandResult, Machine } from '../machines/machine.ts';
import type { StepContext } from '../step.ts';
import { noLimits } from './server.ts';

export type ToolName = 'pg_dump' | 'pg_restore' | 'pg_amcheck';

/** The client programs on the target's machine. */
export interface Tools {
  readonly machine: Machine;
  /** Null: not installed. */
  version(tool: ToolName): Promise<string | null>;
  run(tool: ToolName, args: readonly string[]): Promise<CommandResult>;
  /** Follows the job of that name if it was started before. The password goes through its environment. */
  job(name: string, tool: ToolName, args: readonly string[], work: Work, tables: number): Promise<CommandResult>;
}

export const toolsOf = (target: PostgresTarget, machine: Machine, context: StepContext): Tools => {
  const path = (tool: ToolName): string => (target.tools === '' ? tool : machine.join(target.tools, tool));
  const version = async (tool: ToolName): Promise<string | null> => {
    try {
      const { code, stdout } = await machine.run([path(tool), '--version']);
      return code === 0 ? (/\d+(\.\d+)*/.exec(stdout)?.[0] ?? null) : null;
    } catch (error) {
      // Only the program may be missing; a machine that does not answer is another matter.
      if (isNakatError(error) && error.failure.passing) throw error;
      return null;
    }
  };
  return {
    machine,
    version,
    run: (tool, args) => machine.run([path(tool), ...args]),
    async job(name, tool, args, work, tables) {
      const password = target.password && (await context.secret(target.password));
      const trusted: Record<PostgresTarget['tls'], string> = { off: 'disable', on: 'verify-full', trust: 'require' };
      const env = {
        PGHOST: target.host,
        PGPORT: String(target.port),
        PGUSER: target.user,
        PGSSLMODE: trusted[target.tls],
        PGAPPNAME: 'nakat',
        PGOPTIONS: noLimits,
        LC_MESSAGES: 'C',
        ...(password === undefined ? {} : { PGPASSWORD: password }),
      };
      const onOutput = lineCounter(work, tables);
      return machine.job(name, [path(tool), '--no-password', ...args], {
        env,
        onOutput,
        signal: work.signal,
        leaveRunning: work.leaveRunning,
      });
    },
  };
};

/** @throws CLIENT_TOOLS_MISSING, CLIENT_TOOLS_TOO_OLD */
export const checkTools = async (tools: Tools, server: string): Promise<Record<string, string>> => {
  const found: Record<string, string> = {};
  for (const tool of ['pg_dump', 'pg_restore'] as const) {
    const version = await tools.version(tool);
    if (version === null) throw new NakatError('CLIENT_TOOLS_MISSING', { where: tools.machine.name, values: { tool } });
    if (major(version) < major(server))
      throw new NakatError('CLIENT_TOOLS_TOO_OLD', { where: tools.machine.name, values: { tool, version, server } });
    found[tool] = version;
  }
  return found;
};

const major = (version: string): number => Number.parseInt(version, 10);

/** pg_dump and pg_restore name each table they begin (`--verbose`). */
const lineCounter = (work: Work, total: number) => {
  let done = 0;
  return (text: string): void => {
    const begun = [...text.matchAll(/(?:dumping contents of|processing data for) table "([^\n]*)"/g)];
    done += begun.length;
    const latest = begun.at(-1)?.[1];
    work.progress?.({ done: Math.min(done, total), total, ...(latest === undefined ? {} : { note: latest }) });
  };
};

/** The words of a program that say why, out of all that `--verbose` prints. */
export const reasonIn = ({ stdout, stderr }: CommandResult): string => {
  const lines = `${stdout}\n${stderr}`.split('\n');
  const telling = lines.filter((line) => /error|fatal|detail|hint|failed|could not|no space/i.test(line));
  return (telling.length > 0 ? telling : lines).slice(-12).join('\n').trim();
};

/** The failure of a client program as an error of ours. */
export const toolFailure = (
  code: ErrorCode,
  result: CommandResult,
  where: string,
  values: Record<string, string>,
): NakatError => {
  const vendor = reasonIn(result);
  if (isDiskFull(vendor)) return new NakatError('DISK_FULL', { where, values, vendor });
  if (/server version mismatch/i.test(vendor))
    return new NakatError('CLIENT_TOOLS_TOO_OLD', {
      where,
      values: { ...values, tool: 'pg_dump', version: '', server: '' },
      vendor,
    });
  return new NakatError(code, { where, values, vendor });
};
