import { isNakatError, NakatError, type ErrorCode } from '../../runbook/errors/index.ts';
import type { MariaDbTarget } from '../../runbook/targets/index.ts';
import type { Work } from '../databases/database.ts';
import { isDiskFull } from '../databases/folder.ts';
import type { CommandResult, Machine } from '../machines/machine.ts';
import type { StepContext } from '../step.ts';

/** What each is called: since MariaDB 10.5 by its own name, in MySQL and older ones by the other. */
const names = { dump: ['mariadb-dump', 'mysqldump'], client: ['mariadb', 'mysql'] } as const;
type ToolName = keyof typeof names;

export interface Program {
  readonly path: string;
  readonly version: string;
  /** What `--help` says: options differ between the products and their versions, so they are looked up there. */
  readonly help: string;
}

export interface Tools {
  readonly machine: Machine;
  /** @throws CLIENT_TOOLS_MISSING, CLIENT_TOOLS_TOO_OLD */
  program(tool: ToolName): Promise<Program>;
  /** Paths of mydumper and myloader; null: they are not installed, or nothing is to be done side by side. */
  parallel(): Promise<{ readonly dump: string; readonly load: string; readonly version: string } | null>;
  /** In `folder`. Follows the job of that name if it was started before. The password goes through its environment. */
  job(name: string, argv: readonly string[], work: Work, tables: number, folder?: string): Promise<CommandResult>;
  /** The first arguments of every client program. */
  connection(program: Program): string[];
}

export const toolsOf = (target: MariaDbTarget, machine: Machine, context: StepContext): Tools => {
  if (machine.os === 'windows')
    throw new NakatError('CLIENT_TOOLS_MISSING', { where: machine.name, values: { tool: 'mariadb (Linux)' } });
  const path = (name: string): string => (target.tools === '' ? name : machine.join(target.tools, name));
  /** Null: not installed, or not what it should be. */
  const said = async (argv: readonly string[]): Promise<string | null> => {
    try {
      const { code, stdout } = await machine.run(argv);
      return code === 0 ? stdout : null;
    } catch (error) {
      // Only the program may be missing; a machine that does not answer is another matter.
      if (isNakatError(error) && error.failure.passing) throw error;
      return null;
    }
  };
  const find = async (tool: ToolName): Promise<Program> => {
    for (const name of names[tool]) {
      const version = await said([path(name), '--version']);
      if (version === null) continue;
      const help = (await said([path(name), '--no-defaults', '--help'])) ?? '';
      return { path: path(name), version: versionIn(version), help };
    }
    throw new NakatError('CLIENT_TOOLS_MISSING', { where: machine.name, values: { tool: names[tool].join(', ') } });
  };
  const found = new Map<ToolName, Promise<Program>>();
  const program = (tool: ToolName): Promise<Program> => {
    const known = found.get(tool) ?? find(tool);
    found.set(tool, known);
    return known;
  };
  return {
    machine,
    async program(tool) {
      const one = await program(tool);
      if (tool === 'client' && !one.help.includes('--binary-mode'))
        throw new NakatError('CLIENT_TOOLS_TOO_OLD', {
          where: machine.name,
          values: { tool: one.path, version: one.version, server: '' },
        });
      return one;
    },
    async parallel() {
      // Their own encryption checks no names of servers.
      if (target.jobs < 2 || target.tls !== 'off') return null;
      const [dump, load] = [await said([path('mydumper'), '--version']), await said([path('myloader'), '--version'])];
      if (dump === null || load === null) return null;
      return { dump: path('mydumper'), load: path('myloader'), version: versionIn(dump) };
    },
    async job(name, argv, work, tables, folder) {
      const password = target.password && (await context.secret(target.password));
      const env = { LC_ALL: 'C', ...(password === undefined ? {} : { MYSQL_PWD: password }) };
      return machine.job(name, argv, {
        env,
        ...(folder === undefined ? {} : { cwd: folder }),
        onOutput: lineCounter(work, tables),
        signal: work.signal,
        leaveRunning: work.leaveRunning,
      });
    },
    connection: ({ help }) => [
      '--no-defaults',
      `--host=${target.host}`,
      `--port=${target.port}`,
      '--protocol=TCP',
      `--user=${target.user}`,
      ...encryption(target.tls, help.includes('--ssl-mode')),
    ],
  };
};

/** `mariadb-dump  Ver 10.19 Distrib 10.11.19-MariaDB, …`, `mysqldump  Ver 8.0.36 for Linux …`, `mydumper 0.10.0, …` */
const versionIn = (text: string): string =>
  (/Distrib (\d+(?:\.\d+)+)/.exec(text) ?? /(\d+(?:\.\d+)+)/.exec(text))?.[1] ?? '';

const encryption = (tls: MariaDbTarget['tls'], isMySql: boolean): string[] => {
  if (isMySql) return [`--ssl-mode=${{ off: 'DISABLED', trust: 'REQUIRED', on: 'VERIFY_IDENTITY' }[tls]}`];
  if (tls === 'off') return ['--skip-ssl'];
  return ['--ssl', tls === 'on' ? '--ssl-verify-server-cert' : '--skip-ssl-verify-server-cert'];
};

/** mariadb-dump names each table it begins (`--verbose`), mydumper too. */
const lineCounter = (work: Work, total: number) => {
  let done = 0;
  return (text: string): void => {
    const begun = [
      ...text.matchAll(/(?:Retrieving table structure for table|dumping data for) ([^\n]*?)\.{0,3}(?=\n|$)/g),
    ];
    done += begun.length;
    const latest = begun.at(-1)?.[1];
    if (total > 0)
      work.progress?.({ done: Math.min(done, total), total, ...(latest === undefined ? {} : { note: latest }) });
  };
};

/** The words of a program that say why, out of all that `--verbose` prints. */
const reasonIn = ({ stdout, stderr }: CommandResult): string => {
  const lines = `${stdout}\n${stderr}`.split('\n');
  const telling = lines.filter((line) =>
    /error|fatal|errno|critical|denied|failed|unknown|couldn't|can't|no space/i.test(line),
  );
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
  return new NakatError(isDiskFull(vendor) ? 'DISK_FULL' : code, { where, values, vendor });
};
