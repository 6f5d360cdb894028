import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { closeAllMachines } from '../../../activities/machines/pool.ts';
import { siteSteps } from '../../../activities/site/steps.ts';
import type { StepContext } from '../../../activities/step.ts';
import type { DatabaseTarget, SiteTarget } from '../../../runbook/targets/index.ts';
import { password, startFixture, type Fixture } from '../../lab/windows/fixture.ts';

let fixture: Fixture;
let production: SiteTarget;
let copy: SiteTarget;

const config = `\uFEFF<?xml version="1.0" encoding="utf-8"?>
<!-- строки -->
<connectionStrings>
  <add name="db" connectionString="Data Source=sql01;Initial Catalog=prod;User ID=sa;Password=old;Max Pool Size=100" />
  <add name="redis" connectionString="host=redis01;db=1;port=6379;maxReadPoolSize=10" />
  <add name="tempDirectoryPath" connectionString="%TEMP%/x&amp;y" />
</connectionStrings>
`;
const database: DatabaseTarget = {
  engine: 'sqlserver',
  host: 'sql02',
  port: 1433,
  name: 'copy',
  user: 'nakat',
  password: { env: 'NAKAT_TEST_DB' },
  encrypt: true,
  trustServerCertificate: true,
  backups: 'C:\\db',
};

const site = (name: string, port: number): SiteTarget => ({
  name,
  url: `http://127.0.0.1:${port}/`,
  publicUrl: `http://127.0.0.1:${port}/`,
  layout: 'framework',
  user: 'Supervisor',
  password: { env: 'X' },
  machine: fixture.target(),
  appcmd: 'C:\\Windows\\System32\\inetsrv\\appcmd.exe',
  pool: name,
  folder: `C:\\sites\\${name}`,
  binding: `http/*:${port}:`,
  maintenanceBinding: `http/127.0.0.1:${port + 1}:`,
  redisDb: 7,
  backups: 'C:\\backups',
});
const context = (step: string, run = '1a2b3c4d'): StepContext => ({
  run,
  system: 'crm',
  step,
  attempt: 1,
  signal: new AbortController().signal,
  stopping: () => false,
  progress: () => {},
  secret: async (ref) => ('env' in ref && ref.env === 'NAKAT_TEST_DB' ? 'n;w"1' : password),
  log: () => {},
  onEnd: () => {},
});
/** Blanks between the elements mean nothing. */
const flat = (xml: string): string => xml.replace(/>\s+/g, '>').trim();
const real = (path: string): string => fixture.host.real(path);

beforeEach(async () => {
  fixture = await startFixture();
  production = site('prod', 8080);
  copy = site('copy', 8090);
  fixture.write('C:\\sites\\prod\\ConnectionStrings.config', config);
  fixture.write('C:\\sites\\prod\\bin\\a.dll', 'a');
  fixture.write('C:\\sites\\prod\\BPMSoft.WebApp\\bin\\b.dll', 'b');
  fixture.write('C:\\sites\\prod\\empty.txt', '');
  await fixture.host.addSite({
    name: 'prod',
    pool: 'prod',
    binding: production.binding,
    folder: production.folder,
    applications: { '/0': 'C:\\sites\\prod\\BPMSoft.WebApp' },
  });
});
afterEach(async () => {
  await closeAllMachines();
  await fixture.stop();
});

test('a test site is made from production, twice the same, and is not started', async () => {
  for (let time = 0; time < 2; time++)
    await siteSteps.createSite({ site: copy, from: production, database }, {}, context('rehearsal.create-site'));
  expect(fixture.served.has('copy')).toBe(false);
  const written = readFileSync(real('C:\\sites\\copy\\ConnectionStrings.config'), 'utf8');
  expect(flat(written)).toBe(
    flat(config)
      .replace(
        'Data Source=sql01;Initial Catalog=prod;User ID=sa;Password=old',
        'Data Source=sql02,1433;Initial Catalog=copy;User ID=nakat;Password=&quot;n;w&quot;&quot;1&quot;',
      )
      .replace('db=1;', 'db=7;')
      .replaceAll(' />', '/>'),
  );
  expect(readFileSync(real('C:\\sites\\prod\\ConnectionStrings.config'), 'utf8')).toBe(config);
  await siteSteps.startSite({ site: copy }, {}, context('rehearsal.start-site'));
  expect(fixture.served.get('copy')?.folders).toEqual({
    '/': real('C:\\sites\\copy'),
    '/0': real('C:\\sites\\copy\\BPMSoft.WebApp'),
  });
  // The next run replaces it.
  fixture.write('C:\\sites\\copy\\left-over.txt', 'x');
  await siteSteps.createSite(
    { site: copy, from: production, database },
    {},
    context('rehearsal.create-site', '99999999'),
  );
  expect(existsSync(real('C:\\sites\\copy\\left-over.txt'))).toBe(false);
  expect(fixture.served.has('copy')).toBe(false);
});

