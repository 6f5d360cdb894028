/**
 * Statements of a connection inside its database and in a transaction: locks, notes, and of an administrator's own statements the
 * few that tests use. Microsoft Learn: "SET XACT_ABORT", "sp_getapplock", "CURRENT_TRANSACTION_ID", "CREATE VIEW".
 */
import type { Client } from 'pg';
import { quote } from '../../postgres/rows.ts';
import { SqlError } from '../errors.ts';
import type { Form, Found } from '../grammar.ts';
import type { Answer, Call } from '../session.ts';
import { endTransaction, nextNumber } from '../transaction.ts';
import { addProperty, readProperties } from './catalog.ts';
import type { Run } from './index.ts';
import { table, text } from './server.ts';

const inside =
  (run: (client: Client, found: Found) => Promise<Answer>): Run =>
  async (found: Found, { session }: Call) => {
    if (session.transaction === null) throw new SqlError(50000, 'The stand-in takes this in a transaction only.');
    return run(session.transaction.client, found);
  };

const changing = (statement: (found: Found) => string): Run =>
  inside(async (client, found) => ({ changed: (await client.query(statement(found))).rowCount ?? 0 }));
const changingSchema = (statement: (found: Found) => string): Run =>
  inside(async (client, found) => {
    await client.query(statement(found));
    return null;
  });

export const transactionForms: readonly Form<Run>[] = [
  {
    patterns: ['SET XACT_ABORT ON'],
    run: async (_found, { session }) => {
      session.abortsAll = true;
      return null;
    },
  },
  {
    patterns: ['COMMIT'],
    run: async (_found, { session }) => {
      if (session.transaction === null)
        throw new SqlError(3902, 'The COMMIT TRANSACTION request has no corresponding BEGIN TRANSACTION.');
      await endTransaction(session, 'commit');
      return null;
    },
  },
  {
    patterns: ['SELECT CONVERT(nvarchar(20), CURRENT_TRANSACTION_ID()) AS id'],
    run: async (_found, { session }) => table([text('id')], [[String(session.transaction?.number ?? nextNumber())]]),
  },
  {
    patterns: [
      `DECLARE @got int; EXEC @got = sys.sp_getapplock @Resource = {@mark}, @LockMode = N'Exclusive', @LockOwner = N'Transaction', @LockTimeout = -1; SELECT @got AS got`,
    ],
    run: inside(async (client, found) => {
      await client.query('SELECT pg_advisory_xact_lock(hashtext($1))', [found.text('mark')]);
      return table([{ name: 'got', type: 'int' }], [[0]]);
    }),
  },
  {
    patterns: [
      "SELECT CONVERT(nvarchar(4000), p.value) AS value FROM sys.extended_properties AS p WHERE p.class = 0 AND p.name = {'name}",
    ],
    run: inside(async (client, found) => {
      const value = await readProperties(client, found.text('name'));
      return table([text('value')], value === undefined ? [] : [[value]]);
    }),
  },
  ...(['add', 'update'] as const).map((verb): Form<Run> => ({
    patterns: [`EXEC sys.sp_${verb}extendedproperty @name = {'name}, @value = {@value}`],
    run: inside((client, found) => addProperty(client, verb, found)),
  })),
  {
    patterns: ['INSERT INTO {table} VALUES ({#n})'],
    run: changing((found) => `INSERT INTO ${quote(found.text('table'))} VALUES (${found.text('n')})`),
  },
  { patterns: ['DELETE FROM {table}'], run: changing((found) => `DELETE FROM ${quote(found.text('table'))}`) },
  {
    patterns: ['ALTER TABLE {table} ADD {column} int'],
    run: changingSchema((found) => `ALTER TABLE ${quote(found.text('table'))} ADD ${quote(found.text('column'))} int`),
  },
  {
    patterns: ['CREATE VIEW {view} AS SELECT {column} FROM {table}'],
    run: async (found, call) => {
      if (!/^\s*CREATE VIEW/i.test(call.running.text))
        throw new SqlError(111, "'CREATE VIEW' must be the first statement in a query batch.", 15);
      const [view, column, from] = ['view', 'column', 'table'].map((name) => quote(found.text(name)));
      return changingSchema(() => `CREATE VIEW ${view} AS SELECT ${column} FROM ${from}`)(found, call);
    },
  },
  {
    patterns: ['SELECT MAX({column}) FROM {table}'],
    run: inside(async (client, found) => {
      const { rows } = await client.query<{ n: string | null }>(
        `SELECT max(${quote(found.text('column'))})::text AS n FROM ${quote(found.text('table'))}`,
      );
      return table([{ name: '', type: 'int' }], [[rows[0]?.n ?? null]]);
    }),
  },
];
