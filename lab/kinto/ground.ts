/**
 * The practice ground of `examples/custom.yaml`: the old release of Kinto, a real application with a real database, serves a shop's
 * orders; the new release and its settings lie beside it. Nothing of it is made up but the orders.
 */
import { execFile } from 'node:child_process';
import { chmod, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePort } from '../ports.ts';
import type { Cluster } from '../postgres/cluster.ts';
import { initScript, launcher, settings } from './files.ts';
import { installedRelease, newRelease, oldRelease } from './releases.ts';
import { openWindow } from '../window.ts';

/**
 * `rehearsal`: somebody has made an index by hand that a migration of the new release makes too: it fails half-way, on the copy already.
 * `migrate`: that index appears only when production is stopped. `start`: a wrong name in the new settings of production, noticed only after the migration.
 */
export type KintoBreak = 'rehearsal' | 'migrate' | 'start';

export interface KintoOptions {
  /** Emptied at the start. */
  readonly dir: string;
  readonly cluster: Cluster;
  /** Before every database name. Default none. */
  readonly prefix?: string;
  readonly break?: KintoBreak;
}

export interface KintoGround {
  readonly variables: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, string>>;
  readonly dir: string;
  readonly url: string;
  readonly databases: { readonly production: string; readonly test: string };
  /** Commands of Kinto and stops, in their order. */
  events(): Promise<string[]>;
  stop(): Promise<void>;
}

const run = promisify(execFile);
const orders = 25;

export async function startKinto({ dir, cluster, prefix = '', break: what }: KintoOptions): Promise<KintoGround> {
  if (cluster.bin === null) throw new Error('This practice ground needs PostgreSQL with pg_dump (package postgresql).');
  const bins = { old: await installedRelease(oldRelease), new: await installedRelease(newRelease) };
  const databases = { production: `${prefix}kinto`, test: `${prefix}kinto_test` };
  await stopAll(dir);
  await rm(dir, { recursive: true, force: true });
  for (const folder of ['log', 'run', 'etc', 'etc-new', 'etc-test', 'init.d', 'backups', 'work'])
    await mkdir(join(dir, folder), { recursive: true });
  for (const name of Object.values(databases)) await cluster.dropDatabase(name);
  await cluster.createDatabase(databases.production);

  const urlOf = (database: string): string =>
    `postgresql://${encodeURIComponent(cluster.user)}:${encodeURIComponent(cluster.password)}@${cluster.host}:${cluster.port}/${database}`;
  const events = join(dir, 'events');
  const program = async (file: string, text: string): Promise<void> => {
    await writeFile(join(dir, file), text);
    await chmod(join(dir, file), 0o755);
  };
  for (const [release, bin] of [
    [oldRelease, bins.old],
    [newRelease, bins.new],
  ] as const) {
    await mkdir(join(dir, 'releases', release.version, 'bin'), { recursive: true });
    await program(`releases/${release.version}/bin/kinto`, launcher(bin, events));
  }
  await symlink(`releases/${oldRelease.version}`, join(dir, 'current'));
  const [production, test] = [urlOf(databases.production), urlOf(databases.test)];
  await writeFile(join(dir, 'etc/kinto.ini'), settings({ database: production, release: oldRelease }), { mode: 0o600 });
  await writeFile(
    join(dir, 'etc-new/kinto.ini'),
    settings({ database: production, release: newRelease, wrong: what === 'start' }),
    { mode: 0o600 },
  );
  await writeFile(join(dir, 'etc-test/kinto.ini'), settings({ database: test, release: newRelease }), { mode: 0o600 });

  const handMade = `'${bins.new}/python' -c "
import psycopg2, sys
psycopg2.connect(sys.argv[1]).cursor().execute('CREATE INDEX IF NOT EXISTS idx_objects_history_userid_and_resourcename ON objects (id); COMMIT')" '${production}'`;
  const [port, testPort] = [await freePort(), await freePort()];
  await program(
    'init.d/kinto',
    initScript({
      name: 'kinto',
      dir,
      release: `${dir}/current`,
      ini: `${dir}/etc/kinto.ini`,
      port,
      ...(what === 'migrate' ? { afterStop: handMade } : {}),
    }),
  );
  await program(
    'init.d/kinto-test',
    initScript({
      name: 'kinto-test',
      dir,
      release: `${dir}/releases/${newRelease.version}`,
      ini: `${dir}/etc-test/kinto.ini`,
      port: testPort,
    }),
  );

  await run(join(dir, 'current/bin/kinto'), ['migrate', '--ini', join(dir, 'etc/kinto.ini')]);
  await run(join(dir, 'init.d/kinto'), ['start']);
  const url = `http://127.0.0.1:${port}/v1`;
  await seed(url, join(dir, 'log/kinto.log'));
  if (what === 'rehearsal') await run('/bin/sh', ['-c', handMade]);
  await rm(events, { force: true });

  return {
    dir,
    url,
    databases,
    variables: {
      LAB_KINTO: dir,
      LAB_KINTO_URL: url,
      LAB_KINTO_TEST_URL: `http://127.0.0.1:${testPort}/v1`,
      LAB_DB_HOST: cluster.host,
      LAB_DB_PORT: String(cluster.port),
      LAB_DB_USER: cluster.user,
      LAB_DB_TLS: 'off',
      LAB_DB_TOOLS: cluster.bin,
      LAB_DB: databases.production,
      LAB_TEST_DB: databases.test,
      ...openWindow(),
    },
    secrets: { NAKAT_DB_PASSWORD: cluster.password },
    events: async () => (await readFile(events, 'utf8').catch(() => '')).split('\n').filter(Boolean),
    stop: () => stopAll(dir),
  };
}

/** Also what an earlier, killed run left. */
async function stopAll(dir: string): Promise<void> {
  for (const name of ['kinto', 'kinto-test']) await run(join(dir, 'init.d', name), ['stop']).catch(() => undefined);
}

async function seed(url: string, log: string): Promise<void> {
  const put = async (path: string, body: unknown): Promise<void> => {
    const answer = await fetch(`${url}${path}`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (answer.status !== 201) throw new Error(`PUT ${path}: ${answer.status} ${await answer.text()}`);
  };
  for (
    let tries = 0;
    !(await fetch(`${url}/`).then(
      (answer) => answer.ok,
      () => false,
    ));
    tries++
  ) {
    if (tries > 300)
      throw new Error(`Kinto does not answer: ${(await readFile(log, 'utf8').catch(() => '')).slice(-2000)}`);
    await sleep(100);
  }
  await put('/buckets/shop', { permissions: { write: ['system.Everyone'] } });
  await put('/buckets/shop/collections/orders', {});
  for (let number = 1; number <= orders; number++)
    await put(`/buckets/shop/collections/orders/records/order-${String(number).padStart(3, '0')}`, {
      data: { number, customer: `Покупатель ${number}`, total: `${number * 100}.50` },
    });
}
