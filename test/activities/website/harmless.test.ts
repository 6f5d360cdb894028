/** What would let a copy act on production is found, all of it at once. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createStepContext, type OpenStepContext } from '../../../activities/context.ts';
import { proveWebHarmless, shared } from '../../../activities/website/harmless.ts';
import type { ParamsOf } from '../../../runbook/steps/index.ts';
import type { InfobaseTarget, WebTree } from '../../../runbook/targets/index.ts';
import { startTestCluster, startZetaFixture, type ZetaFixture } from '../../lab/zeta/fixture.ts';

let server: Awaited<ReturnType<typeof startTestCluster>>;
let copy: ZetaFixture;
let live: ZetaFixture;
let store: string;
let context: OpenStepContext;

beforeAll(async () => {
  server = await startTestCluster();
  copy = await startZetaFixture(server.cluster);
  live = await startZetaFixture(server.cluster);
  store = await mkdtemp(join(tmpdir(), 'nakat-store-'));
  const { secrets } = copy;
  context = createStepContext({ secret: (ref) => Promise.resolve('env' in ref ? (secrets[ref.env] ?? '') : '') });
});
afterAll(async () => {
  await context.end();
  await copy.stop();
  await live.stop();
  await server.stop();
  await rm(store, { recursive: true, force: true });
});

const machine = { via: 'local', name: 'worker', os: 'linux', work: '/tmp' } as const;
const treeOf = (zeta: ZetaFixture): WebTree => ({
  via: 'machine', machine, folder: zeta.folder, name: 'site', keep: [], store: { machine, folder: store },
}); // prettier-ignore
/** A file infobase has no cluster: its jobs run in its own sessions only. */
const infobaseOf = (name: string): InfobaseTarget => ({
  name, machine, platform: '/opt/1cv8', at: { kind: 'file', folder: join(store, name) }, user: '', backup: 'designer',
  tables: [], backups: store, permissionCode: 'nakat',
}); // prettier-ignore
const params = (change: Partial<ParamsOf<'proveWebHarmless'>> = {}): ParamsOf<'proveWebHarmless'> => ({
  site: copy.target.site,
  database: copy.target.database,
  infobase: infobaseOf('copy'),
  tree: treeOf(copy),
  exchange: copy.target.exchange.switch,
  production: {
    site: live.target.site,
    database: live.target.database,
    infobase: infobaseOf('live'),
    tree: treeOf(live),
  },
  forbidden: ['smtp.production.example'],
  files: ['config.ini'],
  rows: [],
  ...change,
});
const findingsOf = async (change?: Partial<ParamsOf<'proveWebHarmless'>>): Promise<string> => {
  const error = (await proveWebHarmless(params(change), {}, context).then(
    () => ({ failure: { values: { findings: '' } } }),
    (thrown: unknown) => thrown,
  )) as { failure: { values: { findings: string } } };
  return error.failure.values.findings;
};

describe('a copy', () => {
  test('with an address of production, and its exchange on, is not harmless', async () => {
    const findings = await findingsOf();
    expect(findings).toContain('“smtp.production.example” in settings.value');
    expect(findings).toContain('the exchange of zeta is on');
  });

  test('whose files name production is not harmless, nor one whose file is missing', async () => {
    await copy.query(`UPDATE settings SET value = '0' WHERE name = 'exchange'`);
    await copy.query(`UPDATE settings SET value = 'smtp.invalid' WHERE name = 'smtp_host'`);
    await writeFile(join(copy.folder, 'config.ini'), `\n; SMTP.Production.Example\n`);
    expect(await findingsOf()).toContain('“smtp.production.example” in config.ini');
    expect(await findingsOf({ files: ['settings.php'] })).toContain('settings.php: no readable file');
  });

  test('that is production itself in any part is not harmless', () => {
    const { production } = params();
    expect(shared(params())).toEqual([]);
    const parts = ['site', 'database', 'infobase', 'tree'] as const;
    for (const part of parts) expect(shared({ ...params(), [part]: production[part] }), part).toHaveLength(1);
  });
});
