import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { adapterOf, askServices } from '../../../activities/updates/ask.ts';
import { updateService, type UpdateService } from '../../../runbook/plan/watch.ts';
import type { Release, Seen } from '../../../runbook/watch/state.ts';
import { sends, startHostile, type Hostile } from './server.ts';

let home = undefined as unknown as Hostile;
beforeAll(async () => {
  home = await startHostile();
});
afterAll(() => home.stop());
beforeEach(() => {
  home.asked.length = 0;
});

const io = { secret: async () => 'geheim', signal: new AbortController().signal };
const service = (more: object): UpdateService =>
  updateService.parse({ name: 'vendor', plain: true, url: home.url, ...more });
const releases = (of: UpdateService, installed = '1.0'): Promise<Release[]> =>
  adapterOf(of).releases(of, installed, io);
const json = (value: unknown) => sends(JSON.stringify(value), { 'content-type': 'application/json' });
const unreadable = { code: 'SERVICE_UNREADABLE' };

describe('release-api', () => {
  const of = (more: object = {}): UpdateService =>
    service({
      kind: 'release-api',
      fields: { INSTALLED_VERSION: '{installed}', TYPE: 'PT40', KEY: { env: 'KEY' } },
      module: { by: 'uniqid', is: 'PT40' },
      ...more,
    });
  const md5 = 'd41d8cd98f00b204e9800998ecf8427e';
  const module = {
    uniqid: 'PT40',
    version: '4.2',
    changelog: '<p>Быстрее&nbsp;и <b>лучше</b></p><script>alert(1)</script>',
    size: '9',
    download_link: 'https://files.example.com/all.zip',
    files: [
      { name: 'readme.txt', size: 3, url: 'https://files.example.com/r', md5 },
      { name: 'Tele.CFE', size: '12', url: 'https://files.example.com/1', md5: md5.toUpperCase() },
    ],
  };

  test('the fields go as JSON, as a form or in the address; the key is read when it is used', async () => {
    home.answer = json({ modules: [] });
    for (const more of [{}, { encoding: 'form' }, { method: 'GET' }]) expect(await releases(of(more))).toEqual([]);
    const form = 'INSTALLED_VERSION=1.0&TYPE=PT40&KEY=geheim';
    expect(home.asked.map(({ method, url, body }) => [method, url, body])).toEqual([
      ['POST', '/', '{"INSTALLED_VERSION":"1.0","TYPE":"PT40","KEY":"geheim"}'],
      ['POST', '/', form],
      ['GET', `/?${form}`, ''],
    ]);
  });

  test('a release with its file and MD5, the changes as plain text', async () => {
    home.answer = json({ result: 'SUCCESS', modules: [module] });
    expect(await releases(of())).toEqual([
      {
        version: '4.2',
        changes: 'Быстрее и лучше\nalert(1)',
        file: 'https://files.example.com/1',
        size: 12,
        checksum: { algorithm: 'md5', value: md5 },
        from: [],
      },
    ]);
    home.answer = json({ modules: [{ ...module, files: [] }] });
    expect(await releases(of())).toMatchObject([{ file: module.download_link, size: 9, checksum: null }]);
  });

  test.each<[string, object | string, object]>([
    ['another product', { modules: [{ ...module, uniqid: 'PT99' }] }, { code: 'SERVICE_OTHER_PRODUCT' }],
    ['a page', '<html>', unreadable],
    ['a list', [], unreadable],
    ['modules that are none', { modules: 7 }, unreadable],
    ['a version that is none', { modules: [{ ...module, version: '4.2; rm -rf /' }] }, unreadable],
    ['a size that is none', { modules: [{ ...module, files: [{ ...module.files[1], size: -1 }] }] }, unreadable],
    ['a checksum that is none', { modules: [{ ...module, files: [{ ...module.files[1], md5: 'xx' }] }] }, unreadable],
    ['no file', { modules: [{ ...module, files: [], download_link: null }] }, unreadable],
    ['two files', { modules: [{ ...module, files: [module.files[1], module.files[1]] }] }, unreadable],
    [
      'a name of the prototype',
      '{"modules":[{"__proto__":{"uniqid":"PT40"},"version":"4.2"}]}',
      { code: 'SERVICE_OTHER_PRODUCT' },
    ],
  ])('%s is refused', async (_name, body, error) => {
    home.answer = typeof body === 'string' ? sends(body) : json(body);
    await expect(releases(of())).rejects.toMatchObject(error);
  });
});

