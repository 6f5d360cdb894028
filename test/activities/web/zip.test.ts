import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { afterEach, beforeEach, expect, it } from 'vitest';
import iconv from 'iconv-lite';
import { unpack } from '../../../activities/web/archive.ts';
import { newFolder, removeFolder, writeFiles } from './fixture.ts';

let folder: string;
beforeEach(() => (folder = newFolder()));
afterEach(() => removeFolder(folder));

/** One stored file, its name as it is given. */
function zip(name: Buffer, flags: number): Buffer {
  const content = Buffer.from('1');
  const common = Buffer.alloc(26);
  common.writeUInt16LE(20, 0);
  common.writeUInt16LE(flags, 2);
  common.writeUInt32LE(crc32(content), 10);
  common.writeUInt32LE(content.length, 14);
  common.writeUInt32LE(content.length, 18);
  common.writeUInt16LE(name.length, 22);
  const local = Buffer.concat([Buffer.from('PK\x03\x04'), common, name, content]);
  // "Made by" before what both headers have; after it the length of a comment and more, all zero.
  const entry = Buffer.concat([Buffer.from('PK\x01\x02\x14\x03', 'latin1'), common, Buffer.alloc(14), name]);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(entry.length, 12);
  end.writeUInt32LE(local.length, 16);
  return Buffer.concat([local, entry, end]);
}
async function namesIn(archive: Buffer): Promise<string[]> {
  writeFileSync(join(folder, 'a.zip'), archive);
  await unpack(join(folder, 'a.zip'), join(folder, 'out'));
  return readdirSync(join(folder, 'out'));
}

it.each([
  ['UTF-8 that says so', 'страница.html', 'utf8', 0x800],
  ['UTF-8 that does not, of Info-ZIP and macOS', 'страница.html', 'utf8', 0],
  ['UTF-8 that does not, letters taken apart as macOS does', 'мой.html', 'utf8', 0],
  ['UTF-8 of other letters', 'größe 中.html', 'utf8', 0],
  ['cp866 of Windows', 'страница.html', 'cp866', 0],
  ['cp866 of Windows, capitals', 'ЁЛКА Ёлка.html', 'cp866', 0],
  ['cp866 that is UTF-8 as well', 'сок.html', 'cp866', 0],
])('a name in %s', async (_name, name, encoding, flags) => {
  expect(await namesIn(zip(iconv.encode(name, encoding), flags))).toEqual([name]);
});

it.skipIf(spawnSync('zip', ['-v']).error)('names as Debian’s zip writes them', async () => {
  mkdirSync(join(folder, 'tree'));
  writeFiles(join(folder, 'tree'), { 'раздел/страница.html': '1' });
  execFileSync('zip', ['-qr', '../b.zip', '.'], { cwd: join(folder, 'tree') });
  await unpack(join(folder, 'b.zip'), join(folder, 'out'));
  expect(readdirSync(join(folder, 'out/раздел'))).toEqual(['страница.html']);
});
