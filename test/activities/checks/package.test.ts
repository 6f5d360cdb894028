import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import yazl from 'yazl';
import { checkPackage, readPackage } from '../../../activities/checks/package.ts';
import { buildConnectorPackage, readConnectorPackage, type ConnectorPackage } from '../../../lab/bpmsoft/package.ts';
import { contextOf } from '../../lab/bpmsoft/ground.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nakat-package-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const name = 'SmrConnector1C';
const sha = (content: Buffer) => createHash('sha256').update(content).digest('hex');
async function put(content: Buffer, file = 'Коннектор "3.0".zip'): Promise<string> {
  await writeFile(join(folder, file), content);
  return join(folder, file);
}
async function zip(entries: Record<string, Buffer>, mode = 0o100644): Promise<Buffer> {
  const file = new yazl.ZipFile();
  for (const [path, content] of Object.entries(entries)) file.addBuffer(content, path, { mode });
  file.end();
  const parts: Buffer[] = [];
  for await (const part of file.outputStream as AsyncIterable<Buffer>) parts.push(part);
  return Buffer.concat(parts);
}
async function check(
  given: Partial<ConnectorPackage> = {},
  approved: { sha256?: string; name?: string; version?: string } = {},
) {
  const content = await buildConnectorPackage({ name, version: '3.0.0', ...given });
  const path = await put(content);
  return checkPackage(
    { archive: { path, sha256: sha(content), name, version: '3.0.0', ...approved } },
    {},
    contextOf('preflight.check-package'),
  );
}

describe('a package archive', () => {
  it('is read without being unpacked, and is always the same for the same content', async () => {
    const content = await buildConnectorPackage({ name, version: '3.0.0' });
    const path = await put(content);
    expect(await readPackage(path)).toEqual({
      sha256: sha(content),
      bytes: content.length,
      packages: [{ name, version: '3.0.0' }],
    });
    expect(sha(await buildConnectorPackage({ name, version: '3.0.0' }))).toBe(sha(content));
    expect(await readConnectorPackage(content)).toEqual([{ name, version: '3.0.0' }]);
  });

  it('is accepted with the approved digest, name and version', async () => {
    expect(await check()).toMatchObject({ package: name, version: '3.0.0', packages: 1 });
  });

  it.each([
    ['a file that is no zip', { break: 'not-zip' }, {}, 'PACKAGE_NOT_ZIP'],
    ['a zip without a package', { break: 'not-a-package' }, {}, 'PACKAGE_NOT_A_PACKAGE'],
    ['a package that breaks off', { break: 'damaged' }, {}, 'PACKAGE_DAMAGED'],
    ['another package', { name: 'SmrOther' }, {}, 'PACKAGE_WRONG_NAME'],
    ['another version', { version: '2.9.0' }, {}, 'PACKAGE_WRONG_VERSION'],
    ['a file changed after the approval', {}, { sha256: 'b'.repeat(64) }, 'PACKAGE_DIGEST_CHANGED'],
  ] as const)('refuses %s', async (_what, given, approved, code) => {
    await expect(check(given, approved)).rejects.toMatchObject({
      code,
      failure: { passing: false, effect: 'not-done' },
    });
  });

  it('refuses a file that is not there', async () => {
    await expect(readPackage(join(folder, 'no such.zip'))).rejects.toMatchObject({ code: 'PACKAGE_NOT_FOUND' });
  });

  it('refuses one whose bytes were damaged on the way', async () => {
    const content = await buildConnectorPackage({ name, version: '3.0.0' });
    content.writeUInt8(content.readUInt8(60) ^ 0xff, 60);
    await expect(readPackage(await put(content))).rejects.toMatchObject({ code: 'PACKAGE_DAMAGED' });
    await expect(readPackage(await put(content.subarray(0, content.length - 30)))).rejects.toMatchObject({
      code: 'PACKAGE_NOT_ZIP',
    });
  });

  it('refuses paths that leave the folder', async () => {
    const content = await zip({ 'aa/evil.gz': gzipSync('x') });
    for (let at = content.indexOf('aa/evil'); at >= 0; at = content.indexOf('aa/evil')) content.write('../evil', at);
    await expect(readPackage(await put(content))).rejects.toMatchObject({
      code: 'PACKAGE_UNSAFE',
      failure: { values: { entry: '../evil.gz' } },
    });
  });

  it('refuses links', async () => {
    await expect(
      readPackage(await put(await zip({ 'link.gz': Buffer.from('/etc/passwd') }, 0o120777))),
    ).rejects.toMatchObject({ code: 'PACKAGE_UNSAFE' });
  });

  it('refuses bombs, in the zip and inside the package', async () => {
    await expect(readPackage(await put(await zip({ 'data.bin': Buffer.alloc(20 * 2 ** 20) })))).rejects.toMatchObject({
      code: 'PACKAGE_UNSAFE',
      failure: { values: { reason: 'packed too tightly' } },
    });
    const record = Buffer.alloc(4 + 2 + 4 + 20 * 2 ** 20);
    record.writeInt32LE(1, 0);
    record.write('a', 4, 'utf16le');
    record.writeInt32LE(20 * 2 ** 20, 6);
    await expect(readPackage(await put(await zip({ 'Bomb.gz': gzipSync(record) })))).rejects.toMatchObject({
      code: 'PACKAGE_UNSAFE',
      failure: { values: { entry: 'Bomb.gz' } },
    });
  });

  it('refuses a descriptor that is not JSON as damaged, and a gzip of something else as no package', async () => {
    const record = (path: string, content: string) => {
      const head = Buffer.alloc(4 + path.length * 2 + 4);
      head.writeInt32LE(path.length, 0);
      head.write(path, 4, 'utf16le');
      head.writeInt32LE(content.length, 4 + path.length * 2);
      return Buffer.concat([head, Buffer.from(content)]);
    };
    await expect(
      readPackage(await put(await zip({ 'A.gz': gzipSync(record('descriptor.json', '{"Descr')) }))),
    ).rejects.toMatchObject({ code: 'PACKAGE_DAMAGED' });
    await expect(
      readPackage(await put(await zip({ 'A.gz': gzipSync('just a text, a long enough one') }))),
    ).rejects.toMatchObject({ code: 'PACKAGE_NOT_A_PACKAGE' });
  });
});
