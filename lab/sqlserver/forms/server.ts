/** What the server says of itself, of its databases and of running requests. */
import { list } from '../grammar.ts';
import { openDatabase, systemDatabases } from '../instance.ts';
import { serverVersion } from '../identity.ts';
import type { Form } from '../grammar.ts';
import type { ResultSet, Value } from '../tds/tokens.ts';
import type { Run } from './index.ts';

export const table = (columns: ResultSet['columns'], rows: readonly (readonly Value[])[]): ResultSet => ({
  columns,
  rows,
});
export const text = (name: string): ResultSet['columns'][number] => ({ name, type: 'nvarchar' });

export const serverForms: readonly Form<Run>[] = [
  { patterns: ['SELECT 1'], run: async () => table([{ name: '', type: 'int' }], [[1]]) },
  // What drivers send after login: accepted, and without effect here.
  { patterns: ['SET {option} {value}'], run: async () => null },
  { patterns: ['SET {option} {#value}'], run: async () => null },
  { patterns: ['SET TRANSACTION ISOLATION LEVEL READ COMMITTED'], run: async () => null },
  {
    patterns: ['SELECT @@SPID AS {alias}'],
    run: async (found, { session }) => table([{ name: found.text('alias'), type: 'int' }], [[session.spid]]),
  },
  {
    patterns: ['USE {db}'],
    run: async (found, { instance, session }) => {
      const name = found.text('db');
      session.database = systemDatabases.includes(name.toLowerCase())
        ? name
        : (await openDatabase(instance, session, name)).name;
      return null;
    },
  },
  {
    patterns: [
      'SELECT',
      list(
        'properties',
        ',',
        "CONVERT(nvarchar({#length}), SERVERPROPERTY({'property})) AS {alias}",
        "CONVERT(int, SERVERPROPERTY({'property})) AS {alias}",
      ),
    ],
    run: async (found, { instance }) => {
      const express = instance.options.edition === 'express';
      const known: Readonly<Record<string, string | number>> = {
        ProductVersion: `${serverVersion.join('.')}.4`,
        Edition: express ? 'Express Edition (64-bit)' : 'Standard Edition (64-bit)',
        EngineEdition: express ? 4 : 2,
        InstanceDefaultDataPath: instance.dataFolder,
        InstanceDefaultLogPath: instance.dataFolder,
      };
      const properties = found.many('properties');
      return table(
        properties.map((one) => ({ name: one.text('alias'), type: one.alternative === 0 ? 'nvarchar' : 'int' })),
        [properties.map((one) => known[one.text('property')] ?? null)],
      );
    },
  },
  {
    patterns: [
      `SELECT d.state_desc AS state, d.user_access_desc AS access, d.is_auto_update_stats_async_on AS async
       FROM sys.databases AS d WHERE d.name = {@name}`,
    ],
    run: async (found, { instance }) => {
      const state = await instance.find(found.text('name'));
      return table(
        [text('state'), text('access'), { name: 'async', type: 'bit' }],
        state === null ? [] : [[state.state, state.access, state.asyncStatistics]],
      );
    },
  },
  {
    patterns: [
      'SELECT d.name AS name FROM sys.databases AS d WHERE d.source_database_id = DB_ID({@name}) ORDER BY d.name',
    ],
    run: async (found, { instance }) => {
      const source = await instance.find(found.text('name'));
      const names = (await instance.all())
        .filter((one) => source !== null && one.source === source.name)
        .map((one) => one.name);
      return table(
        [text('name')],
        names.toSorted().map((name) => [name]),
      );
    },
  },
  {
    patterns: [
      `SELECT f.name AS logical, f.physical_name AS physical, f.type_desc AS type, f.file_id AS id, CONVERT(bigint, f.size) * 8192 AS bytes
       FROM sys.master_files AS f WHERE f.database_id = DB_ID({@name}) ORDER BY f.file_id`,
    ],
    run: async (found, { instance }) => {
      const state = await instance.find(found.text('name'));
      const [size] =
        state === null
          ? []
          : await instance.query<{ size: string }>(
              'SELECT pg_database_size(datname) AS size FROM pg_database WHERE datname = $1',
              [state.pg],
            );
      const files = state === null ? [] : await instance.files(state);
      return table(
        [
          text('logical'),
          text('physical'),
          text('type'),
          { name: 'id', type: 'int' },
          { name: 'bytes', type: 'bigint' },
        ],
        files.map((file) =>
          [file.logical, file.physical, file.type, file.id, file.type === 'ROWS' ? (size?.size ?? '8192') : '8192'].map(
            (value) => value,
          ),
        ),
      );
    },
  },
  {
    patterns: [
      `SELECT DISTINCT v.volume_mount_point AS place, v.available_bytes AS free FROM sys.master_files AS f
       CROSS APPLY sys.dm_os_volume_stats(f.database_id, f.file_id) AS v`,
    ],
    run: async (_, { instance }) =>
      table(
        [text('place'), { name: 'free', type: 'bigint' }],
        [[instance.windows ? 'C:\\' : '/', await instance.freeBytes()]],
      ),
  },
  {
    patterns: [
      `SELECT CONVERT(float, r.percent_complete) AS done FROM sys.dm_exec_requests AS r CROSS APPLY sys.dm_exec_sql_text(r.sql_handle) AS t
       WHERE r.session_id <> @@SPID AND CHARINDEX({@needle}, t.text) > 0`,
    ],
    run: async (found, { instance, session }) => {
      const needle = found.text('needle').toLowerCase();
      const running = [...instance.sessions.values()].filter(
        (one) => one !== session && one.running?.text.toLowerCase().includes(needle),
      );
      return table(
        [{ name: 'done', type: 'float' }],
        running.map((one) => [one.running?.percent ?? 0]),
      );
    },
  },
];
