/** The site's own database, on MariaDB or PostgreSQL: the few statements that a web application sends, in words both understand. */
import mysql from 'mysql2/promise';
import pg from 'pg';

export interface ZetaDatabaseAddress {
  readonly engine: 'mariadb' | 'postgres';
  readonly host: string;
  readonly port: number;
  readonly name: string;
  readonly user: string;
  readonly password: string;
}

export type Row = Readonly<Record<string, unknown>>;

export interface ZetaDatabase {
  /** `?` stands for a value. */
  query(sql: string, values?: readonly (string | number | null)[]): Promise<Row[]>;
  close(): Promise<void>;
}

/** One connection, as a web application opens for a request: databases are renamed and restored between two of them. */
export async function openZetaDatabase(at: ZetaDatabaseAddress): Promise<ZetaDatabase> {
  const { engine, host, port, name, user, password } = at;
  if (engine === 'mariadb') {
    const connection = await mysql.createConnection({
      host,
      port,
      user,
      password,
      database: name,
      charset: 'utf8mb4',
      dateStrings: true,
    });
    connection.on('error', () => undefined);
    return {
      query: async (sql, values = []) => {
        const [rows] = await connection.query(sql, [...values]);
        return Array.isArray(rows) ? (rows as Row[]) : [];
      },
      close: () => connection.end().catch(() => undefined),
    };
  }
  const client = new pg.Client({ host, port, user, password, database: name });
  client.on('error', () => undefined);
  await client.connect();
  return {
    query: async (sql, values = []) => {
      let at = 0;
      return (
        await client.query<Row>(
          sql.replaceAll('?', () => `$${++at}`),
          [...values],
        )
      ).rows;
    },
    close: () => client.end().catch(() => undefined),
  };
}

/** A transaction where the server can take back what it did; MariaDB takes back rows, and no change of tables. */
export async function inTransaction<T>(database: ZetaDatabase, act: () => Promise<T>): Promise<T> {
  await database.query('START TRANSACTION');
  try {
    const result = await act();
    await database.query('COMMIT');
    return result;
  } catch (error) {
    await database.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}
