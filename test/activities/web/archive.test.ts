import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import yazl from 'yazl';
import { createStepContext } from '../../../activities/context.ts';
import { limits, unpack } from '../../../activities/web/archive.ts';
import { webSteps } from '../../../activities/web/steps.ts';
import { digest, newFolder, removeFolder, treeOf, worker, writeFiles } from './fixture.ts';

let folder: string;
let out: string;
beforeEach(() => {
  folder = newFolder();
  out = join(folder, 'out');
  writeFileSync(join(folder, 'canary'), 'alive');
});
afterEach(() => removeFolder(folder));

type Entry = { path: string; content?: string; type?: string; link?: string; mode?: number };

/** A tar block by block, so that it can hold what no tool would write. */
function tar(entries: readonly Entry[]): Buffer {
  const blocks = entries.map(({ path, content = '', type = '0', link = '', mode = 0o644 }) => {
    const head = Buffer.alloc(512);
    const name = Buffer.from(path);
    const size = Buffer.byteLength(content);
    const long = name.length > 100;
    head.write(long ? 'long' : path, 0, 100, 'utf8');
    head.write(mode.toString(8).padStart(7, '0'), 100);
    head.write(size.toString(8).padStart(11, '0'), 124);
    head.write('        ', 148);
    head.write(type, 156);
    head.write(link, 157, 100, 'utf8');
    head.write('ustar\x0000', 257);
    head.write(
      head
        .reduce((sum, byte) => sum + byte, 0)
        .toString(8)
        .padStart(6, '0') + '\0 ',
      148,
    );
    const body = Buffer.concat([head, Buffer.from(content), Buffer.alloc((512 - (size % 512)) % 512)]);
    if (!long) return body;
    return Buffer.concat([tar([{ path: '././@LongLink', content: `${path}\0`, type: 'L' }]).subarray(0, -1024), body]);
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

/** A zip whose names are put in afterwards: yazl itself refuses the bad ones. */
async function zip(entries: readonly Entry[], zip64 = false): Promise<Buffer> {
  const made = new yazl.ZipFile();
  const names = entries.map(
    ({ path }, index) => `${String(index).padStart(4, '0')}${'n'.repeat(Math.max(Buffer.byteLength(path) - 4, 0))}`,
  );
  entries.forEach(({ content = '', type, mode = 0o644, link }, index) => {
    const kind = type === '2' ? 0o120000 : type === '3' ? 0o020000 : 0o100000;
    made.addBuffer(Buffer.from(link ?? content), names[index] ?? '', { mode: kind | mode, forceZip64Format: zip64 });
  });
  made.end({ forceZip64Format: zip64, comment: '' });
  const pieces: Buffer[] = [];
  for await (const piece of made.outputStream as AsyncIterable<Buffer>) pieces.push(piece);
  const all = Buffer.concat(pieces);
  entries.forEach(({ path }, index) => {
    const [from, to] = [Buffer.from(names[index] ?? ''), Buffer.from(path)];
    for (let at = all.indexOf(from); at !== -1; at = all.indexOf(from, at + 1)) {
      // The length stands before the name, at different places in the two headers.
      if (from.length === to.length) to.copy(all, at);
    }
  });
  return all;
}

const containers: Record<string, (entries: readonly Entry[]) => Promise<Buffer> | Buffer> = {
  zip: (entries) => zip(entries),
  zip64: (entries) => zip(entries, true),
  tar,
  'tar.gz': (entries) => gzipSync(tar(entries)),
};

const traps: Record<string, readonly Entry[]> = {
  'goes up': [{ path: '../escaped' }],
  'goes up in the middle': [{ path: 'a/../../escaped' }],
  'is absolute': [{ path: '/tmp/nakat-escaped' }],
  'names a drive': [{ path: 'C:/escaped' }],
  'is relative to a drive': [{ path: 'C:escaped' }],
  'is on another machine': [{ path: '\\\\srv\\share\\escaped' }],
  'goes up as Windows writes it': [{ path: '..\\escaped' }],
  'holds a NUL': [{ path: 'safe\0/../escaped' }],
  'ends with a dot': [{ path: 'web.config.' }],
  'ends with a space': [{ path: 'folder /file' }],
  'is a device': [{ path: 'lib/aux.php' }],
  'is a stream': [{ path: 'index.php:hidden' }],
  'is there twice in two Unicode forms': [{ path: 'caf\u00e9.php' }, { path: 'cafe\u0301.php' }],
  'is there twice in two letter cases': [{ path: 'Index.php' }, { path: 'index.php' }],
  'is there twice': [
    { path: 'index.php', content: 'a' },
    { path: 'index.php', content: 'b' },
  ],
  'is a link': [{ path: 'link', type: '2', link: '../canary' }],
  'is a device file': [{ path: 'device', type: '3' }],
  'is a file and a folder': [{ path: 'name' }, { path: 'name/file' }],
  'is too long': [{ path: `${'a/'.repeat(40)}${'long/'.repeat(900)}file` }],
  'is nested too deep': [{ path: `${'d/'.repeat(70)}file` }],
  'holds a line end': [{ path: 'a\r\nDELE b' }],
};

describe.each(Object.entries(containers))('a hostile %s', (ending, make) => {
  // In a tar's header a NUL ends the name.
  it.each(Object.entries(traps).filter(([name]) => !ending.startsWith('tar') || !/NUL/.test(name)))(
    'that %s is refused',
    async (_name, entries) => {
      const file = join(folder, `update.${ending}`);
      writeFileSync(file, await make(entries));
      await expect(unpack(file, out)).rejects.toMatchObject({ code: 'PACKAGE_UNSAFE' });
      expect(readdirSync(folder).sort()).toEqual(['canary', 'out', `update.${ending}`]);
      expect(existsSync('/tmp/nakat-escaped')).toBe(false);
    },
  );
  it('that is cut is refused', async () => {
    const whole = await make([
      { path: 'a', content: 'x'.repeat(5000) },
      { path: 'b', content: 'y'.repeat(5000) },
    ]);
    const file = join(folder, `update.${ending}`);
    for (const part of [0.2, 0.5, 0.9]) {
      writeFileSync(file, whole.subarray(0, Math.floor(whole.length * part)));
      await expect(unpack(file, join(folder, `out-${part}`))).rejects.toMatchObject({
        code: expect.stringMatching(/^PACKAGE_(DAMAGED|NOT_ZIP)$/) as string,
      });
    }
  });
});

it('a tar that is cut between two of its files is refused', async () => {
  const whole = tar([
    { path: 'a', content: 'x'.repeat(512) },
    { path: 'b', content: 'y'.repeat(512) },
  ]);
  writeFileSync(join(folder, 'half.tar'), whole.subarray(0, 1024));
  await expect(unpack(join(folder, 'half.tar'), out)).rejects.toMatchObject({
    code: 'PACKAGE_DAMAGED',
    failure: { vendor: 'it ends without its end mark' },
  });
});

it('a hard link and what hides a link in a tar are refused', async () => {
  for (const type of ['1', '2', '3', '4', '6', 'S', 'V', 'M']) {
    const file = join(folder, `${type}.tar`);
    writeFileSync(file, tar([{ path: 'x', type, link: '../canary' }]));
    await expect(unpack(file, join(folder, `out-${type}`))).rejects.toMatchObject({ code: 'PACKAGE_UNSAFE' });
  }
  const pax = (key: string, value: string): Entry => {
    const record = `${key}=${value}\n`;
    const length = Buffer.byteLength(record) + 3;
    return { path: 'pax', type: 'x', content: `${length + (length >= 98 ? 1 : 0)} ${record}` };
  };
  writeFileSync(join(folder, 'pax.tar'), tar([pax('path', '../escaped'), { path: 'harmless', content: 'x' }]));
  await expect(unpack(join(folder, 'pax.tar'), out)).rejects.toMatchObject({ code: 'PACKAGE_UNSAFE' });
});

it('bombs are refused before they fill anything', async () => {
  const zeros = Buffer.alloc(40 << 20);
  const made = new yazl.ZipFile();
  made.addBuffer(zeros, 'bomb');
  made.end();
  const pieces: Buffer[] = [];
  for await (const piece of made.outputStream as AsyncIterable<Buffer>) pieces.push(piece);
  const bomb = Buffer.concat(pieces);
  const unsafe = { code: 'PACKAGE_UNSAFE', failure: { values: { reason: 'packed too tightly' } } };
  writeFileSync(join(folder, 'bomb.zip'), bomb);
  await expect(unpack(join(folder, 'bomb.zip'), out)).rejects.toMatchObject(unsafe);
  expect(readdirSync(out)).toEqual([]);
  // Says that it is small.
  const lying = Buffer.from(bomb);
  for (let at = lying.indexOf('PK\x01\x02', 0, 'latin1'); at !== -1; at = lying.indexOf('PK\x01\x02', at + 1, 'latin1'))
    lying.writeUInt32LE(10, at + 24);
  writeFileSync(join(folder, 'lying.zip'), lying);
  await expect(unpack(join(folder, 'lying.zip'), join(folder, 'out-2'))).rejects.toMatchObject({
    code: expect.stringMatching(/^PACKAGE_(UNSAFE|DAMAGED)$/) as string,
  });
  writeFileSync(
    join(folder, 'bomb.tar.gz'),
    gzipSync(Buffer.concat([tar([{ path: 'a' }]).subarray(0, 512), Buffer.alloc(100 << 20)])),
  );
  await expect(unpack(join(folder, 'bomb.tar.gz'), join(folder, 'out-3'))).rejects.toMatchObject(unsafe);
  const many = await zip(Array.from({ length: 50 }, (_, index) => ({ path: `f${index}` })));
  writeFileSync(join(folder, 'many.zip'), many);
  await expect(
    unpack(join(folder, 'many.zip'), join(folder, 'out-4'), undefined, { ...limits, entries: 40 }),
  ).rejects.toMatchObject({ code: 'PACKAGE_UNSAFE' });
  writeFileSync(
    join(folder, 'large.tar'),
    tar([
      { path: 'a', content: 'x'.repeat(2000) },
      { path: 'b', content: 'x'.repeat(2000) },
    ]),
  );
  await expect(
    unpack(join(folder, 'large.tar'), join(folder, 'out-5'), undefined, { ...limits, bytes: 3000 }),
  ).rejects.toMatchObject({ code: 'PACKAGE_UNSAFE' });
});

it('a changed byte is found', async () => {
  const bytes = await zip([{ path: 'index.php', content: 'x'.repeat(3000) }]);
  const stored = new yazl.ZipFile();
  stored.addBuffer(Buffer.from('y'.repeat(3000)), 'index.php', { compress: false });
  stored.end();
  const pieces: Buffer[] = [];
  for await (const piece of stored.outputStream as AsyncIterable<Buffer>) pieces.push(piece);
  const damaged = Buffer.concat(pieces);
  damaged[1000] = 0x7a;
  writeFileSync(join(folder, 'damaged.zip'), damaged);
  await expect(unpack(join(folder, 'damaged.zip'), out)).rejects.toMatchObject({ code: 'PACKAGE_DAMAGED' });
  writeFileSync(join(folder, 'text.zip'), 'no zip at all');
  await expect(unpack(join(folder, 'text.zip'), out)).rejects.toBeDefined();
  expect(bytes.length).toBeGreaterThan(0);
});

describe('what the usual tools make', () => {
  const files = {
    'index.php': '<?php',
    'lib/модуль.php': 'x'.repeat(70_000),
    [`deep/${'long-name/'.repeat(14)}file.txt`]: 'y',
    'empty.txt': '',
  };
  it.each([
    ['zip', ['python3', '-m', 'zipfile', '-c', 'update.zip', 'tree/.']],
    ['tar', ['tar', '-cf', 'update.tar', '-C', 'tree', '.']],
    ['tar.gz', ['tar', '-czf', 'update.tar.gz', '-C', 'tree', '.']],
    ['pax', ['tar', '--format=pax', '-cf', 'update.pax', '-C', 'tree', '.']],
    ['v7', ['tar', '--format=gnu', '-cf', 'update.v7', '-C', 'tree', 'index.php', 'lib', 'deep', 'empty.txt']],
  ])('unpacks a %s', async (ending, [program = '', ...argv]) => {
    mkdirSync(join(folder, 'tree'));
    writeFiles(join(folder, 'tree'), files);
    execFileSync(program, argv, { cwd: folder });
    const list = await unpack(join(folder, `update.${ending}`), out);
    const found = treeOf(out, false);
    for (const [path, content] of Object.entries(files))
      expect(found[path]).toBe(`file  ${content.length === 0 ? 0 : Buffer.byteLength(content)} ${digest(content)}`);
    expect([...list].filter(([, { kind }]) => kind === 'file').length).toBe(4);
  });
});

describe('the step', () => {
  const step = (sha256: string) =>
    webSteps.unpackUpdate(
      {
        archive: { path: join(folder, 'update.tar'), sha256, name: 'Site', version: '2.0' },
        into: { machine: worker(folder), folder: join(folder, 'updates') },
      },
      {},
      createStepContext({ step: 'preflight.unpack-update' }),
    );
  it('unpacks the approved file and no other, once', async () => {
    const bytes = tar([{ path: 'index.php', content: 'new' }]);
    writeFileSync(join(folder, 'update.tar'), bytes);
    await expect(step('0'.repeat(64))).rejects.toMatchObject({ code: 'PACKAGE_DIGEST_CHANGED' });
    const tree = await step(digest(bytes));
    expect(tree).toMatchObject({ files: 1, bytes: 3, machine: 'worker' });
    expect(readFileSync(join(tree.place, 'index.php'), 'utf8')).toBe('new');
    expect(await step(digest(bytes))).toEqual(tree);
    writeFileSync(join(tree.place, 'index.php'), 'bad');
    await expect(step(digest(bytes))).rejects.toMatchObject({ code: 'WEB_TREE_DAMAGED' });
  });
  it('begins anew where an attempt was killed', async () => {
    const bytes = tar([{ path: 'index.php', content: 'new' }]);
    writeFileSync(join(folder, 'update.tar'), bytes);
    const place = join(folder, 'updates/update-00000000-preflight-unpack-update');
    writeFiles(`${place}.partial`, { 'half.php': 'x' });
    writeFiles(place, { 'stranger.php': 'x' });
    symlinkSync('/etc', join(`${place}.partial`, 'lib'));
    expect(readdirSync((await step(digest(bytes))).place)).toEqual(['index.php']);
  });
});
