import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { verdictOf } from '../../../activities/bpmsoft/install.ts';
import { bpmsoftStepsWithin } from '../../../activities/bpmsoft/steps.ts';
import { connectorPackage, integrationObjects, labConnector, labIntegrations } from '../../../lab/bpmsoft/seed.ts';
import type { Archive, Integration, SiteTarget } from '../../../runbook/targets/index.ts';
import type { Cluster } from '../../../lab/postgres/cluster.ts';
import { contextOf, ground, testCluster, type Ground } from '../../lab/bpmsoft/ground.ts';

const steps = bpmsoftStepsWithin({ install: 10, verdict: 1, quiet: 2, compile: 5, ready: 3, settle: 0.5 });
const { results } = labConnector;
const [orders, contacts] = labIntegrations as [Integration, Integration];

let cluster: Cluster;
let lab: Ground;
let site: SiteTarget;
let archive: Archive;
beforeAll(async () => {
  cluster = await testCluster();
});
beforeEach(async () => {
  lab = await ground(cluster);
  site = lab.target;
  archive = await lab.archive();
});
afterEach(() => lab.stop());
afterAll(() => cluster.stop());

const install = (attempt = 1, step = 'production.install-package') =>
  steps.installPackage({ site, archive }, {}, contextOf(step, attempt));
const text = async (sql: string): Promise<string> =>
  JSON.stringify((await lab.db.query({ text: sql, rowMode: 'array' })).rows.flat());
const installedVersion = () => text(`select "Version" from "SysPackage" where "Name" = '${connectorPackage}'`);

describe('installing a package', () => {
  it('moves version, schema and flags, and tells what it did', async () => {
    const context = contextOf('production.install-package');
    const result = await steps.installPackage({ site, archive }, {}, context);
    expect(result).toMatchObject({ version: '3.0.0', before: '2.1.0', found: 'installed-now' });
    expect(result.logTail).toContain('Application installed successfully');
    expect(context.said.join()).toContain('Installing package');
    expect(await text(`select count(*)::int from "SmrIntegrationObject" where "UseForDeduplication"`)).toBe('[0]');
    expect(
      await text(
        `select column_name from information_schema.columns where table_name = 'SmrSyncHistory' and column_name like 'Integration%'`,
      ),
    ).toContain('IntegrationObjectId');
  });

  it('acts once when its answer was lost', async () => {
    await install();
    expect(await install(2)).toMatchObject({ version: '3.0.0', found: 'installed-now' });
    expect(await install(1, 'production.other-step')).toMatchObject({ version: '3.0.0', found: 'installed-already' });
    expect(lab.counts.get('install')).toBe(1);
  });

  it('follows an installation that an earlier attempt started', async () => {
    const first = install();
    while (!lab.counts.get('install')) await new Promise((resolve) => setTimeout(resolve, 10));
    const [one, two] = await Promise.all([first, install(2)]);
    expect([one.version, two.version]).toEqual(['3.0.0', '3.0.0']);
    expect(lab.counts.get('install')).toBe(1);
  });

  it('ends well when the connection is closed in between', async () => {
    lab.breakages['install-drop'] = 'production';
    expect(await install()).toMatchObject({ version: '3.0.0', found: 'installed-now' });
    expect(lab.counts.get('install')).toBe(1);
  });

  it('does not interfere with another installation', async () => {
    const first = install(1, 'production.somebody-else');
    while ((await text('select "Text" from "SysPackageInstallLog"')) === '[]')
      await new Promise((resolve) => setTimeout(resolve, 10));
    await expect(install()).rejects.toMatchObject({ code: 'INSTALL_OTHER_RUNNING', failure: { passing: true } });
    await first;
  });

  it('fails with the log when the installation fails, and tries again only when a person wants it', async () => {
    lab.breakages.install = 'production';
    await expect(install()).rejects.toMatchObject({
      code: 'INSTALL_FAILED',
      failure: { effect: 'unknown', vendor: expect.stringContaining('SmrIntegrationObject') as string },
    });
    await expect(install(2)).rejects.toMatchObject({ code: 'INSTALL_FAILED' });
    expect(lab.counts.get('install')).toBe(1);
    delete lab.breakages.install;
    expect(await install(1)).toMatchObject({ version: '3.0.0' });
    expect(lab.counts.get('install')).toBe(2);
  });

  it.each(['install-log-late', 'install-log-kept'] as const)(
    'does not take the log of the attempt before for its own: %s',
    async (how) => {
      lab.breakages.install = 'production';
      await expect(install()).rejects.toMatchObject({ code: 'INSTALL_FAILED' });
      delete lab.breakages.install;
      lab.breakages[how] = 'production';
      const { found, logTail } = await install();
      expect(found).toBe('installed-now');
      expect(logTail).toContain('Application installed successfully');
      expect(logTail).not.toContain('Package installation failed');
    },
  );

  it('does not believe a success that moved nothing', async () => {
    lab.breakages['install-silent'] = 'everywhere';
    await expect(install()).rejects.toMatchObject({
      code: 'INSTALL_NOT_EFFECTIVE',
      failure: { values: { installed: '2.1.0' }, effect: 'unknown' },
    });
    expect(await installedVersion()).toBe('["2.1.0"]');
  });

  it('does not guess when the log ends without a verdict', async () => {
    lab.breakages['install-no-verdict'] = 'everywhere';
    await expect(install()).rejects.toMatchObject({ code: 'INSTALL_UNKNOWN', failure: { effect: 'unknown' } });
  });

  it('does not guess when the site stops in between', async () => {
    const first = install();
    first.catch(() => undefined);
    while (!(await text('select "Text" from "SysPackageInstallLog"')).includes('schemas'))
      await new Promise((resolve) => setTimeout(resolve, 10));
    await lab.stopSite();
    await lab.startSite();
    await expect(first).rejects.toMatchObject({ code: 'INSTALL_UNKNOWN', failure: { values: { installed: '2.1.0' } } });
    expect(lab.counts.get('install')).toBe(1);
  });

  it('refuses a file that is not the approved one before it is installed', async () => {
    archive = { ...archive, sha256: 'a'.repeat(64) };
    await expect(install()).rejects.toMatchObject({ code: 'PACKAGE_DIGEST_CHANGED' });
    expect(lab.counts.get('install')).toBeUndefined();
  });

  it('reports a damaged archive in the words of the site', async () => {
    archive = { ...(await lab.archive({ break: 'damaged' })) };
    await expect(install()).rejects.toMatchObject({
      code: 'INSTALL_FAILED',
      failure: { vendor: expect.stringContaining('InvalidGZipArchiveException') as string },
    });
  });
});

