/** Two infobases in a cluster (production and test) on a real PostgreSQL, a file infobase, and the programs. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { openInfobase, type Infobase } from '../../../activities/onec/infobase.ts';
import type { Database } from '../../../activities/databases/database.ts';
import type { StepContext } from '../../../activities/step.ts';
import type { OnecBreakages } from '../../../lab/onec/breakages.ts';
import { OneCCluster } from '../../../lab/onec/cluster.ts';
import type { Model } from '../../../lab/onec/model.ts';
import { onecPrograms } from '../../../lab/onec/programs.ts';
import { seedFileInfobase, seedInfobase } from '../../../lab/onec/seed.ts';
import { startCluster } from '../../../lab/postgres/cluster.ts';
import type { InfobaseTarget } from '../../../runbook/targets/index.ts';
import { testMachine } from './machine.ts';

export const platform = 'C:\\Program Files\\1cv8\\8.3.25.1560\\bin';
export const secrets: Record<string, string> = { ONEC: 'Секрет"1', DB: '', CLUSTER: 'root-of-cluster' };

export async function startBench(
  log: 'utf8-bom' | 'utf8' | 'cp1251' = 'utf8-bom',
  { model, breakages = {} }: { model?: Model; breakages?: OnecBreakages } = {},
) {
  const dir = mkdtempSync(join(tmpdir(), 'nakat-onec-'));
  // The server runs under another account when the tests run as root.
  chmodSync(dir, 0o755);
  const postgres = await startCluster({ dir: join(dir, 'pg') });
  secrets.DB = postgres.password;
  const cluster = new OneCCluster(join(dir, 'cluster.json'), {
    ras: 'app01:1545',
    admin: { user: 'root', password: secrets.CLUSTER! },
  });
  const counted: string[] = [];
  const machine = testMachine(
    join(dir, 'disk'),
    onecPrograms({ platform, cluster, duration: 160, log, breakages, count: (_event, detail) => counted.push(detail) }),
  );
  const databaseOf = (name: string) => ({
    host: postgres.host,
    port: postgres.port,
    user: postgres.user,
    password: postgres.password,
    name,
  });

  async function withDatabase<T>(name: string, act: (client: pg.Client) => Promise<T>): Promise<T> {
    const { name: database, ...rest } = databaseOf(name);
    const client = new pg.Client({ ...rest, database });
    await client.connect();
    return act(client).finally(() => client.end());
  }
  const query = (name: string, sql: string) => withDatabase(name, async (client) => (await client.query(sql)).rows);

  const users = [{ name: 'Администратор', password: secrets.ONEC! }];
  for (const [name, configuration] of [
    ['trade', '3.2.1'],
    ['trade_test', 'old'],
  ] as const) {
    await postgres.createDatabase(name);
    await withDatabase(name, (client) =>
      seedInfobase(client, { users, configuration, contacts: 30, orders: 50, ...(model ? { model } : {}) }),
    );
    cluster.register(name, databaseOf(name));
  }
  await postgres.createDatabase('empty');
  cluster.register('empty', databaseOf('empty'));
  await withDatabase('trade', (client) => seedFileInfobase(machine.real('C:\\bases\\trade'), client));

  function target(name: string, change: Partial<InfobaseTarget> = {}): InfobaseTarget {
    return {
      name,
      platform,
      machine: { via: 'local', name: 'app01', os: 'windows', work: 'C:\\nakat' },
      at: {
        kind: 'server',
        server: 'app01',
        ref: name,
        ras: 'app01:1545',
        clusterUser: 'root',
        clusterPassword: { env: 'CLUSTER' },
      },
      user: 'Администратор',
      password: { env: 'ONEC' },
      backup: 'designer',
      database: {
        engine: 'postgres',
        host: postgres.host,
        port: postgres.port,
        name,
        user: postgres.user,
        password: { env: 'DB' },
        tls: 'off',
        machine: { via: 'local', name: 'app01', os: 'windows', work: 'C:\\nakat' },
        tools: '',
        backups: 'C:\\backups',
        jobs: 1,
      },
      tables: [],
      backups: 'C:\\backups',
      permissionCode: 'nakat-code',
      ...change,
    };
  }
  const fileTarget = (folder: string, change: Partial<InfobaseTarget> = {}): InfobaseTarget =>
    target(folder, { at: { kind: 'file', folder: `C:\\bases\\${folder}` }, database: undefined, ...change });

  const notes: string[] = [];
  function context(change: Partial<StepContext> = {}): StepContext {
    return {
      run: 'run00001',
      system: 'trade',
      step: 'rehearsal.test',
      attempt: 1,
      signal: new AbortController().signal,
      stopping: () => false,
      progress: ({ note }) => void notes.push(typeof note === 'string' ? note : (note?.en ?? '')),
      secret: async (ref) => ('env' in ref ? (secrets[ref.env] ?? '') : ''),
      log: (message, details) => void notes.push(`${message} ${JSON.stringify(details)}`),
      onEnd: () => undefined,
      ...change,
    };
  }
  const tables = (name: string): Pick<Database, 'tables'> => ({
    tables: async () =>
      (await query(name, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).map(
        (row) => (row as { tablename: string }).tablename,
      ),
  });
  const open = (of: InfobaseTarget, change: Partial<StepContext> = {}): Infobase =>
    openInfobase({ target: of, machine, context: context(change) }, async () => tables(of.database!.name) as Database);

  return {
    dir,
    cluster,
    breakages,
    machine,
    counted,
    notes,
    query,
    target,
    fileTarget,
    context,
    open,
    postgres,
    async stop() {
      await postgres.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
export type Bench = Awaited<ReturnType<typeof startBench>>;

export const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'fine',
    (error: unknown) => (error as { code?: string }).code ?? String(error),
  );
