/**
 * `examples/custom.yaml` on an application that was written by others: Kinto from PyPI on PostgreSQL, 20.0.0 to 26.5.0, whose storage
 * schema migrates from 22 to 26. By the built worker on a real Temporal server; the outcome is looked at from outside nakat.
 */
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newRelease, oldRelease, releasesMissing } from '../../../lab/kinto/releases.ts';
import { startCluster, type Cluster } from '../../../lab/postgres/cluster.ts';
import { installedPrograms } from '../../../lab/postgres/programs.ts';
import { Lane, root } from '../../faults/lane.ts';
import { custom } from '../../faults/products/custom.ts';
import { requireReal } from '../../helpers/real.ts';

const missing = await releasesMissing();
const possible =
  existsSync(join(root, 'dist/test/faults/worker.js')) &&
  requireReal(
    'PostgreSQL with pg_dump',
    (await installedPrograms()).some((one) => one.client !== null),
  ) &&
  requireReal(`Kinto (${missing ?? ''})`, missing === null);

describe.runIf(possible)('Kinto', () => {
  let dir: string;
  let cluster: Cluster;
  let lane: Lane;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'nakat-kinto-'));
    cluster = await startCluster({ dir: join(dir, 'postgres') });
    lane = new Lane({ name: 'kinto', dir, cluster, of: custom });
  });

  afterAll(async () => {
    await lane?.stop();
    await cluster?.stop();
    await rm(dir, { recursive: true, force: true });
  });

  test('is updated: the new release serves the same orders from the migrated database', async () => {
    const { trouble, report, before, after } = await lane.run('updated', []);
    expect({ trouble, outcome: report?.outcome }).toEqual({ trouble: null, outcome: 'updated' });
    expect(before.updated).toEqual({ version: oldRelease.version, schema: oldRelease.schema, migrations: '0' });
    expect(after.updated).toEqual({ version: newRelease.version, schema: newRelease.schema, migrations: '4' });
    expect(after.always).toEqual(before.always);
    expect(after.leftovers).toEqual([]);
    // Of every command that changes something, exactly one.
    expect(after.counts).toMatchObject({
      'kinto migrate --ini etc/kinto.ini': 1,
      'kinto start --ini etc/kinto.ini': 1,
      'stop kinto': 1,
    });
  });

  test('an update that fails after the migration: the old release serves the old data, proved', async () => {
    const { trouble, report, before, after } = await lane.run('restored', []);
    expect({ trouble, outcome: report?.outcome, proved: report?.restore?.proved }).toEqual({
      trouble: null,
      outcome: 'restored',
      proved: true,
    });
    expect(report?.restore?.reason.code).toMatch(/^(SERVICE_REFUSED|SERVICE_NOT_AS_WANTED|URL_NOT_AS_WANTED)$/);
    expect(report?.restore?.proof.map((line) => line.what)).toEqual(
      expect.arrayContaining([
        expect.stringContaining('table objects'),
        expect.stringContaining('/etc'),
        expect.stringContaining('readlink'),
      ]),
    );
    expect(after.data).toEqual(before.data);
    expect(after.always).toEqual(before.always);
    expect(after.updated).toEqual({ version: oldRelease.version, schema: oldRelease.schema, migrations: '0' });
    expect(after.counts).toMatchObject({ 'kinto migrate --ini etc/kinto.ini': 1 });
    expect(after.leftovers).toEqual([]);
  });
});
