/**
 * Makes and reads package archives of the practice ground. Follows clio, CompressionUtilities.cs (record format inside
 * `<Name>.gz`) and cliogate/descriptor.json (fields of the descriptor).
 */
import { createHash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import yauzl from 'yauzl';
import yazl from 'yazl';

/** Fixed, so that the same package always has the same digest. */
const packedOn = new Date('2025-03-01T12:00:00Z');

export interface ConnectorPackage {
  readonly name: string;
  readonly version: string;
  /** `not-a-package`: a zip with something else in it. `damaged`: the gzip inside breaks off. */
  readonly break?: 'not-zip' | 'not-a-package' | 'damaged';
}

export function buildConnectorPackage({ name, version, break: broken }: ConnectorPackage): Promise<Buffer> {
  if (broken === 'not-zip') return Promise.resolve(Buffer.from('This is a letter, not an archive.\n'.repeat(50)));
  if (broken === 'not-a-package') return zip({ 'readme.txt': Buffer.from('Nothing to install here.\n') });
  const packed = gzipSync(
    Buffer.concat(Object.entries(files(name, version)).map(([path, content]) => record(path, content))),
  );
  return zip({ [`${name}.gz`]: broken === 'damaged' ? packed.subarray(0, packed.length >> 1) : packed });
}

/** Names and versions in an archive; throws what the product says about a damaged one. */
export async function readConnectorPackage(archive: Buffer): Promise<{ name: string; version: string }[]> {
  const found: { name: string; version: string }[] = [];
  const opened = await yauzl.fromBufferPromise(archive, { lazyEntries: true });
  for await (const entry of opened.eachEntry()) {
    if (!entry.fileName.endsWith('.gz')) continue;
    const parts: Buffer[] = [];
    for await (const part of (await opened.openReadStreamPromise(entry)) as AsyncIterable<Buffer>) parts.push(part);
    const descriptor = unpack(gunzipSync(Buffer.concat(parts)))['descriptor.json'];
    if (!descriptor) continue;
    const { Descriptor } = JSON.parse(descriptor.toString()) as {
      Descriptor: { Name: string; PackageVersion: string };
    };
    found.push({ name: Descriptor.Name, version: Descriptor.PackageVersion });
  }
  return found;
}

function files(name: string, version: string): Record<string, Buffer> {
  const uid = createHash('md5')
    .update(name)
    .digest('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  const descriptor = {
    Descriptor: {
      UId: uid,
      PackageVersion: version,
      Name: name,
      Type: 0,
      ModifiedOnUtc: `/Date(${packedOn.getTime()})/`,
      Maintainer: 'Customer',
      DependsOn: [],
    },
  };
  return {
    'descriptor.json': Buffer.from(JSON.stringify(descriptor, null, 2)),
    'Schemas\\SmrSyncHistory\\metadata.json': Buffer.from(
      JSON.stringify({ MetaData: { Schema: { Name: 'SmrSyncHistory', Version: version } } }),
    ),
    'Resources\\SmrSyncHistory.Entity\\resource.ru-RU.xml': Buffer.from(
      '<Resources Culture="ru-RU"><Item Name="Caption" Value="Таблица соответствий" /></Resources>',
    ),
  };
}

function record(path: string, content: Buffer): Buffer {
  const head = Buffer.alloc(4 + path.length * 2 + 4);
  head.writeInt32LE(path.length, 0);
  head.write(path, 4, 'utf16le');
  head.writeInt32LE(content.length, 4 + path.length * 2);
  return Buffer.concat([head, content]);
}

function unpack(bytes: Buffer): Record<string, Buffer> {
  const found: Record<string, Buffer> = {};
  for (let at = 0; at < bytes.length;) {
    const name = bytes.toString('utf16le', at + 4, (at += 4 + bytes.readInt32LE(at) * 2));
    found[name] = bytes.subarray(at + 4, (at += 4 + bytes.readInt32LE(at)));
  }
  return found;
}

async function zip(entries: Record<string, Buffer>): Promise<Buffer> {
  const file = new yazl.ZipFile();
  for (const [path, content] of Object.entries(entries))
    file.addBuffer(content, path, { mtime: packedOn, mode: 0o100644 });
  file.end();
  const parts: Buffer[] = [];
  for await (const part of file.outputStream as AsyncIterable<Buffer>) parts.push(part);
  return Buffer.concat(parts);
}
