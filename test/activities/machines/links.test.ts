/** Links: junctions and symbolic links on the Windows-like host through cmd, symbolic links on this Linux. */
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectMachine } from '../../../activities/machines/connect.ts';
import type { Machine } from '../../../activities/machines/machine.ts';
import { parseLinks } from '../../../activities/machines/windows/links.ts';
import { startFixture, type Fixture } from '../../lab/windows/fixture.ts';

describe('Windows', () => {
  let fixture: Fixture;
  let machine: Machine;
  beforeAll(async () => {
    fixture = await startFixture();
    machine = await fixture.connect();
    fixture.write('C:\\Program Files\\App & Co\\1.0 (x64)\\app.dll', 'one');
    fixture.write('C:\\data\\Config\\real\\file.txt', 'x');
  });
  afterAll(() => fixture.stop());
  const version = 'C:\\Program Files\\App & Co\\1.0 (x64)';
  const link = (name: string): string => `C:\\data\\Config\\${name}`;

  test('a junction is made once, listed with its target, and removed without what it points to', async () => {
    for (const _ of [1, 2]) await machine.makeLink(link('bin & more'), version, 'junction');
    expect(await machine.links('C:\\data\\Config')).toEqual([
      { name: 'bin & more', target: version, kind: 'junction' },
    ]);
    // What SFTP says of a junction: a folder, with all the files behind it.
    expect((await machine.stat(link('bin & more')))?.kind).toBe('folder');
    expect((await machine.readFile(`${link('bin & more')}\\app.dll`)).toString()).toBe('one');
    for (const _ of [1, 2]) await machine.removeLink(link('bin & more'));
    expect(await machine.links('C:\\data\\Config')).toEqual([]);
    expect(readFileSync(fixture.host.real(`${version}\\app.dll`), 'utf8')).toBe('one');
  });

  test('symbolic links to folders and files are told from junctions', async () => {
    await machine.makeLink(link('folder'), version, 'folder');
    await machine.makeLink(link('one.dll'), `${version}\\app.dll`, 'file');
    await machine.makeLink(link('dangling'), 'C:\\nowhere', 'junction');
    expect((await machine.links('C:\\data\\Config')).map(({ name, kind }) => `${name} ${kind}`)).toEqual([
      'dangling junction',
      'folder folder',
      'one.dll file',
    ]);
    for (const name of ['folder', 'one.dll', 'dangling']) await machine.removeLink(link(name));
    expect(await machine.links('C:\\data\\Config')).toEqual([]);
  });

  test('what is no link stays, and what is there is not replaced', async () => {
    await expect(machine.removeLink(link('real'))).rejects.toMatchObject({ code: 'NOT_A_LINK' });
    await expect(machine.makeLink(link('real'), version, 'junction')).rejects.toMatchObject({ code: 'TARGET_EXISTS' });
    await machine.makeLink(link('taken'), 'C:\\Program Files', 'junction');
    await expect(machine.makeLink(link('taken'), version, 'junction')).rejects.toMatchObject({ code: 'TARGET_EXISTS' });
    await machine.removeLink(link('taken'));
    await expect(machine.makeLink('C:\\no\\such\\link', version, 'junction')).rejects.toMatchObject({
      code: 'LINK_NOT_MADE',
    });
    expect(readFileSync(fixture.host.real('C:\\data\\Config\\real\\file.txt'), 'utf8')).toBe('x');
  });

  test('the list is read in any language of Windows', () => {
    const listing = [
      ' Том в устройстве C не имеет метки.',
      ' Содержимое папки C:\\data\\Config',
      '21.11.2026  12:00    <JUNCTION>     bin [C:\\Program Files\\App [x64]\\1.0]',
      '21.11.2026  12:00    <СОЕДИНЕНИЕ>   Web [C:\\b]',
      '2026-11-21  12:00    <SYMLINKD>     with <brackets> [D:\\c]',
      '21.11.2026  12:00    <SYMLINK>      a [b] c.dll [..\\c.dll]',
      '21.11.2026  12:00    <DIR>          plain',
      '               0 файлов              0 байт',
    ].join('\r\n');
    expect(parseLinks(listing)).toEqual([
      { name: 'bin', target: 'C:\\Program Files\\App [x64]\\1.0', kind: 'junction' },
      { name: 'Web', target: 'C:\\b', kind: 'junction' },
      { name: 'with <brackets>', target: 'D:\\c', kind: 'folder' },
      { name: 'a [b] c.dll', target: '..\\c.dll', kind: 'file' },
    ]);
  });
});

describe('Linux', () => {
  const dir = mkdtempSync(join(tmpdir(), 'nakat-links-'));
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  test('symbolic links are made once, listed, and removed alone', async () => {
    const machine = await connectMachine(
      { via: 'local', name: 'here', os: 'linux', work: join(dir, 'work') },
      { secret: async () => '', signal: new AbortController().signal },
    );
    mkdirSync(join(dir, 'target'));
    writeFileSync(join(dir, 'target', 'file'), 'x');
    const link = join(dir, 'a link\nwith a break');
    for (const _ of [1, 2]) await machine.makeLink(link, join(dir, 'target'), 'file');
    expect(readlinkSync(link)).toBe(join(dir, 'target'));
    expect(await machine.links(dir)).toEqual([
      { name: 'a link\nwith a break', target: join(dir, 'target'), kind: 'file' },
    ]);
    await expect(machine.makeLink(link, '/elsewhere', 'file')).rejects.toMatchObject({ code: 'TARGET_EXISTS' });
    for (const _ of [1, 2]) await machine.removeLink(`${link}/`);
    expect(readFileSync(join(dir, 'target', 'file'), 'utf8')).toBe('x');
    symlinkSync('/nowhere', join(dir, 'dangling'));
    await machine.removeLink(join(dir, 'dangling'));
    await expect(machine.removeLink(join(dir, 'target'))).rejects.toMatchObject({ code: 'NOT_A_LINK' });
    expect(lstatSync(join(dir, 'target')).isDirectory()).toBe(true);
    expect(await machine.links(join(dir, 'nowhere'))).toEqual([]);
  });
});
