import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readBinding, readSiteConfig } from '../../../lab/bpmsoft/config.ts';
import { bpmsoftSite, type Breakages } from '../../../lab/bpmsoft/site.ts';
import type { Cluster } from '../../../lab/postgres/cluster.ts';
import { freePort } from '../../../lab/ports.ts';
import { ground, password, testCluster, type Ground } from './ground.ts';

let cluster: Cluster;
let lab: Ground;
beforeAll(async () => {
  cluster = await testCluster();
  lab = await ground(cluster);
});
afterAll(async () => {
  await lab.stop();
  await cluster.stop();
});

async function logIn(base: string, secret = password) {
  const reply = await fetch(`${base}/ServiceModel/AuthService.svc/Login`, {
    method: 'POST',
    body: JSON.stringify({ UserName: 'Supervisor', UserPassword: secret }),
  });
  const cookie = reply.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ');
  return {
    status: reply.status,
    code: ((await reply.json()) as { Code: number }).Code,
    cookie,
    csrf: /BPMCSRF=(\w+)/.exec(cookie)?.[1] ?? '',
  };
}
const info = (base: string, headers: Record<string, string>) =>
  fetch(`${base}/0/ServiceModel/ApplicationInfoService.svc/GetApplicationInfo`, {
    method: 'POST',
    body: '{}',
    headers,
  });

describe('the site', () => {
  it('answers a wrong password with status 200, and locks the account after five', async () => {
    for (let at = 0; at < 5; at++) expect(await logIn(lab.target.url, 'wrong')).toMatchObject({ status: 200, code: 1 });
    expect(await logIn(lab.target.url)).toMatchObject({ code: 1 });
    await lab.db.query('update "SysAdminUnit" set "LoginAttemptCount" = 0');
    expect(await logIn(lab.target.url)).toMatchObject({ code: 0 });
  });

  it('is strict about session, CSRF header and prefix', async () => {
    const { cookie, csrf } = await logIn(lab.target.url);
    expect((await info(lab.target.url, { cookie, BPMCSRF: csrf })).headers.get('content-type')).toContain('json');
    expect((await info(lab.target.url, { cookie })).status).toBe(403);
    expect(await (await info(lab.target.url, { BPMCSRF: csrf })).text()).toContain('/Login/');
    expect(
      (
        await fetch(`${lab.target.url}/ServiceModel/ApplicationInfoService.svc/GetApplicationInfo`, {
          method: 'POST',
          headers: { cookie, BPMCSRF: csrf },
        })
      ).status,
    ).toBe(404);
    expect(
      (await fetch(`${lab.target.url}/0/ServiceModel/AuthService.svc/Login`, { method: 'POST', body: '{}' })).status,
    ).toBe(401);
  });

  it('serves its bindings only, shares sessions with sites of the same Redis database, and breaks where it is told to', async () => {
    const breakages: Breakages = { html: 'test' };
    const run = bpmsoftSite({ production: 'crm', breakages });
    const folders = { '/': lab.folder + '/site', '/0': lab.folder + '/site' };
    const [one, two] = [await freePort(), await freePort()];
    const production = await run({
      name: 'crm',
      pool: 'crm',
      bindings: [`http/*:${one}:localhost`],
      folders,
      isServing: () => true,
      hold: () => {},
    });
    const test = await run({
      name: 'crm-test',
      pool: 'crm-test',
      bindings: [`http/127.0.0.1:${two}:`],
      folders,
      isServing: () => true,
      hold: () => {},
    });
    try {
      expect((await fetch(`http://127.0.0.1:${one}/healthz`)).status).toBe(404);
      const { cookie, csrf } = await logIn(`http://localhost:${one}`);
      expect(await (await info(`http://127.0.0.1:${two}`, { cookie, BPMCSRF: csrf })).text()).toContain('nginx');
      delete breakages.html;
      expect(await (await info(`http://127.0.0.1:${two}`, { cookie, BPMCSRF: csrf })).json()).toMatchObject({
        applicationInfo: {},
      });
    } finally {
      await production.stop();
      await test.stop();
    }
    await expect(fetch(`http://127.0.0.1:${two}/healthz`)).rejects.toThrow();
  });

  it('goes on after its database was replaced under it', async () => {
    const { cookie, csrf } = await logIn(lab.target.url);
    await lab.db.query(
      'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
    );
    // The connection that was ended may be found out by one request more.
    await expect.poll(async () => (await info(lab.target.url, { cookie, BPMCSRF: csrf })).status).toBe(200);
  });
});

describe('the site’s configuration', () => {
  it('understands both kinds of connection strings', async () => {
    const folder = join(lab.folder, 'mssql');
    await mkdir(folder);
    await writeFile(
      join(folder, 'connectionstrings.config'),
      '<connectionStrings><add name="db" connectionString="Data Source=127.0.0.1,1433; Initial Catalog=CRM test; User ID=sa; Password=x=y;" /><add name="redis" connectionString="host=r;db=7;port=6379" /></connectionStrings>',
    );
    const behind = { host: '127.0.0.1', port: 5433, user: 'lab', prefix: 'mssql_' };
    expect(await readSiteConfig(folder, behind)).toEqual({
      database: { host: '127.0.0.1', port: 5433, user: 'lab', database: 'mssql_CRM test' },
      redis: 'r:6379/7',
    });
    await expect(readSiteConfig(folder)).rejects.toThrow('no SQL Server');
    await expect(readSiteConfig(lab.folder)).rejects.toThrow('no ConnectionStrings.config');
    expect(readBinding('http/*:80:crm.Example.com')).toEqual({ port: 80, host: 'crm.example.com' });
  });
});