describe('1C’s lists', () => {
  const info = (more: object = {}): UpdateService => service({ kind: 'upd-info', file: '{version}/1cv8.cfu', ...more });
  test('UpdInfo.txt, with mark and extras', async () => {
    home.answer = sends(
      '\uFEFFVersion=3.0.195.36/2\r\nFromVersions=;3.0.194.20;3.0.195.10;\r\nUpdateDate=01.09.2026\r\n',
    );
    expect(await releases(info())).toEqual([
      {
        version: '3.0.195.36',
        changes: '01.09.2026',
        file: `${home.url}/3_0_195_36/1cv8.cfu`,
        size: null,
        checksum: null,
        from: ['3.0.194.20', '3.0.195.10'],
      },
    ]);
  });
  test.each(['', 'Version=', 'Version=latest', '<html>Version=1.0', 'FromVersions=1.0'])(
    '%j is no UpdInfo.txt',
    async (text) => {
      home.answer = sends(text);
      await expect(releases(info())).rejects.toMatchObject(unreadable);
    },
  );
  test('versions to come from that are none', async () => {
    home.answer = sends('Version=1.0\nFromVersions=1;2;../../etc');
    await expect(releases(info())).rejects.toMatchObject(unreadable);
  });

  const list = (more: object = {}): UpdateService =>
    service({ kind: 'catalogue', files: `${home.url}/tmplts`, configuration: 'Бухгалтерия "Плюс"', ...more });
  const record = (version: string, from: string[], path: string, name = 'Бухгалтерия ""Плюс""', vendor = '1С') =>
    `{"x","${vendor}",00000000-0000-0000-0000-000000000000},0,{},"",{{"${name}","${vendor}","${version}",guid},${from.length},{${from
      .map((one) => `{"${name}","${vendor}","${one}",guid}`)
      .join(',')}},"${path}"},{}`;
  const brace = (...records: string[]): string =>
    `\uFEFF{0,"20260901","http://x",${records.length},\r\n{${records.join(',\r\n')}}\r\n}`;

  test('v8cscdsc.lst: our configuration among others, with the versions it may be installed over', async () => {
    home.answer = sends(
      brace(
        record('3.0.10.1', ['3.0.9.1', '3.0.8.1'], '1c/Acc/3_0_10_1/1cv8.cfu'),
        record('3.0.9.1', ['3.0.8.1'], '1c\\Acc\\3_0_9_1\\1cv8.cfu'),
        record('11.5', ['11.4'], '1c/UT/11_5/1cv8.cfu', 'Торговля'),
      ),
    );
    expect((await releases(list())).sort((a, b) => a.version.localeCompare(b.version))).toMatchObject([
      { version: '3.0.10.1', from: ['3.0.9.1', '3.0.8.1'], file: `${home.url}/tmplts/1c/Acc/3_0_10_1/1cv8.cfu` },
      { version: '3.0.9.1', from: ['3.0.8.1'], file: `${home.url}/tmplts/1c/Acc/3_0_9_1/1cv8.cfu` },
    ]);
    await expect(releases(list({ configuration: 'Зарплата' }))).rejects.toMatchObject({
      code: 'SERVICE_OTHER_PRODUCT',
    });
    await expect(releases(list({ vendor: 'Другой' }))).rejects.toMatchObject({ code: 'SERVICE_OTHER_PRODUCT' });
  });
  test('a path of the list that leads to another host is seen when it is fetched, not followed in silence', async () => {
    home.answer = sends(brace(record('3.0.10.1', [], '//evil.example.com/1cv8.cfu')));
    expect(await releases(list())).toMatchObject([{ file: `${home.url}/tmplts/evil.example.com/1cv8.cfu` }]);
  });
  test.each([
    '',
    '<html></html>',
    '{',
    '{"a',
    '{1,2}}',
    '{1}{2}',
    '{}',
    'text',
    '{'.repeat(100_000),
    `{${'"a",'.repeat(1000)}`,
  ])('what is no list is refused (%#)', async (text) => {
    home.answer = sends(text);
    await expect(releases(list())).rejects.toMatchObject(unreadable);
  });
});

describe('update-api', () => {
  const of = (): UpdateService =>
    service({
      kind: 'update-api',
      program: 'Accounting',
      platform: '8.3.25.1560',
      login: 'its',
      password: { env: 'P' },
      files: home.url,
    });
  const way = [
    {
      templatePath: '1c/Accounting/3_0_9_1',
      updateFileUrl: '/f/1',
      size: 5,
      hashSum: Buffer.alloc(16, 1).toString('base64'),
    },
    {
      templatePath: '1c/Accounting/3_0_10_1',
      updateFileUrl: '/f/2',
      size: 6,
      hashSum: Buffer.alloc(32, 2).toString('hex'),
    },
  ];
  test('newest and the way to it, hop by hop; the service’s checksum by its length', async () => {
    home.answer = (request, response) =>
      json(
        request.url?.endsWith('/info')
          ? {
              configurationUpdateResponse: {
                configurationVersion: '3.0.10.1',
                programVersionUin: 'u',
                upgradeSequence: ['a', 'b'],
              },
            }
          : { configurationUpdateDataList: way },
      )(request, response);
    expect(await releases(of(), '3.0.8.1')).toMatchObject([
      { version: '3.0.9.1', from: ['3.0.8.1'], checksum: { algorithm: 'md5' }, file: `${home.url}/f/1` },
      { version: '3.0.10.1', from: ['3.0.9.1'], checksum: { algorithm: 'sha256' } },
    ]);
    expect(JSON.parse(home.asked[1]?.body ?? '')).toEqual({
      programVersionUin: 'u',
      upgradeSequence: ['a', 'b'],
      login: 'its',
      password: 'geheim',
    });
    // The password is told to update-api in the body, and to the place of files by the log-in that this names.
    expect(adapterOf(of()).login?.(of())).toMatchObject({ at: home.url, as: { kind: 'basic', user: 'its' } });
  });
  test('nothing newer', async () => {
    home.answer = json({ errorName: null, configurationUpdateResponse: null });
    expect(await releases(of())).toEqual([]);
  });
  test('what it says of itself as an error', async () => {
    home.answer = json({ errorName: 'LoginFailed', errorMessage: 'wrong\u001b]0;x' });
    await expect(releases(of())).rejects.toMatchObject({ failure: { values: { problem: 'LoginFailed wrong ]0;x' } } });
  });
});

