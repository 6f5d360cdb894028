/** The whole way: two versions, by nakat's own steps and by the vendor's script; then what breaks it. */
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { data } from '../../../lab/comindware/product.ts';
import { readFlat } from '../../../lab/comindware/values.ts';
import { startTrial, type Trial } from './carry-out.ts';

let trial: Trial;
afterEach(() => trial?.stop());

const folder = `${data}\\Instances\\Portal`;
const real = (path: string): string => trial.ground.real(path);
const mainOf = (name: string): Record<string, unknown> => ({
  ...readFlat(real(`${data}\\configs\\instance\\${name}.yml`)),
});
const tree = (path: string, below = ''): string[] =>
  readdirSync(join(path, below), { withFileTypes: true }).flatMap((entry) => {
    const name = join(below, entry.name);
    if (entry.isSymbolicLink()) return [`${name} → ${readlinkSync(join(path, name)).slice(-20)}`];
    return entry.isDirectory() ? tree(path, name) : [`${name} ${readFileSync(join(path, name)).toString('base64')}`];
  });
const whole = (): string[] => [
  ...['Config', 'Database', 'Streams'].flatMap((one) => tree(real(`${folder}\\${one}`))),
  readFileSync(real(`${data}\\configs\\instance\\Portal.yml`), 'utf8'),
];
const page = async (): Promise<string> => (await fetch(`${trial.ground.variables['LAB_URL']}/login`)).text();
const record = (): Record<string, unknown> =>
  JSON.parse(readFileSync(real(`${folder}\\Database\\db\\records\\0003.json`), 'utf8')) as Record<string, unknown>;

