/** The vendor's page, held point by point. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { StageName } from '../../../runbook/types.ts';
import { activities, runbookOf, type Plan } from './zeta-web.plans.ts';

describe('the examples for other hosts', () => {
  const read = (name: string): Plan =>
    parse(readFileSync(fileURLToPath(new URL(`../../../examples/${name}.yaml`, import.meta.url)), 'utf8')) as Plan;
  const without = (plan: Plan): Plan => {
    for (const side of ['production', 'test']) delete plan[side].web.files;
    delete plan['machines'].web;
    delete plan['customizations'];
    return plan;
  };

  test.each(['zeta-web-ftp', 'zeta-web-manual'])('%s is the example but for the way to the files', (name) => {
    expect(without(read(name))).toEqual(without(read('zeta-web')));
    const { files } = read(name)['production'].web;
    expect(files).toMatchObject({ keep: read('zeta-web')['production'].web.files.keep });
  });

  test('by hand: archive, person, a look from outside, and then the migration', () => {
    const steps = activities(
      runbookOf((plan) => Object.assign(plan, read('zeta-web-manual'), { customizations: undefined })),
      'production',
    );
    const from = steps.indexOf('prepareArchive');
    expect(steps.slice(from, from + 4)).toEqual(['prepareArchive', 'askPerson', 'checkServed', 'awaitMigration']);
    expect(steps).not.toContain('uploadTree');
  });
});

describe('the fourteen points', () => {
  const runbook = runbookOf();
  const production = activities(runbook, 'production');
  const at = (activity: string): number => production.indexOf(activity);
  const last = (activity: string): number => production.lastIndexOf(activity);

  /** Each point with the steps that are it, in the vendor's order; what is before the next point begins. */
  const points: readonly (readonly [number, readonly string[]])[] = [
    [1, ['switchOffExchangeJobs', 'switchSiteExchangeOff']],
    // 8 stands beside 2: one restore point of all that belongs together.
    [2, ['backUpInfobase']],
    [8, ['backUpDatabase', 'backUpTree']],
    [3, ['unpackUpdate']],
    [4, ['updateConfiguration', 'updateDatabaseConfiguration']],
    [5, ['runUpdateHandlers']],
    [6, ['refreshInitialData']],
    [7, ['checkConfigurationVersion']],
    [9, ['uploadTree', 'awaitMigration']],
    [10, ['checkWebVersion']],
    [11, ['comparePages']],
    [12, ['switchSiteExchangeOn', 'switchOnExchangeJobs']],
    [13, ['runExchange']],
    [14, ['openWebSite']],
  ];

  test('are all there, in the vendor’s order, each done before the next begins', () => {
    expect(points.map(([point]) => point).sort((a, b) => a - b)).toEqual(Array.from({ length: 14 }, (_, n) => n + 1));
    for (const [point, steps] of points)
      for (const step of steps) expect(at(step), `${point}: ${step}`).toBeGreaterThanOrEqual(0);
    // Several hops: the last one's handlers are what comes before point 6.
    const places = points.map(([, steps]) => steps.map(at));
    for (let n = 1; n < points.length; n++)
      expect(Math.min(...(places[n] ?? [])), `point ${points[n]?.[0]}`).toBeGreaterThan(
        Math.max(...(places[n - 1] ?? [])),
      );
    expect(last('runUpdateHandlers')).toBeLessThan(at('refreshInitialData'));
    expect(production.at(-1)).toBe('openWebSite');
  });

  test('the right to updates is the first thing that is asked of the product', () => {
    const preflight = activities(runbook, 'preflight');
    expect(preflight.indexOf('checkSubscription')).toBeLessThan(preflight.indexOf('checkConfiguration'));
    const changes = ['uploadTree', 'updateConfiguration', 'backUpInfobase'];
    expect(preflight.filter((activity) => changes.includes(activity))).toEqual([]);
  });

  test('an exchange that is off, or a job that is none, is found while nothing is touched', () => {
    for (const check of ['checkExchangeJobs', 'checkSiteExchange']) {
      expect(activities(runbook, 'preflight'), check).toContain(check);
      const here = runbook.stages.find(({ name }) => name === 'production')?.steps ?? [];
      expect(at(check), check).toBeGreaterThanOrEqual(0);
      expect(at(check), check).toBeLessThan(at('closeWebSite'));
      expect(here[at(check)], check).toMatchObject({ onFailure: 'ask', noSkip: true });
    }
  });

  test('the exchange that counts is none that ended before both sides were off', () => {
    const steps = runbook.stages.find(({ name }) => name === 'production')?.steps ?? [];
    const run = steps.find(({ activity }) => activity === 'runExchange');
    const mark = steps.findIndex(({ id }) => id === run?.uses['before']);
    expect(mark).toBeGreaterThan(Math.max(at('switchOffExchangeJobs'), at('switchSiteExchangeOff')));
    // People work in 1C by then: nothing is thrown away unasked.
    expect(run?.onFailure).toBe('ask');
  });

  test('every hop has its handlers before the next begins', () => {
    const hops = production.filter((one) =>
      /^(updateConfiguration|updateDatabaseConfiguration|runUpdateHandlers)$/.test(one),
    );
    const hop = ['updateConfiguration', 'updateDatabaseConfiguration', 'runUpdateHandlers'];
    expect(hops).toEqual([...hop, ...hop]);
    const versions = runbook.stages
      .flatMap(({ steps }) => steps)
      .filter(({ id }) => id.startsWith('production.update-configuration'))
      .map(({ params }) => `${String(params['from'])} → ${String(params['to'])}`);
    expect(versions).toEqual(['3.1.4 → 3.1.5', '3.1.5 → 3.2.1']);
  });

  test('pages that were let pass in the rehearsal are known to the comparison in production', () => {
    const steps = runbook.stages.flatMap((one) => one.steps).filter(({ activity }) => activity === 'comparePages');
    expect(steps.map(({ id, uses, ofSkipped }) => [id, uses['rehearsed'], ofSkipped])).toEqual([
      ['rehearsal.compare-pages', undefined, undefined],
      ['production.compare-pages', 'rehearsal.compare-pages', ['rehearsed']],
    ]);
  });

  test('deferred handlers are left to jobs after the last hop only, and are awaited in the open infobase', () => {
    const later = runbookOf((plan) => void (plan['update'].handlers = { deferred: 'later' }));
    const deferred = (name: StageName): unknown[] =>
      later.stages
        .find((stage) => stage.name === name)!
        .steps.filter(({ activity }) => activity === 'runUpdateHandlers')
        .map(({ params }) => params['deferred']);
    expect(deferred('production')).toEqual(['now', 'later']);
    // Nothing else would run them on the copy.
    expect(deferred('rehearsal')).toEqual(['now', 'now']);
    const steps = activities(later, 'production');
    const unlocked = steps.indexOf('unlockInfobase');
    expect(steps.slice(unlocked, unlocked + 3)).toEqual(['unlockInfobase', 'awaitDeferredHandlers', 'runExchange']);
    const awaited = later.stages
      .flatMap(({ steps: all }) => all)
      .filter(({ activity }) => activity === 'awaitDeferredHandlers');
    expect(awaited.map(({ onFailure }) => onFailure)).toEqual(['ask']);
    expect(production).not.toContain('awaitDeferredHandlers');
  });

  test('are rehearsed on a copy that is proved harmless before it is touched', () => {
    const rehearsal = activities(runbook, 'rehearsal');
    expect(rehearsal.indexOf('proveWebHarmless')).toBeLessThan(rehearsal.indexOf('checkWebSite'));
    for (const activity of [
      'updateConfiguration',
      'runUpdateHandlers',
      'refreshInitialData',
      'uploadTree',
      'awaitMigration',
      'comparePages',
      'runExchange',
    ])
      expect(rehearsal.indexOf(activity), activity).toBeGreaterThan(rehearsal.indexOf('proveWebHarmless'));
    const copies = runbook.stages.find(({ name }) => name === 'rehearsal')?.steps ?? [];
    const writes = copies.filter(({ effect, leavesData }) => effect === 'writes' && !leavesData);
    for (const { id, params } of writes) expect(JSON.stringify(params), id).not.toContain('"ref":"zeta"');
    for (const { id, params } of writes) expect(JSON.stringify(params), id).not.toContain('"name":"shop"');
  });

  test('pages that were edited since the rehearsal stop the run before anything is closed or touched, and are looked at again', () => {
    const still = (from: number): number => production.indexOf('checkStillMerged', from);
    const first = still(0);
    for (const later of ['closeWebSite', 'switchOffExchangeJobs', 'backUpInfobase', 'updateConfiguration'])
      expect(first, later).toBeLessThan(at(later));
    const steps = runbook.stages.find(({ name }) => name === 'production')?.steps ?? [];
    // Whatever fails there leaves production as it is.
    for (const { id, onFailure } of steps.slice(0, first + 1)) expect([id, onFailure]).toEqual([id, 'stop']);
    const again = still(first + 1);
    expect(again).toBeGreaterThan(last('runUpdateHandlers'));
    expect(again).toBeLessThan(at('uploadTree'));
    for (const one of [first, again])
      expect(steps[one]?.uses).toEqual({ merged: 'rehearsal.capture-customizations', now: steps[one - 1]?.id });
  });

  test('are undone together, proved, and then the exchange is as it was', () => {
    const restore = activities(runbook, 'restore');
    expect(restore).toEqual([
      'closeWebSite', 'switchSiteExchangeOff', 'lockInfobase', 'restoreInfobase', 'restoreTree', 'proveTree',
      'restoreDatabase', 'proveRestored', 'switchOnExchangeJobs', 'unlockInfobase', 'switchSiteExchangeOn',
      'openWebSite', 'checkWebSite',
    ]); // prettier-ignore
    const steps = runbook.stages.find(({ name }) => name === 'restore')?.steps ?? [];
    const undoes = (activity: string): readonly string[] =>
      steps.find((one) => one.activity === activity)?.undoes ?? [];
    // Whatever was begun, all three go back.
    for (const activity of ['restoreDatabase', 'restoreTree', 'restoreInfobase'])
      for (const id of ['production.update-configuration-3-1-5', 'production.upload-tree', 'production.run-exchange'])
        expect(undoes(activity), activity).toContain(id);
    expect(undoes('restoreInfobase')).not.toContain('production.lock-infobase');
  });

  test('a dead site stops no restore: only its first door and switch may fail, and nothing of production', () => {
    const may = runbook.stages
      .flatMap(({ steps }) => steps)
      .filter(({ params }) => params['mayBeDead'] === true)
      .map(({ id }) => id);
    expect(may).toEqual(['restore.close-web-site', 'restore.switch-site-exchange-off']);
    const restore = activities(runbook, 'restore');
    for (const proof of ['switchSiteExchangeOn', 'openWebSite', 'checkWebSite'])
      expect(restore.indexOf(proof), proof).toBeGreaterThan(restore.indexOf('proveRestored'));
  });
});