describe('running an integration', () => {
  const run = (integration: Integration, attempt = 1) =>
    steps.runIntegration(
      { site, integration, results },
      {},
      contextOf(`production.run-${integration.name.toLowerCase()}`, attempt),
    );

  it('really moves records, once for all attempts', async () => {
    expect(await run(orders)).toMatchObject({
      name: 'Orders',
      status: 'Success',
      message: 'orders: 60 read, 1 added, 0 matched',
    });
    expect(await run(orders, 2)).toMatchObject({ message: 'orders: 60 read, 1 added, 0 matched' });
    expect(lab.counts.get('integration')).toBe(1);
    await lab.db.query(`insert into "Contact" ("Name", "Email") values ('Новый', 'new@example.com')`);
    await run(contacts);
    expect(lab.onec.contacts).toMatchObject([{ name: 'Новый' }]);
  });

  it('follows the run that an earlier attempt started', async () => {
    const [one, two] = await Promise.all([run(orders), run(orders, 2)]);
    expect(one.message).toBe(two.message);
    expect(lab.counts.get('integration')).toBe(1);
  });

  it('makes duplicates after an update unless the flag is set', async () => {
    await install();
    await lab.db.query('delete from "SmrSyncHistory"');
    await run(orders);
    expect(await text('select count(*)::int, count(distinct "Number")::int from "Order"')).toBe('[119,60]');
    await run(contacts);
    expect(lab.onec.contacts.filter(({ ref }) => ref === undefined)).toHaveLength(100);
  });

  it('matches by key after an update when the flag is set', async () => {
    await install();
    await lab.db.query('delete from "SmrSyncHistory"');
    expect(
      await steps.setDeduplication({ site, objects: labConnector.objects }, {}, contextOf('production.set')),
    ).toMatchObject({ changed: integrationObjects.length });
    expect(await run(orders)).toMatchObject({ message: 'orders: 60 read, 1 added, 59 matched' });
    expect(await text('select count(*)::int, count(distinct "Number")::int from "Order"')).toBe('[60,60]');
    await run(contacts);
    expect(lab.onec.contacts.filter(({ ref }) => ref !== undefined)).toHaveLength(40);
  });

  it('fails with the message of the connector, and runs again only when a person wants it', async () => {
    await install();
    lab.breakages.integrations = 'production';
    await expect(run(orders)).rejects.toMatchObject({
      code: 'INTEGRATION_FAILED',
      failure: { vendor: expect.stringContaining('SmrSyncHistory') as string, effect: 'unknown' },
    });
    await expect(run(orders, 2)).rejects.toMatchObject({ code: 'INTEGRATION_FAILED' });
    expect(lab.counts.get('integration')).toBe(1);
    delete lab.breakages.integrations;
    expect(await run(orders)).toMatchObject({ status: 'Success' });
  });

  it('does not start what the site does not know', async () => {
    await expect(run({ ...orders, process: 'SmrNothing' })).rejects.toMatchObject({
      code: 'INTEGRATION_NOT_STARTED',
      failure: { effect: 'not-done' },
    });
  });

  it('says unknown when no result comes', async () => {
    await lab.db.query(`create function keep() returns trigger language plpgsql as 'begin return old; end'`);
    await lab.db.query('create trigger keep before update on "SmrIntegrationLog" for each row execute function keep()');
    await expect(run({ ...orders, timeout: 1 })).rejects.toMatchObject({
      code: 'INTEGRATION_NO_RESULT',
      failure: { effect: 'unknown' },
    });
  });
});

it('reads verdicts in both languages and takes no other line for one', () => {
  expect(verdictOf('Installing package "X": data')).toBeUndefined();
  expect(verdictOf('Compiled, no errors occurred')).toBeUndefined();
  expect(verdictOf('Application installed successfully')).toBe('ok');
  expect(verdictOf('Приложение успешно установлено')).toBe('ok');
  expect(verdictOf('Application installed successfully\nError occurred while saving')).toBe('failed');
  expect(verdictOf('Ошибка при установке пакета')).toBe('failed');
});