describe('by nakat’s own steps', () => {
  test('two versions one after the other, rehearsed on a copy that does nothing, with the old values in the new files', async () => {
    trial = await startTrial();
    const before = whole();
    await trial.stage('preflight');
    await trial.stage('rehearsal');
    expect(whole()).toEqual(before);
    expect(await page()).toContain('login-form');
    expect(mainOf('PortalTest')).toMatchObject({
      version: '4.7.2',
      clusterName: 'PortalTest',
      'db.name': 'Portal',
      'mq.group': 'PortalTest',
      'journal.server': 'http://search-test.example.com:9200',
    });
    // The vendor's adapter host of the copy never ran, production's did.
    expect(trial.ground.counts.get('mail PortalTest')).toBeUndefined();
    expect(trial.ground.counts.get('mail Portal')).toBeGreaterThan(0);

    await trial.stage('production');
    await trial.stage('acceptance');
    expect(mainOf('Portal')).toMatchObject({
      version: '4.7.2',
      clusterName: 'Portal',
      'journal.server': 'http://search.production.example:9200',
      'db.workDir': `${folder}\\Database`,
      'userStorage.localDisk.path': `${folder}\\Streams`,
      'custom.setting': 'заказчика',
      'auth.passwordEnabled': true,
    });
    expect(Object.keys(mainOf('Portal'))).not.toContain('databasePath');
    const config = real(`${folder}\\Config`);
    for (const link of ['bin', 'Web', 'adapterhost', 'apigateway'])
      expect(readlinkSync(join(config, link))).toContain('CBAP/4.7.2/');
    expect(existsSync(join(config, 'adapterhost.json'))).toBe(false);
    expect(readFlat(join(config, 'adapterhost.yml'))).toEqual({
      'mq.server': 'kafka.production.example:9092',
      'mq.group': 'Portal',
    });
    expect(readFileSync(join(config, 'theme', 'лого заказчика.svg'), 'utf8')).toBe('<svg />\n');
    expect(record()).toEqual({ id: 3, name: 'Заявка 3', owner: { fullName: 'Сотрудник 3' }, search: 'сотрудник 3' });
    expect(await page()).toContain('login-form');
    expect(Object.fromEntries([...trial.ground.counts].filter(([event]) => event.startsWith('upgrade')))).toEqual({
      'upgrade PortalTest 4.2.0': 1,
      'upgrade PortalTest 4.7.2': 1,
      'upgrade Portal 4.2.0': 1,
      'upgrade Portal 4.7.2': 1,
    });
    expect(trial.asked[0]).toMatch(/^rehearsal.ask-for-copy/);
    expect(trial.asked.join('\n')).toContain('the new version’s file has no custom.setting; it was kept at the end');
    expect(trial.asked.join('\n')).toContain('the value of databasePath is now db.workDir');
    expect(trial.asked.join('\n')).toContain('Ignite.config: 4.7.2 brings another one');
    expect(trial.asked.filter((one) => one.includes('prepare-1-for-4-7-2')).map((one) => one.split('.')[0])).toEqual([
      'rehearsal',
      'production',
    ]);
    // No value of a configuration, least of all a password, is in a result.
    const password = String(mainOf('Portal')['journal.password']);
    expect(password).toMatch(/^[\w-]{12}$/);
    expect(JSON.stringify([...trial.results])).not.toContain(password);
  });

  test.each([
    ['hop', 'production.wait-for-4-7-2', 'INSTANCE_UPGRADE_FAILED'],
    ['link', 'production.create-configuration-for-4-7-2', 'LINK_NOT_MADE'],
    ['login', 'production.wait-for-4-7-2', 'INSTANCE_LOGIN_MISSING'],
  ] as const)('--break %s: production is restored, all of it, and proved', async (what, failing, code) => {
    // The login page is waited for as long as the plan says.
    trial = await startTrial({ breakages: { [what]: '4.7.2' } }, { LAB_PATIENCE: what === 'login' ? '8s' : '30s' });
    const before = whole();
    await trial.stage('preflight');
    await trial.stage('rehearsal');
    await trial.stage('production', failing);
    await expect(trial.step(failing)).rejects.toMatchObject({ code });
    expect(whole()).not.toEqual(before);
    await trial.stage('restore');
    expect(whole()).toEqual(before);
    const proof = trial.results.get('restore.prove-instance-restored') as { lines: { what: string; equal: boolean }[] };
    expect(proof.lines.map(({ what: one }) => one)).toEqual([
      'version',
      'database files: number, bytes, SHA-256',
      'uploaded files: number, bytes, SHA-256',
      'configuration files: number, bytes, SHA-256',
      'instance file: SHA-256',
      'links',
      'IIS: bindings',
      'IIS: application pools',
      'IIS: applications',
    ]);
    expect(await page()).toContain('login-form');
  });
});

describe('by the vendor’s script', () => {
  const script = { LAB_WAY: 'script' };

  test('judged by its status line and by what it left', async () => {
    trial = await startTrial({}, script);
    await trial.stage('preflight');
    await trial.stage('rehearsal');
    await trial.stage('production');
    await trial.stage('acceptance');
    expect(mainOf('Portal')).toMatchObject({ version: '4.7.2', 'db.workDir': `${folder}\\Database` });
    expect(trial.ground.counts.get('script Portal 4.7.2')).toBe(1);
    expect(trial.results.get('production.run-upgrade-to-4-7-2')).toMatchObject({
      status: 'Completed',
      version: '4.7.2',
    });
  });

  test('a failed script exits with 0 and is told all the same; the restore brings everything back', async () => {
    trial = await startTrial({ breakages: { link: '4.7.2' } }, script);
    const before = whole();
    await trial.stage('preflight');
    await trial.stage('rehearsal');
    const failing = 'production.run-upgrade-to-4-7-2';
    await trial.stage('production', failing);
    await expect(trial.step(failing)).rejects.toMatchObject({
      code: 'INSTANCE_SCRIPT_FAILED',
      failure: {
        values: { status: 'Failed', version: '4.2.0' },
        vendor: expect.stringContaining('Access is denied.') as string,
      },
    });
    await trial.stage('restore');
    expect(whole()).toEqual(before);
  });
});
