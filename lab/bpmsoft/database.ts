/** The database of the practice ground's BPMSoft: on PostgreSQL itself, or on the SQL Server stand-in above it. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Cluster } from '../postgres/cluster.ts';
import { startSqlServer } from '../sqlserver/server.ts';
import type { SqlServerBehind } from './config.ts';

export type DatabaseEngine = 'postgres' | 'sqlserver';

export interface SiteDatabase {
  /** Names of the PostgreSQL databases that hold the rows, whatever server is in front of them. */
  readonly production: string;
  readonly test: string;
  /** Of production, as it stands in ConnectionStrings.config. */
  readonly connectionString: string;
  /** For the `${…}` and `{ env: … }` of the engine's example plan. */
  readonly variables: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, string>>;
  readonly behind?: SqlServerBehind;
  stop(): Promise<void>;
}

interface Options {
  readonly cluster: Cluster;
  /** Before every database name in the cluster. */
  readonly prefix: string;
  /** The backup files of SQL Server come into a folder in it. */
  readonly dir: string;
}

export const openSiteDatabase = (engine: DatabaseEngine, options: Options): Promise<SiteDatabase> | SiteDatabase =>
  engine === 'postgres' ? onPostgres(options) : onSqlServer(options);

function onPostgres({ cluster, prefix }: Options): SiteDatabase {
  const { host, port, user, password } = cluster;
  const [production, test] = [`${prefix}bpmsoft`, `${prefix}bpmsoft_test`];
  return {
    production,
    test,
    connectionString: `Server=${host};Port=${port};Database=${production};User ID=${user};password=${password};CommandTimeout=400;MaxPoolSize=100`,
    variables: { LAB_DB: production, LAB_TEST_DB: test },
    secrets: {},
    stop: async () => undefined,
  };
}

/** Where the stand-in says that its backups are: a folder of the Windows machine that it plays. */
const backupsAs = 'C:\\MSSQL\\Backup';

async function onSqlServer({ cluster, prefix, dir }: Options): Promise<SiteDatabase> {
  const login = { user: 'nakat', password: randomBytes(12).toString('base64url') };
  const { host, port, user, password } = cluster;
  const behind = { host, port, user, password, prefix: `${prefix}mssql_` };
  const server = await startSqlServer({
    postgres: behind,
    prefix: behind.prefix,
    backups: join(dir, 'mssql'),
    backupsAs,
    login,
  });
  const [production, test] = ['bpmsoft', 'bpmsoft_test'];
  return {
    production: server.pgName(production),
    test: server.pgName(test),
    connectionString: `Data Source=127.0.0.1,${server.port};Initial Catalog=${production};User ID=${login.user};Password=${login.password};Persist Security Info=True;MultipleActiveResultSets=True;Pooling=true;Max Pool Size=100`,
    variables: {
      LAB_SQL_HOST: '127.0.0.1',
      LAB_SQL_PORT: String(server.port),
      LAB_SQL_USER: login.user,
      LAB_SQL_ENCRYPT: 'false',
      LAB_SQL_BACKUPS: backupsAs,
      LAB_DB: production,
      LAB_TEST_DB: test,
    },
    secrets: { NAKAT_SQL_PASSWORD: login.password },
    behind,
    stop: server.stop,
  };
}
