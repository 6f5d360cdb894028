/** `deferred: later`, the whole way: now in the rehearsal, by background jobs in production. */
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { OneCCluster } from '../../../lab/onec/cluster.ts';
import { startDeferredHandlers } from '../../../lab/onec/jobs.ts';
import { startTrial } from './trial.ts';

test('deferred handlers of the last hop run in the open infobase, and the run waits for them', async () => {
  const trial = await startTrial(undefined, (plan) =>
    plan
      .replace('widths: [1280, 390]', 'widths: [800]')
      .replace('  initialData: #', '  handlers: { deferred: later }\n  initialData: #'),
  );
  try {
    await trial.stage('preflight');
    await trial.stage('rehearsal');
    const jobs = startDeferredHandlers(
      new OneCCluster(join(dirname(trial.ground.folders.store), 'onec-cluster.json')),
      'zeta',
    );
    await trial.stage('production');
    await jobs.stop();
    expect(trial.results.get('rehearsal.run-update-handlers-3-2-1')).toMatchObject({ deferred: '' });
    expect(trial.results.get('production.run-update-handlers-3-2-1')).toMatchObject({ deferred: 'СтатусНеВыполнено' });
    expect(trial.results.get('production.await-deferred-handlers')).toMatchObject({ deferred: '' });
  } finally {
    await trial.stop();
  }
}, 900_000);
