/**
 * The connector's integrations of the practice ground: they really move records between this database and the 1C stand-in
 * that SmrConnection names, so a copy that still points at production writes there. The vendor's instruction says why
 * "use for deduplication" matters; here: a record without a row in SmrSyncHistory of the current layout is matched by its
 * key if its object has the flag, and is inserted a second time if not.
 *
 * The other end: `GET {url}/hs/exchange/orders` → `[{ref, number, name, changed}]`,
 * `POST {url}/hs/exchange/contacts` with `[{ref?, name, email}]` → `[{ref}]`, both with HTTP Basic. A contact without `ref`
 * is made anew there, even if 1C has one of that name.
 */
import type { Pool, PoolClient } from 'pg';
import { isNewLayout } from './install.ts';
import { emailOf } from './seed.ts';

interface RemoteOrder {
  ref: string;
  number: string;
  name: string;
}
interface Contact {
  id: string;
  name: string;
  email: string;
}

export const integrationNames = ['Orders', 'Contacts'];

/** Writes its row of SmrIntegrationLog; never throws for a failed exchange. */
export async function runIntegration(pool: Pool, name: string, token: string | null, broken: boolean): Promise<void> {
  const { rows } = await pool.query<{ Id: string }>(
    `insert into "SmrIntegrationLog" ("IntegrationName", "Status", "Token") values ($1, 'Running', $2) returning "Id"`,
    [name, token],
  );
  let [status, message] = ['Success', ''];
  try {
    if (broken) throw new Error('Не удалось сопоставить объект: структура записи SmrSyncHistory изменена');
    message = name === 'Orders' ? await importOrders(pool) : await exportContacts(pool);
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : '';
    [status, message] = ['Error', (error instanceof Error ? error.message : String(error)) + cause];
  }
  await pool.query(
    'update "SmrIntegrationLog" set "Status" = $2, "Message" = $3, "FinishedOn" = clock_timestamp() where "Id" = $1',
    [rows[0]?.Id, status, message],
  );
}

async function importOrders(pool: Pool): Promise<string> {
  const orders = (await callOnec(pool, 'orders')) as RemoteOrder[];
  return inTransaction(pool, async (client, history) => {
    let [added, matched] = [0, 0];
    for (const { ref, number, name } of orders) {
      if (await history.find('Order', { remoteRef: ref })) continue;
      const contact =
        (await history.deduplicate('Contact', 'select "Id" from "Contact" where "Name" = $1', name)) ??
        (await insert(client, 'insert into "Contact" ("Name", "Email") values ($1, $2) returning "Id"', [
          name,
          emailOf(name),
        ]));
      const known = await history.deduplicate('Order', 'select "Id" from "Order" where "Number" = $1', number);
      if (known) matched++;
      else added++;
      await history.add(
        'Order',
        known ??
          (await insert(client, 'insert into "Order" ("Number", "ContactId") values ($1, $2) returning "Id"', [
            number,
            contact,
          ])),
        ref,
      );
    }
    return `orders: ${orders.length} read, ${added} added, ${matched} matched`;
  });
}

async function exportContacts(pool: Pool): Promise<string> {
  return inTransaction(pool, async (client, history) => {
    const { rows } = await client.query<Contact>(
      'select "Id" id, "Name" "name", coalesce("Email", \'\') email from "Contact" order by "Id"',
    );
    const unsent: (Contact & { ref?: string })[] = [];
    for (const { id, name, email } of rows) {
      if (await history.find('Contact', { localId: id })) continue;
      const ref = await history.deduplicate('Contact', 'select "Id" from "Contact" where "Id"::text = $1', id);
      unsent.push({ id, name, email, ...(ref ? { ref } : {}) });
    }
    const refs =
      unsent.length > 0
        ? ((await callOnec(
            pool,
            'contacts',
            unsent.map(({ ref, name, email }) => ({ ref, name, email })),
          )) as { ref: string }[])
        : [];
    for (const [at, { id }] of unsent.entries()) await history.add('Contact', id, refs[at]?.ref ?? id);
    return `contacts: ${unsent.length} sent`;
  });
}

async function callOnec(pool: Pool, what: string, body?: unknown): Promise<unknown> {
  const { rows } = await pool.query<{ Url: string; Login: string; Password: string }>(
    'select "Url", "Login", "Password" from "SmrConnection" limit 1',
  );
  const connection = rows[0];
  if (!connection) throw new Error('SmrConnection is empty');
  const authorization = `Basic ${Buffer.from(`${connection.Login}:${connection.Password}`).toString('base64')}`;
  const reply = await fetch(`${connection.Url.replace(/\/$/, '')}/hs/exchange/${what}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!reply.ok) throw new Error(`1C: HTTP ${reply.status} ${(await reply.text()).slice(0, 200)}`);
  return reply.json();
}

interface History {
  find(entity: string, by: { remoteRef: string } | { localId: string }): Promise<boolean>;
  add(entity: string, localId: string, ref: string): Promise<void>;
  /** The record that the key finds, when the object is used for deduplication. */
  deduplicate(object: string, sql: string, key: string): Promise<string | undefined>;
}

async function inTransaction(
  pool: Pool,
  work: (client: PoolClient, history: History) => Promise<string>,
): Promise<string> {
  const current = await isNewLayout(pool);
  const client = await pool.connect();
  try {
    await client.query('begin');
    const message = await work(client, {
      async find(entity, by) {
        const [column, value] = 'localId' in by ? ['"LocalId"::text', by.localId] : ['"RemoteRef"', by.remoteRef];
        // A row of the old layout says nothing to the new connector.
        const { rowCount } = await client.query(
          `select 1 from "SmrSyncHistory" where "EntityName" = $1 and ${column} = $2${current ? ' and "IntegrationObjectId" is not null' : ''}`,
          [entity, value],
        );
        return (rowCount ?? 0) > 0;
      },
      async add(entity, localId, ref) {
        const [column, value] = current
          ? [', "IntegrationObjectId"', ', (select "Id" from "SmrIntegrationObject" where "Name" = $1)']
          : ['', ''];
        await client.query(
          `insert into "SmrSyncHistory" ("EntityName", "LocalId", "RemoteRef"${column}) values ($1, $2, $3${value})`,
          [entity, localId, ref],
        );
      },
      async deduplicate(object, sql, key) {
        const { rowCount } = await client.query(
          'select 1 from "SmrIntegrationObject" where "Name" = $1 and "UseForDeduplication"',
          [object],
        );
        return rowCount ? (await client.query<{ Id: string }>(`${sql} limit 1`, [key])).rows[0]?.Id : undefined;
      },
    });
    await client.query('commit');
    return message;
  } catch (error) {
    await client.query('rollback');
    throw error;
  } finally {
    client.release();
  }
}

async function insert(client: PoolClient, sql: string, values: unknown[]): Promise<string> {
  const { rows } = await client.query<{ Id: string }>(sql, values);
  return rows[0]?.Id ?? '';
}