describe('a plan', () => {
  test('without door, pages, schemas, exchange files and the old release', () => {
    const runbook = runbookOf((plan) => {
      delete plan['site'].door;
      plan['fingerprint'] = { tables: ['goods'] };
      delete plan['pages'];
      delete plan['schemas'];
      delete plan['test'].exchange;
      delete plan['update'].previous;
    });
    const all = runbook.stages.flatMap(({ steps }) => steps).map(({ activity }) => activity);
    for (const gone of ['closeWebSite', 'openWebSite', 'capturePages', 'compareSchema'])
      expect(all).not.toContain(gone);
    expect(activities(runbook, 'rehearsal')).not.toContain('runExchange');
  });

  test('for a site that only a person reaches', () => {
    const { store, keep } = { store: { machine: 'worker', folder: '/store' }, keep: [] };
    const runbook = runbookOf((plan) => {
      delete plan['customizations'];
      plan['production'].web.files = { via: 'manual', name: 'shop', url: 'https://shop.example.com', keep, store };
    });
    const production = activities(runbook, 'production');
    expect(production).toContain('prepareArchive');
    expect(production).not.toContain('uploadTree');
    expect(production.filter((activity) => activity === 'askPerson')).toHaveLength(2);
    // Before a person is waited for, all is back that needs none; and he is asked only where he had been asked to upload.
    expect(activities(runbook, 'restore').slice(3, 6)).toEqual(['restoreInfobase', 'askPerson', 'restoreDatabase']);
    const restore = runbook.stages.find(({ name }) => name === 'restore')?.steps ?? [];
    expect(restore.find(({ activity }) => activity === 'askPerson')?.undoes).toEqual(['production.upload-by-hand']);
  });

  test('what the site keeps for itself within the customer’s pages is kept by every step that touches them', () => {
    const runbook = runbookOf((plan) => {
      plan['production'].web.files.keep = ['upload', 'accounts', 'account/config.php', 'account/cache'];
      plan['test'].web.files.keep = ['account/test.php'];
    });
    const steps = runbook.stages.flatMap(({ steps }) => steps);
    const kept = (name: string): unknown => steps.find(({ id }) => id === name)?.params;
    const live = ['config.php', 'cache'];
    for (const side of ['rehearsal', 'production'] as const) {
      const keep = side === 'production' ? live : ['test.php'];
      expect(kept(`${side}.capture-customizations`)).toMatchObject({ tree: { keep: live } });
      expect(kept(`${side}.capture-uploaded-pages`)).toMatchObject({ tree: { keep } });
      expect(kept(`${side}.apply-customizations`)).toMatchObject({ tree: { keep } });
    }
    expect(kept('rehearsal.merge-customizations')).toMatchObject({ keep: live });
    expect(kept('rehearsal.check-customizations')).toMatchObject({ keep: live });
    expect(kept('production.upload-tree')).toMatchObject({ editsIn: 'account' });
    for (const again of ['', '-again']) {
      expect(kept(`production.capture-customizations${again}`)).toMatchObject({ tree: { keep: live } });
      expect(kept(`production.check-still-merged${again}`)).toMatchObject({ tree: { keep: live } });
    }
  });

  test('by FTP', () => {
    const runbook = runbookOf((plan) => {
      const { folder: _folder, machine: _machine, ...rest } = plan['production'].web.files;
      plan['production'].web.files = {
        ...rest,
        via: 'ftp',
        host: 'ftp.example.com',
        user: 'shop',
        password: { env: 'FTP' },
        folder: '/www',
      };
    });
    const upload = runbook.stages.flatMap(({ steps }) => steps).find(({ id }) => id === 'production.upload-tree');
    expect(upload?.params['tree']).toMatchObject({ via: 'ftp', port: 21, security: 'explicit' });
  });
});
