import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { bpmsoft } from '../../../activities/bpmsoft/client.ts';
import { readCompileReply } from '../../../activities/bpmsoft/compile.ts';
import { bpmsoftStepsWithin } from '../../../activities/bpmsoft/steps.ts';
import { connectorPackage, labConnector } from '../../../lab/bpmsoft/seed.ts';
import type { Cluster } from '../../../lab/postgres/cluster.ts';
import type { SiteTarget } from '../../../runbook/targets/index.ts';
import { freePort } from '../../../lab/ports.ts';
import { contextOf, ground, password, testCluster, type Ground } from '../../lab/bpmsoft/ground.ts';

const steps = bpmsoftStepsWithin({ install: 10, verdict: 1, quiet: 2, compile: 5, ready: 3, settle: 0.5 });
const objects = labConnector.objects;

let cluster: Cluster;
beforeAll(async () => {
  cluster = await testCluster();
});
afterAll(() => cluster.stop());

for (const layout of ['framework', 'core'] as const) {
  describe(`a site of the ${layout} layout`, () => {
    let lab: Ground;
    let site: SiteTarget;
    beforeAll(async () => {
      lab = await ground(cluster, layout);
      site = lab.target;
    });
    afterAll(() => lab.stop());
    afterEach(() => {
      for (const kind of Object.keys(lab.breakages) as (keyof typeof lab.breakages)[]) delete lab.breakages[kind];
      lab.counts.clear();
    });
    const context = (attempt?: number) => contextOf('preflight.check', attempt);

    it('gives its versions, and is refused when it is too old', async () => {
      const versions = await steps.checkSite({ site, minimum: '1.1' }, {}, context());
      expect(versions).toEqual({
        core: '1.4.0.12',
        packages: { CrtBase: '1.4.0.12', CrtUIv2: '1.4.0.12', Custom: '0.0.0', [connectorPackage]: '2.1.0' },
      });
      await expect(steps.checkSite({ site, minimum: '1.10' }, {}, context())).rejects.toMatchObject({
        code: 'SITE_TOO_OLD',
      });
    });

    it('refuses a wrong password after one try, without a word of the password', async () => {
      const error = await steps
        .checkSite({ site: { ...site, password: { env: 'OTHER' } }, minimum: '1' }, {}, context())
        .catch((cause: unknown) => cause);
      expect(error).toMatchObject({ code: 'SITE_LOGIN_REFUSED', failure: { passing: false } });
      expect(String(error)).toContain('неверный логин');
      expect(String(error)).not.toContain('wrong');
      expect(lab.counts.get('login-refused')).toBe(1);
    });

    it('logs in once more when the session has expired', async () => {
      const client = bpmsoft(site, context());
      await client.versions();
      lab.breakages.session = 'everywhere';
      expect(await client.packageVersion(connectorPackage)).toBe('2.1.0');
      expect(lab.counts.get('login')).toBe(2);
    });

    it('takes the CSRF cookie from the root page, and says so when there is none', async () => {
      lab.breakages['csrf-late'] = 'everywhere';
      expect(await bpmsoft(site, context()).packageVersion(connectorPackage)).toBe('2.1.0');
      lab.breakages['csrf'] = 'everywhere';
      await expect(bpmsoft(site, context()).packageVersion(connectorPackage)).rejects.toMatchObject({
        code: 'SITE_CSRF_MISSING',
      });
    });

    it('is refused when it is no BPMSoft, has the other layout, or does not answer', async () => {
      lab.breakages.html = 'everywhere';
      await expect(bpmsoft(site, context()).versions()).rejects.toMatchObject({
        code: 'SITE_NOT_BPMSOFT',
        failure: { vendor: 'HTTP 200 Welcome to nginx!' },
      });
      delete lab.breakages.html;
      const other: SiteTarget = { ...site, layout: layout === 'core' ? 'framework' : 'core' };
      await expect(bpmsoft(other, context()).versions()).rejects.toMatchObject({ code: 'SITE_NOT_BPMSOFT' });
      const gone = { ...site, url: `http://127.0.0.1:${await freePort()}` };
      await expect(bpmsoft(gone, context()).versions()).rejects.toMatchObject({
        code: 'SITE_UNREACHABLE',
        failure: { passing: true },
      });
    });

    it('generates, compiles, and lists compile errors by schema', async () => {
      await lab.db.query(`insert into "SysCompilationError" values ('UsrOld.cs', 3, 'CS0618', 'obsolete', true)`);
      await steps.generateSources({ site }, {}, context());
      expect(await steps.compileAll({ site }, {}, context())).toEqual({ errors: [], warnings: 1 });
      lab.breakages.compile = 'production';
      await expect(steps.compileAll({ site }, {}, context())).rejects.toMatchObject({
        code: 'COMPILE_ERRORS',
        failure: {
          values: { count: 1, schemas: 'UsrOrderHelper.Custom' },
          vendor: expect.stringContaining('UsrOrderHelper.Custom(42): CS0246') as string,
        },
      });
      lab.breakages.compile = 'test';
      expect((await steps.compileAll({ site }, {}, context())).warnings).toBe(1);
    });

    it('finds the result of a compilation whose connection was closed', async () => {
      lab.breakages['compile-drop'] = 'everywhere';
      expect((await steps.compileAll({ site }, {}, context())).errors).toEqual([]);
      lab.breakages.compile = 'everywhere';
      await expect(steps.compileAll({ site }, {}, context())).rejects.toMatchObject({ code: 'COMPILE_ERRORS' });
      expect(lab.counts.get('compile')).toBe(2);
    });

    it('compares an update with what is installed', async () => {
      const archive = await lab.archive();
      expect(await steps.checkInstalledPackage({ site, archive }, {}, context())).toMatchObject({
        installed: '2.1.0',
        update: '3.0.0',
      });
      await expect(
        steps.checkInstalledPackage({ site, archive: { ...archive, version: '2.1' } }, {}, context()),
      ).rejects.toMatchObject({ code: 'UPDATE_INSTALLED_ALREADY' });
      await expect(
        steps.checkInstalledPackage({ site, archive: { ...archive, version: '2.0.9' } }, {}, context()),
      ).rejects.toMatchObject({ code: 'UPDATE_OLDER_THAN_INSTALLED' });
    });

    it('compares all versions with those before', async () => {
      const before = await steps.checkSite({ site, minimum: '1' }, {}, context());
      await steps.checkVersions({ site, expected: {} }, { before }, context());
      await steps.checkVersions({ site, expected: { [connectorPackage]: '2.1.0' } }, { before: undefined }, context());
      await expect(
        steps.checkVersions({ site, expected: { [connectorPackage]: '3.0.0' } }, { before }, context()),
      ).rejects.toMatchObject({
        code: 'VERSIONS_DIFFER',
        failure: { values: { differences: `${connectorPackage} 2.1.0 (3.0.0)` } },
      });
    });

    it('sets the flag on every integration object, and finds the one that lost it', async () => {
      await lab.db.query(`update "SmrIntegrationObject" set "UseForDeduplication" = false where "Name" <> 'Contact'`);
      await expect(steps.checkDeduplication({ site, objects }, {}, context())).rejects.toMatchObject({
        code: 'DEDUPLICATION_NOT_SET',
        failure: { values: { objects: 'Order, Product, Account' } },
      });
      expect(await steps.setDeduplication({ site, objects }, {}, context())).toEqual({ objects: 4, changed: 3 });
      expect(await steps.checkDeduplication({ site, objects }, {}, context())).toEqual({ objects: 4 });
      expect(await steps.setDeduplication({ site, objects }, {}, context())).toEqual({ objects: 4, changed: 0 });
      await expect(
        steps.checkDeduplication({ site, objects: { ...objects, entity: 'SmrNothing' } }, {}, context()),
      ).rejects.toMatchObject({ code: 'SITE_CALL_FAILED' });
    });

    it('does not believe that a flag is set before it has read it back', async () => {
      await lab.db.query(`update "SmrIntegrationObject" set "UseForDeduplication" = false where "Name" = 'Order'`);
      await lab.db.query(`create function keep() returns trigger language plpgsql as 'begin return old; end'`);
      await lab.db.query(
        'create trigger keep before update on "SmrIntegrationObject" for each row execute function keep()',
      );
      await expect(steps.setDeduplication({ site, objects }, {}, context())).rejects.toMatchObject({
        code: 'DEDUPLICATION_NOT_SET',
        failure: { values: { objects: 'Order' } },
      });
      await lab.db.query('drop trigger keep on "SmrIntegrationObject"');
    });

    it('never updates without a filter', async () => {
      await expect(bpmsoft(site, context()).update('Contact', { Code: 'x' }, {})).rejects.toThrow('without a filter');
      expect(lab.counts.get('update')).toBeUndefined();
    });

    it('reads pages of OData', async () => {
      const client = bpmsoft(site, context());
      expect(await client.odata('Order', '$top=15&$select=Number')).toHaveLength(59);
      expect(await client.odata('SysPackage', `$filter=Name eq '${connectorPackage}'&$select=Version`)).toEqual([
        { Version: '2.1.0' },
      ]);
    });

    it('opens the start page, and finds an error page served as success', async () => {
      expect(await steps.checkStartPage({ site }, {}, context())).toMatchObject({ title: 'BPMSoft' });
      lab.breakages['start-page'] = 'everywhere';
      await expect(steps.checkStartPage({ site }, {}, context())).rejects.toMatchObject({
        code: 'SITE_START_PAGE_WRONG',
        failure: { vendor: 'Runtime Error' },
      });
    });

    it('restarts, and waits for a site that comes up late', async () => {
      await steps.restartApplication({ site }, {}, context());
      expect(lab.counts.get('restart')).toBe(1);
      await lab.stopSite();
      const ready = steps.waitUntilReady({ site }, {}, context());
      await lab.startSite();
      expect(await ready).toMatchObject({ health: 'healthz' });
      await lab.stopSite();
      await expect(steps.waitUntilReady({ site }, {}, context())).rejects.toMatchObject({ code: 'SITE_NOT_READY' });
      await lab.startSite();
    });

    it('stops waiting at the second refused log-in', async () => {
      await expect(
        steps.waitUntilReady({ site: { ...site, password: { env: 'OTHER' } } }, {}, context()),
      ).rejects.toMatchObject({ code: 'SITE_LOGIN_REFUSED' });
      expect(lab.counts.get('login-refused')).toBe(2);
    });

    it('keeps the password out of everything that is said', async () => {
      const spoken = context();
      await steps.setDeduplication({ site, objects }, {}, spoken);
      expect(spoken.said.join('\n')).not.toContain(password);
    });
  });
}

it('takes no compile reply for a success that it does not understand', () => {
  expect(readCompileReply({ success: true, errors: '[]' })).toEqual({ success: true, errors: [], message: '' });
  expect(readCompileReply({ success: true, errors: 'Out of memory' })).toMatchObject({
    success: false,
    message: 'Out of memory',
  });
  expect(readCompileReply({ success: true, errors: [{ line: '7', errorText: 'x', IsWarning: true }] }).errors).toEqual([
    { schema: '?', line: 7, code: '', text: 'x', warning: true },
  ]);
  expect(readCompileReply({ buildResult: 0 })).toMatchObject({ success: false });
  expect(readCompileReply('ok')).toMatchObject({ success: false });
});