test('a folder or a site that nakat did not make is refused', async () => {
  fixture.write('C:\\sites\\copy\\precious.txt', 'x');
  await expect(
    siteSteps.createSite({ site: copy, from: production, database }, {}, context('rehearsal.create-site')),
  ).rejects.toMatchObject({ code: 'SITE_NOT_OURS' });
  expect(existsSync(real('C:\\sites\\copy\\precious.txt'))).toBe(true);
});

test('users are kept out and let in; both may run twice', async () => {
  await siteSteps.checkWebServer({ site: production }, {}, context('preflight.check'));
  for (let time = 0; time < 2; time++)
    await siteSteps.keepUsersOut({ site: production }, {}, context('production.keep-out'));
  expect(fixture.served.get('prod')?.bindings).toEqual([production.maintenanceBinding]);
  await expect(siteSteps.checkWebServer({ site: production }, {}, context('preflight.check'))).rejects.toMatchObject({
    code: 'SITE_BINDING_DIFFERS',
  });
  for (let time = 0; time < 2; time++)
    await siteSteps.letUsersIn({ site: production }, {}, context('production.let-in'));
  expect(fixture.served.get('prod')?.bindings).toEqual([production.binding]);
});

const backUp = () => siteSteps.backUpFiles({ site: production }, {}, context('production.back-up-files'));
const restore = (backup: Awaited<ReturnType<typeof backUp>>) =>
  siteSteps.restoreFiles({ site: production }, { backup }, context('restore.restore-files'));

test('files are backed up once and restored only while the site is stopped', async () => {
  const backup = await backUp();
  expect(await backUp()).toEqual(backup);
  await expect(restore(backup)).rejects.toMatchObject({ code: 'SITE_RUNNING' });
  await siteSteps.stopSite({ site: production }, {}, context('restore.stop'));
  writeFileSync(real('C:\\sites\\prod\\bin\\a.dll'), 'new');
  fixture.write('C:\\sites\\prod\\added.txt', 'x');
  rmSync(real('C:\\sites\\prod\\empty.txt'));
  for (let time = 0; time < 2; time++) await restore(backup);
  expect(readFileSync(real('C:\\sites\\prod\\bin\\a.dll'), 'utf8')).toBe('a');
  expect([existsSync(real('C:\\sites\\prod\\added.txt')), existsSync(real('C:\\sites\\prod\\empty.txt'))]).toEqual([
    false,
    true,
  ]);
  for (const rest of ['nakat-old', 'nakat-new']) expect(existsSync(real(`C:\\sites\\prod.${rest}`))).toBe(false);
});

test('a restore that died between its two renames is finished', async () => {
  const backup = await backUp();
  await siteSteps.stopSite({ site: production }, {}, context('restore.stop'));
  renameSync(real('C:\\sites\\prod'), `${real('C:\\sites')}/prod.nakat-old`);
  await restore(backup);
  expect(readFileSync(real('C:\\sites\\prod\\bin\\a.dll'), 'utf8')).toBe('a');
  expect(existsSync(real('C:\\sites\\prod.nakat-old'))).toBe(false);
});

test('a damaged backup is never put in place', async () => {
  const backup = await backUp();
  await siteSteps.stopSite({ site: production }, {}, context('restore.stop'));
  writeFileSync(real(`${backup.place}\\bin\\a.dll`), 'torn');
  writeFileSync(real('C:\\sites\\prod\\bin\\a.dll'), 'new');
  await expect(restore(backup)).rejects.toMatchObject({ code: 'FILES_BACKUP_DAMAGED' });
  expect(readFileSync(real('C:\\sites\\prod\\bin\\a.dll'), 'utf8')).toBe('new');
});
