import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import png from 'pngjs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { findBrowser } from '../../../activities/pages/browser.ts';
import { pageSteps as steps } from '../../../activities/pages/steps.ts';
import type { PageComparison, PagesState } from '../../../runbook/results.ts';
import type { Failure } from '../../../runbook/types.ts';
import type { PageCheck } from '../../../runbook/targets/index.ts';
import { requireReal } from '../../helpers/real.ts';
import { testContext } from '../databases/context.ts';
import { page, startSite, type Site } from './site.ts';

const found = requireReal('Chromium', await findBrowser('').catch(() => null));

describe.skipIf(!found)('the pages of a site', () => {
  let site: Site;
  let store: string;
  const closing: (() => Promise<void>)[] = [];
  beforeAll(async () => {
    site = await startSite();
  });
  afterAll(() => site.close());
  beforeEach(async () => {
    store = await mkdtemp(join(tmpdir(), 'nakat-pages-'));
    site.pages.clear();
    site.pages.set('/', page('<h1>Каталог</h1><p>Товары</p>'));
  });
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
    await rm(store, { recursive: true, force: true });
  });

  const check = (changes: Partial<PageCheck> = {}): { pages: PageCheck } => ({
    pages: {
      name: 'www.example.com',
      url: site.url,
      user: '',
      browser: '',
      pages: [{ path: '/', mask: [] }],
      widths: [600],
      height: 400,
      mask: [],
      timeout: 20,
      tolerance: 0.001,
      color: 0.1,
      store,
      ...changes,
    },
  });
  const context = (step: string, attempt = 1) => {
    const made = testContext(step, attempt);
    closing.push(made.end);
    return made.context;
  };
  const before = (changes?: Partial<PageCheck>): Promise<PagesState> =>
    steps.capturePages(check(changes), {}, context('production.capture-pages'));
  const after = (
    state: PagesState,
    changes?: Partial<PageCheck>,
    attempt = 1,
    rehearsed?: Failure,
  ): Promise<PageComparison> =>
    steps.comparePages(check(changes), { before: state, rehearsed }, context('production.compare-pages', attempt));
  const findings = async (work: Promise<unknown>): Promise<string> => {
    const error = (await work.catch((thrown: unknown) => thrown)) as {
      code?: string;
      failure?: { values: { findings: string } };
    };
    expect(error.code).toBe('PAGES_DIFFER');
    return error.failure!.values.findings;
  };

  it('that stay as they are pass, at every width, and what was taken first is kept', async () => {
    site.pages.set('/wide', page('<div style="width:100%;height:1200px;background:linear-gradient(red,blue)"></div>'));
    const wanted = { pages: ['/', '/wide'].map((path) => ({ path, mask: [] })), widths: [1000, 390] };
    const state = await before(wanted);
    expect(state).toMatchObject({
      pictures: 4,
      problems: 0,
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
    });
    const sizes = await Promise.all(
      ['0001', '0002', '0003', '0004'].map(async (name) => {
        const { width, height } = png.PNG.sync.read(await readFile(join(state.folder, `${name}.png`)));
        return [width, height];
      }),
    );
    expect(sizes).toEqual([
      [1000, 400],
      [390, 400],
      [1000, 1200],
      [390, 1200],
    ]);
    const result = await after(state, wanted);
    expect(result).toMatchObject({ pictures: 4, compared: 4, worst: 0 });
    expect(result).not.toHaveProperty('knownProblems');
    expect(JSON.stringify(result).length).toBeLessThan(2000);
    const asked = site.asked.length;
    expect(await before(wanted)).toEqual(state);
    expect(site.asked.length).toBe(asked);
    expect(await readdir(store)).toEqual([
      'pages-1a2b3c4d-production-capture-pages',
      'pages-1a2b3c4d-production-compare-pages',
    ]);
  });

  it('whose layout has shifted fail, with a picture of the difference', async () => {
    const state = await before();
    site.pages.set('/', page('<div style="height:40px"></div><h1>Каталог</h1><p>Товары</p>'));
    expect(await findings(after(state))).toMatch(/^\/ \(600 px\): ≠ \d+(\.\d+)? % > 0\.1 %$/);
    const folder = join(store, 'pages-1a2b3c4d-production-compare-pages');
    const { compared } = JSON.parse(await readFile(join(folder, 'index.json'), 'utf8')) as {
      compared: { difference: { file: string } }[];
    };
    const picture = png.PNG.sync.read(await readFile(compared[0]!.difference.file));
    expect([picture.width, picture.height]).toEqual([600, 400]);
    // Repaired, and tried again.
    site.pages.set('/', page('<h1>Каталог</h1><p>Товары</p>'));
    expect((await after(state, {}, 2)).worst).toBe(0);
  });

  it('that have grown longer fail', async () => {
    const state = await before();
    site.pages.set('/', page('<h1>Каталог</h1><p>Товары</p><div style="height:600px"></div>'));
    expect(await findings(after(state))).toMatch(/≠ 4\d %/);
  });

  it('longer than a picture can be are said to be cut, and a rest that has grown is seen', async () => {
    const long = (rest: number): string =>
      page(`<div style="height:15500px"></div><div style="height:${rest}px"></div>`);
    site.pages.set('/', long(500));
    const state = await before();
    expect(state).toMatchObject({ cut: 1 });
    expect(await after(state)).toMatchObject({ cut: 1, worst: 0 });
    site.pages.set('/', long(900));
    expect(await findings(after(state, {}, 2))).toMatch(/≠ 2\.\d %/);
  });

  it('with many old errors still show a new one', async () => {
    const errors = (count: number): string =>
      page(`<script>for (let n = 100; n < ${100 + count}; n++) console.error('a' + n)</script>`);
    site.pages.set('/', errors(60));
    const state = await before();
    expect(state.problems).toBe(60);
    site.pages.set('/', errors(61));
    expect(await findings(after(state))).toBe('/ (600 px): + console: a160');
  });

  it('may differ as much as the plan tolerates, and no more', async () => {
    const spot = (size: number): string => page(`<div style="width:${size}px;height:${size}px;background:#000"></div>`);
    site.pages.set('/', spot(0));
    const state = await before();
    site.pages.set('/', spot(10));
    const share = 100 / (600 * 400);
    expect((await after(state, { tolerance: share })).worst).toBeCloseTo(share, 10);
    expect(await findings(after(state, { tolerance: share * 0.99 }))).toContain('≠ 0.042 % > 0.041 %');
  });

  it('with new errors fail, with old ones do not', async () => {
    const broken = '<script>console.error("старая ошибка"); fetch("/old.json")</script><img src="/gone.png?v=1">';
    site.pages.set('/', page(broken));
    const state = await before();
    expect(state.problems).toBe(3);
    site.pages.set('/', page(broken.replace('v=1', 'v=2')));
    expect(await after(state)).toMatchObject({ worst: 0, knownProblems: 3 });
    site.pages.set(
      '/',
      page(
        `${broken}<link rel="stylesheet" href="/new.css?x=7"><script>setTimeout(() => nothing.at.all, 0); console.error('new one')</script><script src="http://127.0.0.1:1/x.js"></script>`,
      ),
    );
    site.pages.set('/new.css', (_request, response) => void response.writeHead(500).end());
    const text = await findings(after(state));
    expect(text.split('; ').map((line) => line.replace('/ (600 px): ', ''))).toEqual([
      '+ 500 /new.css',
      '+ console: ReferenceError: nothing is not defined',
      '+ console: new one',
      expect.stringMatching(/^\+ failed http:\/\/127\.0\.0\.1:1\/x\.js net::ERR_/),
    ]);
  });

  it('whose new look was let pass in the rehearsal pass, and nothing beyond that', async () => {
    const old = page('<h1>Каталог</h1><p>Товары</p>');
    const look = (height: number, more = ''): string =>
      page(`<div style="height:${height}px;background:#00f"></div><h1>Каталог</h1><p>Товары</p>${more}`);
    const error = '<script>console.error("новая")</script>';
    const state = await before();
    site.pages.set('/', look(40, error));
    const rehearsal = context('rehearsal.compare-pages');
    const { failure: skipped } = (await steps
      .comparePages(check(), { before: state, rehearsed: undefined }, rehearsal)
      .catch((thrown: unknown) => thrown)) as { failure: Failure };
    // A difference and an error.
    expect(await after(state, {}, 1, skipped)).toMatchObject({ accepted: 2 });
    expect(
      JSON.parse(await readFile(join(store, 'pages-1a2b3c4d-production-compare-pages', 'index.json'), 'utf8')),
    ).toMatchObject({
      compared: [{ findings: [], accepted: [expect.stringContaining('≠'), '+ console: новая'] }],
    });
    site.pages.set('/', look(200, error));
    expect(await findings(after(state, {}, 2, skipped))).toMatch(/^\/ \(600 px\): ≠ \d+ % > 0\.1 %$/);
    site.pages.set('/', look(40, `${error}<img src="/gone.png">`));
    expect(await findings(after(state, {}, 3, skipped))).toBe('/ (600 px): + 404 /gone.png');
    site.pages.set('/', look(40));
    expect(await findings(after(state, {}, 4, { ...skipped, code: 'PICTURES_LOST' }))).toContain('≠');
    expect(await findings(after(state, {}, 5))).toContain('≠');
    // Somebody edited the list since: it is not what was let pass.
    const list = join(store, 'pages-1a2b3c4d-rehearsal-compare-pages', 'index.json');
    await writeFile(list, (await readFile(list, 'utf8')).replace(/"share": *[\d.]+/, '"share":1'));
    expect(await findings(after(state, {}, 6, skipped))).toContain('≠');
    site.pages.set('/', old);
    expect(await after(state, {}, 7, skipped)).not.toHaveProperty('accepted');
  });

  it('that answer with an error of HTTP fail', async () => {
    const state = await before();
    site.pages.set(
      '/',
      (_request, response) =>
        void response.writeHead(503, { 'content-type': 'text/html' }).end(page('<h1>Каталог</h1><p>Товары</p>')),
    );
    expect(await findings(after(state))).toContain('+ 503 /');
  });

  it('that answered with that error before are no proof of anything', async () => {
    site.pages.delete('/');
    expect(await findings(after(await before()))).toMatch(/HTTP 404$/);
  });

  it('that cannot be loaded are tried again, not taken for different', async () => {
    const state = await before();
    await expect(after(state, { url: 'http://127.0.0.1:1' })).rejects.toMatchObject({
      code: 'PAGE_UNREACHABLE',
      failure: { passing: true },
    });
    site.pages.set('/', () => undefined);
    await expect(after(state, { timeout: 1 })).rejects.toMatchObject({ code: 'PAGE_UNREACHABLE' });
  });

  it('hold still: animations, carets, pictures and fonts that come late', async () => {
    site.pages.set('/late.svg', (_request, response) => {
      setTimeout(() => {
        response.writeHead(200, { 'content-type': 'image/svg+xml' });
        response.end(
          '<svg xmlns="http://www.w3.org/2000/svg" width="50" height="50"><rect width="50" height="50" fill="green"/></svg>',
        );
      }, 300);
    });
    site.pages.set(
      '/',
      page(
        `<div class="a"></div><input autofocus value="x"><div style="height:3000px"></div><img loading="lazy" width="50" height="50" src="/late.svg">`,
        '<style>.a{width:50px;height:50px;background:red;animation:m .7s infinite alternate} @keyframes m{to{transform:translateX(400px);background:blue}}</style>',
      ),
    );
    const state = await before();
    const picture = png.PNG.sync.read(await readFile(join(state.folder, '0001.png')));
    // The green of the picture at the end of the page: loaded on sight.
    const at = ((picture.height - 30) * picture.width + 20) * 4;
    expect([...picture.data.subarray(at, at + 3)]).toEqual([0, 128, 0]);
    for (let attempt = 1; attempt <= 2; attempt++)
      expect((await after(state, { tolerance: 0, color: 0 }, attempt)).worst).toBe(0);
  });

  it('are masked where they change by themselves', async () => {
    let count = 0;
    site.pages.set('/', (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html' });
      response.end(
        page(
          `<div class="clock" style="background:rgb(${(count += 50)},0,0);height:50px"></div><p class="b">${count}</p>`,
        ),
      );
    });
    const mask = ['.clock'];
    const pages = [{ path: '/', mask: ['.b'] }];
    const state = await before({ mask, pages });
    expect((await after(state, { mask, pages })).worst).toBe(0);
    expect(await findings(after(state, { mask }))).toContain('≠');
  });

  it('closed to visitors are opened with the account of the plan, which goes nowhere else', async () => {
    const other = await startSite();
    closing.push(() => other.close());
    const seen: (string | undefined)[] = [];
    other.pages.set('/x.png', (request, response) => {
      seen.push(request.headers.authorization);
      response.writeHead(401, { 'www-authenticate': 'Basic realm="o"' }).end();
    });
    site.pages.set('/', (request, response) => {
      if (request.headers.authorization !== `Basic ${Buffer.from('user:s3cret').toString('base64')}`)
        return void response.writeHead(401, { 'www-authenticate': 'Basic realm="t"' }).end();
      response.writeHead(200, { 'content-type': 'text/html' }).end(page(`<img src="${other.url}/x.png">inside`));
    });
    process.env['NAKAT_TEST_PAGES'] = 's3cret';
    const open = { user: 'user', password: { env: 'NAKAT_TEST_PAGES' } };
    const state = await before(open);
    expect(JSON.parse(await readFile(join(state.folder, 'index.json'), 'utf8'))).toMatchObject({
      pictures: [{ status: 200 }],
    });
    expect(seen.every((header) => header === undefined)).toBe(true);
    for (const file of await readdir(state.folder))
      expect((await readFile(join(state.folder, file))).includes('s3cret')).toBe(false);
  });

  it('are not compared with pictures that are gone or changed', async () => {
    const state = await before();
    const file = join(state.folder, '0001.png');
    const content = await readFile(file);
    await writeFile(file, 'x');
    await expect(after(state)).rejects.toMatchObject({
      code: 'PICTURES_LOST',
      failure: { values: { reason: '0001.png' } },
    });
    await writeFile(file, content);
    await after(state, {}, 2);
    await writeFile(join(state.folder, 'index.json'), '{}');
    await expect(after(state, {}, 3)).rejects.toMatchObject({ code: 'PICTURES_LOST' });
    await rm(state.folder, { recursive: true });
    await expect(after(state, {}, 4)).rejects.toMatchObject({ code: 'PICTURES_LOST' });
  });

  it('need a browser and a folder, which the preflight asks for', async () => {
    const preflight = (changes?: Partial<PageCheck>) =>
      steps.checkBrowser(check(changes), {}, context('preflight.check-browser'));
    expect(await preflight()).toMatchObject({ version: expect.stringMatching(/^\d+/) as string, pictures: 1 });
    expect(await readdir(store)).toEqual([]);
    await expect(preflight({ browser: '/nowhere/chromium' })).rejects.toMatchObject({ code: 'BROWSER_NOT_FOUND' });
    await expect(preflight({ browser: '/bin/false' })).rejects.toMatchObject({ code: 'BROWSER_FAILED' });
    await writeFile(join(store, 'file'), '');
    await expect(preflight({ store: join(store, 'file') })).rejects.toMatchObject({ code: 'PICTURES_NOT_WRITABLE' });
  });
});
