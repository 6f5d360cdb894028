/** The stand-ins must be as strict as what they stand for: what the real one refuses is refused. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OneCCluster } from '../../../lab/onec/cluster.ts';
import { readConfigurationFile, updated, writeConfigurationFile } from '../../../lab/onec/configuration.ts';
import { writeData } from '../../../lab/onec/data.ts';
import { newModel, readModel } from '../../../lab/onec/model.ts';
import { onecPrograms } from '../../../lab/onec/programs.ts';
import { insideScript, type Ask } from '../../../activities/onec/inside-script.ts';
import { installed, release, releaseFiles } from '../../activities/onec/release.ts';

let dir: string;
const place = () => ({ kind: 'file', folder: join(dir, 'base') }) as const;
const hex = (value: unknown): string => `\\x${Buffer.from(JSON.stringify(value)).toString('hex')}`;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'nakat-lab-cf-'));
  releaseFiles(dir);
  await start('1cv8', ['CREATEINFOBASE', 'File="base"']);
  const { database, pending: _pending, ...rest } = newModel(installed);
  const columns = [{ name: 'filename', generated: false }, { name: 'binarydata', generated: false }]; // prettier-ignore
  const tables = ['config', 'configsave', 'params'].map((name) => ({ schema: 'public', name, columns, rows: 0 }));
  await writeData(place(), [
    JSON.stringify({ before: [], after: [], tables }),
    JSON.stringify({ table: 0, rows: [['metadata', hex(database)]] }),
    JSON.stringify({ table: 2, rows: [['state', hex(rest)]] }),
    JSON.stringify({ rows: 2 }),
  ]);
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

async function start(name: string, argv: readonly string[], signal = new AbortController().signal) {
  const cluster = new OneCCluster(join(dir, 'cluster.json'));
  const program = Object.entries(onecPrograms({ platform: 'C:', cluster, duration: 8 })).find(([path]) =>
    path.endsWith(`\\${name}.exe`),
  )![1];
  let err = '';
  const io = {
    cwd: dir,
    env: {},
    stdin: '',
    out: () => {},
    err: (text: string) => void (err += text),
    real: (path: string) => join(dir, path),
    signal,
  };
  return { code: await program(argv, io as unknown as Parameters<typeof program>[1]), err };
}
const designer = async (...argv: string[]): Promise<string> => {
  const { code } = await start('1cv8', ['DESIGNER', '/F', 'base', '/Out', 'out.txt', ...argv]);
  return `${code} ${readFileSync(join(dir, 'out.txt'), 'utf8').replace('\uFEFF', '').trim()}`;
};
async function inside(...asks: Ask[]): Promise<{ results?: unknown[]; error?: string; err: string }> {
  writeFileSync(
    join(dir, 'ask.js'),
    insideScript({ connection: 'File="base";', password: '', answer: 'answer.json', asks }),
  );
  const { err } = await start('cscript', ['//NoLogo', '//E:JScript', 'ask.js']);
  return { ...(JSON.parse(readFileSync(join(dir, 'answer.json'), 'utf8')) as object), err };
}

describe('the Designer', () => {
  it('refuses an option that is another command’s', async () => {
    expect(await designer('/RollbackCfg', '-Dynamic-')).toContain('1 Неверный параметр командной строки: -Dynamic-');
    expect(await designer('/UpdateCfg', '3.2.0.1.cfu', '-Server')).toContain('1 Неверный параметр');
  });

  it('gives a report of the legend alone where no kind of difference was asked for', async () => {
    await expect(designer('/LoadCfg', 'plain.cf')).resolves.toBe('0 Загрузка конфигурации успешно завершена');
    await designer('/RollbackCfg');
    const compare = [
      '/CompareCfg',
      '-FirstConfigurationType',
      'MainConfiguration',
      '-SecondConfigurationType',
      'VendorConfiguration',
      '-ReportType',
      'Brief',
      '-ReportFormat',
      'txt',
      '-ReportFile',
      'report.txt',
    ];
    expect(await designer(...compare, '-SecondName', 'Торговля', '-IncludeChangedObjects')).toMatch(/^0/);
    expect(readFileSync(join(dir, 'report.txt')).subarray(0, 2)).toEqual(Buffer.from([0xff, 0xfe]));
    expect(await designer(...compare, '-SecondName', 'Другая')).toContain('не найдена');
  });

  it('has the database follow only when told to, and nobody is in it', async () => {
    expect(await designer('/UpdateDBCfg')).toContain('не требуется');
    expect(await designer('/UpdateCfg', '3.2.0.1.cfu')).toMatch(/^0 .*успешно/);
    expect((await readModel(place())).database.version).toBe('3.1.0.1');
    writeFileSync(join(dir, 'base/1Cv8.1CL'), '');
    expect(await designer('/UpdateDBCfg')).toContain('Ошибка исключительной блокировки');
    rmSync(join(dir, 'base/1Cv8.1CL'));
    expect(await designer('/UpdateDBCfg')).toContain('Объект изменен');
    expect(await readModel(place())).toMatchObject({
      database: { version: '3.2.0.1' },
      pending: null,
      dataVersion: '3.1.0.1',
    });
  });
});

it('a client without a word that ends it stays open until it is killed', async () => {
  const kill = new AbortController();
  const running = start('1cv8', ['ENTERPRISE', '/F', 'base', '/C', 'НеизвестноеСлово'], kill.signal);
  await expect.poll(() => existsSync(join(dir, 'base/1Cv8.1CL'))).toBe(true);
  kill.abort();
  expect((await running).code).toBe(1);
  expect(existsSync(join(dir, 'base/1Cv8.1CL'))).toBe(false);
});

describe('the script host', () => {
  it('answers from inside, and names what is not there', async () => {
    expect(await inside({ do: 'configuration' })).toMatchObject({ results: [{ name: 'Торговля', changed: false }] });
    expect((await inside({ do: 'question', question: { kind: 'constant', name: 'Нет' } })).error).toContain(
      'Поле объекта не обнаружено (Нет)',
    );
    expect((await inside({ do: 'question', question: { kind: 'query', text: 'УДАЛИТЬ' } })).error).toContain(
      'Поле не найдено',
    );
    expect((await inside({ do: 'file', kind: 'cf', path: 'crm-2.cfe' })).error).toContain('не содержат описания');
  });

  it('has no language that came later, and no option that it does not know', async () => {
    for (const later of ['JSON.stringify({})', '[1].map(String)', '" x ".trim()', 'Object.keys({})']) {
      writeFileSync(join(dir, 'later.js'), later);
      expect((await start('cscript', ['//NoLogo', '//E:JScript', 'later.js'])).err).toContain('runtime error');
    }
    expect((await start('cscript', ['//Nologo', '//E:Python', 'later.js'])).code).toBe(1);
    writeFileSync(join(dir, 'other.js'), 'new ActiveXObject("Excel.Application")');
    expect((await start('cscript', ['//E:JScript', 'other.js'])).err).toContain("can't create object");
  });
});

describe('configuration files', () => {
  it('that were damaged are none', () => {
    const path = join(dir, '3.3.0.1.cfu');
    expect(readConfigurationFile(path)?.kind).toBe('cfu');
    const bytes = readFileSync(path);
    bytes[20] = bytes[20]! ^ 1;
    writeFileSync(path, bytes);
    expect(readConfigurationFile(path)).toBeNull();
  });

  it('where editing is not allowed, a customer’s change is lost without a word', () => {
    const path = join(dir, 'x.cfu');
    writeConfigurationFile(path, { kind: 'cfu', release: release('3.2.0.1'), from: ['3.1.0.1'] });
    const own = { ...installed, objects: { ...installed.objects, 'ОбщийМодуль.Обмен': 'наш' } };
    expect(() => updated(own, readConfigurationFile(path), null)).toThrow('в командном режиме');
    const locked = { ...own, support: { objects: installed.objects, editable: false } };
    expect(updated(locked, readConfigurationFile(path), null).objects['ОбщийМодуль.Обмен']).toBe('v1');
  });
});