describe('manifest', () => {
  const of = (): UpdateService => service({ kind: 'manifest', url: `${home.url}/u/m.json`, product: 'tele' });
  const one = { version: '4.2', file: 'tele.cfe', sha256: 'A'.repeat(64), size: 5, changes: 'x', from: ['>=4 <4.2'] };
  const manifest = (more: object = {}) => ({ nakat: 1, product: 'tele', releases: [{ ...one, ...more }] });

  test('on a web server, files beside it', async () => {
    home.answer = json(manifest());
    expect(await releases(of())).toMatchObject([
      {
        version: '4.2',
        file: `${home.url}/u/tele.cfe`,
        checksum: { algorithm: 'sha256', value: 'a'.repeat(64) },
        from: ['>=4 <4.2'],
      },
    ]);
  });
  test('MD5 counts only where there is no SHA-256', async () => {
    home.answer = json(manifest({ md5: 'b'.repeat(32) }));
    expect(await releases(of())).toMatchObject([{ checksum: { algorithm: 'sha256' } }]);
    home.answer = json(manifest({ md5: 'b'.repeat(32), sha256: undefined }));
    expect(await releases(of())).toMatchObject([{ checksum: { algorithm: 'md5' } }]);
  });
  test.each([
    [
      'another product',
      { ...manifest(), product: 'crm\u001b[2J' },
      { code: 'SERVICE_OTHER_PRODUCT', failure: { values: { offered: 'crm [2J' } } },
    ],
    ['another format', { ...manifest(), nakat: 2 }, unreadable],
    ['a short SHA-256', manifest({ sha256: 'aa' }), unreadable],
    ['a rule that is none', manifest({ from: ['always'] }), unreadable],
    ['an address that is none', manifest({ file: 'http://' }), unreadable],
  ])('%s is refused', async (_name, body, error) => {
    home.answer = json(body);
    await expect(releases(of())).rejects.toMatchObject(error);
  });

  test('in a folder', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'nakat-manifest-'));
    try {
      const from = updateService.parse({ kind: 'folder', name: 'share', folder, product: 'tele' });
      await expect(releases(from)).rejects.toMatchObject({ code: 'SERVICE_UNREACHABLE' });
      await writeFile(join(folder, 'manifest.json'), `\uFEFF${JSON.stringify(manifest())}`);
      expect(await releases(from)).toMatchObject([{ file: 'tele.cfe' }]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe('all services of a watch', () => {
  const list = (version: string, sha256 = 'a') =>
    json({ nakat: 1, product: 'tele', releases: [{ version, file: 'a.cfe', sha256: sha256.repeat(64) }] });
  const looks = (seen: Record<string, Seen> = {}, installed = '4.1') =>
    askServices(
      {
        services: [
          service({ kind: 'manifest', name: 'a', product: 'tele' }),
          service({ kind: 'manifest', name: 'b', url: 'http://127.0.0.1:1/', product: 'tele' }),
        ],
        installed,
        seen,
      },
      io,
    );
  const seen = (version: string, value = 'a'): Record<string, Seen> => ({
    a: { version, checksum: { algorithm: 'sha256', value: value.repeat(64) } },
  });

  test('one that fails keeps nobody from hearing the other', async () => {
    home.answer = list('4.2');
    expect(await looks()).toMatchObject([
      { service: 'a', newest: { version: '4.2' }, next: { version: '4.2' }, failure: null },
      { service: 'b', newest: null, next: null, failure: { code: 'SERVICE_UNREACHABLE' } },
    ]);
  });
  test('the installed version again is nothing newer', async () => {
    home.answer = list('4.1');
    expect((await looks())[0]).toMatchObject({ newest: { version: '4.1' }, next: null, failure: null });
  });
  test('an old version as the newest: an old answer played back', async () => {
    home.answer = list('4.2');
    expect((await looks(seen('4.3')))[0]).toMatchObject({ next: null, failure: { code: 'SERVICE_OLDER' } });
    home.answer = list('4.0');
    expect((await looks())[0]).toMatchObject({ next: null, failure: { code: 'SERVICE_OLDER' } });
  });
  test('the same version with another file', async () => {
    home.answer = list('4.2', 'b');
    expect((await looks(seen('4.2')))[0]).toMatchObject({ next: null, failure: { code: 'SERVICE_FILE_CHANGED' } });
    expect((await looks(seen('4.2', 'b')))[0]).toMatchObject({ failure: null });
  });
});
