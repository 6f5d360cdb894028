/** What is said must be what is done: the activities' own code runs against parts that only write down what reaches them. */
import { expect, test } from 'vitest';
import { backUp } from '../../../activities/sqlserver/backup.ts';
import { clear, update } from '../../../activities/sqlserver/data.ts';
import type { Session } from '../../../activities/sqlserver/session.ts';
import { Iis } from '../../../activities/site/iis.ts';
import { nameFor } from '../../../activities/step.ts';
import type { Machine } from '../../../activities/machines/machine.ts';
import { does } from '../../../runbook/does/index.ts';
import type { SiteTarget, SqlServerTarget } from '../../../runbook/targets/index.ts';

const database: SqlServerTarget = {
  engine: 'sqlserver', host: 'sql', port: 1433, name: 'crm', user: 'nakat', password: { env: 'X' },
  encrypt: true, trustServerCertificate: false, backups: 'D:\\backups',
}; // prettier-ignore
const step = { id: 'production.some-step', uses: {} };
const named = (prefix: string): string => nameFor({ run: '1a2b3c4d', step: step.id }, prefix);

/** The server of one table, which has no backup yet. */
function recordingSession(): { session: Session; heard: string[] } {
  const heard: string[] = [];
  const answer = async (
    statement: string,
    params: Readonly<Record<string, unknown>> = {},
  ): Promise<Record<string, unknown>[]> => {
    heard.push(
      statement.replaceAll(/@(\w+)/g, (whole, name: string) => (name in params ? `N'${String(params[name])}'` : whole)),
    );
    if (/sys\.columns/.test(statement))
      return ['Code', 'Url'].map((column) => ({
        schema: 'dbo',
        table: 'Link',
        column,
        type: 'nvarchar',
        computed: false,
      }));
    return /sys\.databases/.test(statement) ? [{ state: 'ONLINE', access: 'MULTI_USER' }] : [];
  };
  const session = {
    database: 'crm',
    where: 'sql',
    query: answer,
    batch: answer,
    change: async (...given: Parameters<typeof answer>) => (await answer(...given), 1),
  };
  return { session: session as unknown as Session, heard };
}
const statements = (lines: readonly string[]): string[] =>
  lines.map((line) => line.slice(line.indexOf('> ') + 2).replaceAll('<run>', '1a2b3c4d'));

test('statements on SQL Server', async () => {
  const { session, heard } = recordingSession();
  await backUp(session, database.backups, named('db'), {}).catch(() => undefined);
  expect(heard).toContain(statements(does.backUpDatabase({ database }, step))[0]);
  await clear(session, 'Link');
  expect(heard).toContain(statements(does.clearTable({ database, table: 'Link' }, step))[0]);
  const row = { table: 'Link', set: { Url: 'http://test' }, where: { Code: '1C' } };
  await update(session, row.table, row.set, row.where);
  expect(heard).toContain(statements(does.pointAtInfobase({ database, rows: [row] }, step))[0]);
});

test('commands to IIS', async () => {
  const site = {
    name: 'CRM', pool: 'CRM', appcmd: 'C:\\appcmd.exe', binding: 'http/*:80:', maintenanceBinding: 'http/*:8090:',
    machine: { name: 'web', os: 'windows' },
  } as SiteTarget; // prettier-ignore
  const heard: string[] = [];
  let bindings = site.binding;
  const run = async (argv: readonly string[]) => {
    heard.push(argv.join(' '));
    bindings = argv.find((word) => word.startsWith('/bindings:'))?.slice(10) ?? bindings;
    return {
      code: 0,
      stdout: `<appcmd><SITE SITE.NAME="CRM" bindings="${bindings}" state="Started"/></appcmd>`,
      stderr: '',
    };
  };
  await new Iis({ name: 'web', run } as unknown as Machine, site.appcmd).setBindings(
    site.name,
    site.maintenanceBinding,
  );
  for (const line of does.keepUsersOut({ site }, step)) expect(heard).toContain(line.replace('web$ ', ''));
});
