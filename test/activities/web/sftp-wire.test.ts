/** What an SFTP server may answer, and what it must not: cut anywhere, out of order, short, and hostile. */
import { Duplex } from 'node:stream';
import type { ClientChannel } from 'ssh2';
import { expect, it } from 'vitest';
import { sftpWire, type SftpStatus, type SftpWire } from '../../../activities/web/sftp-wire.ts';

type Part = number | bigint | string | Buffer;
const encode = (kind: number, ...parts: Part[]): Buffer => {
  const bodies = parts.map((part) => {
    if (typeof part === 'number') return Buffer.from([part >>> 24, part >>> 16, part >>> 8, part]);
    if (typeof part === 'bigint') {
      const bytes = Buffer.alloc(8);
      bytes.writeBigUInt64BE(part);
      return bytes;
    }
    const bytes = Buffer.from(part);
    return Buffer.concat([encodeLength(bytes.length), bytes]);
  });
  const all = Buffer.concat([Buffer.from([kind]), ...bodies]);
  return Buffer.concat([encodeLength(all.length), all]);
};
const encodeLength = (length: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(length);
  return bytes;
};

/** A channel whose server answers each request, given as type, id and the rest, with what `answer` says, in pieces of `cut` bytes. */
async function wired(
  answer: (kind: number, id: number, rest: Buffer) => Buffer | undefined,
  cut = Infinity,
): Promise<{ wire: SftpWire; say: (bytes: Buffer) => void; end: () => void }> {
  let heard = Buffer.alloc(0);
  const say = (bytes: Buffer): void => {
    for (let at = 0; at < bytes.length; at += cut) channel.push(bytes.subarray(at, Math.min(at + cut, bytes.length)));
  };
  const channel = new Duplex({
    read: () => {},
    write: (bytes: Buffer, _encoding, done) => {
      heard = Buffer.concat([heard, bytes]);
      while (heard.length >= 4 && heard.length >= 4 + heard.readUInt32BE(0)) {
        const request = heard.subarray(4, 4 + heard.readUInt32BE(0));
        heard = heard.subarray(4 + request.length);
        const first = request[0] === 1 ? encode(2, 3, 'posix-rename@openssh.com', '1') : undefined;
        const said = first ?? answer(request[0] ?? 0, request.readUInt32BE(1), request.subarray(5));
        if (said) say(said);
      }
      done();
    },
  });
  Object.assign(channel, { stderr: { resume: () => {} } });
  const wire = await sftpWire(channel as unknown as ClientChannel, (cause) => new Error('lost', { cause }));
  return { wire, say, end: () => void channel.destroy() };
}

const content = Buffer.from(Array.from({ length: 300 }, (_, index) => index % 251));
const server = (kind: number, id: number): Buffer => {
  if (kind === 3) return encode(102, id, 'h');
  if (kind === 5) return encode(103, id, content);
  if (kind === 8 || kind === 7) return encode(105, id, 1 | 2 | 4 | 8, 300n, 1000, 33, 0o100640, 5, 7);
  if (kind === 12) return encode(104, id, 1, 'модуль.php', 'ls', 4, 0o100644);
  return encode(101, id, 0, '', '');
};

it.each([1, 2, 3, 5, 8, 12, 13, 14, 64, Infinity])('understands answers in pieces of %d bytes', async (cut) => {
  const { wire } = await wired(server, cut);
  expect(wire.extensions).toEqual(new Set(['posix-rename@openssh.com']));
  const file = await wire.open('a', 1);
  const got: Buffer[] = [];
  const [attributes, bytes, names] = await Promise.all([
    wire.attributesOf(file),
    wire.read(file, 0, 300, (piece) => void got.push(Buffer.from(piece))),
    wire.readFolder(file),
    wire.close(file),
  ]);
  expect(attributes).toEqual({ size: 300, uid: 1000, gid: 33, mode: 0o100640, mtime: 7 });
  expect(bytes).toBe(300);
  expect(Buffer.concat(got).equals(content)).toBe(true);
  expect(names).toMatchObject([{ name: 'модуль.php', attributes: { mode: 0o100644 } }]);
});

it('gives each answer to its own request, in whatever order they come', async () => {
  const ids: number[] = [];
  const { wire, say } = await wired((_kind, id) => void ids.push(id));
  const [one, two] = [wire.readLink('one'), wire.readLink('two')];
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  for (const [at, name] of [
    [1, 'second'],
    [0, 'first'],
  ] as const)
    say(encode(104, ids[at] ?? 0, 1, name, '', 0));
  expect([await one, await two]).toEqual(['first', 'second']);
});

it('says what the server refused, and what is the end of something', async () => {
  const codes = [3, 1, 1];
  const { wire } = await wired((_kind, id) => encode(101, id, codes.shift() ?? 0, 'words', ''));
  await expect(wire.makeFolder('a')).rejects.toMatchObject({ code: 3, message: 'words' } satisfies Partial<SftpStatus>);
  expect(await wire.read(Buffer.from('h'), 0, 10, () => {})).toBe(0);
  expect(await wire.readFolder(Buffer.from('h'))).toBeNull();
});

it.each<[string, (id: number) => Buffer]>([
  ['an answer to nothing', () => encode(102, 4711, 'h')],
  ['an answer of another kind', (id) => encode(104, id, 0)],
  ['an endless answer', () => Buffer.from([0xff, 0xff, 0xff, 0xff, 102])],
  ['an empty answer', () => encodeLength(0)],
  ['content where none was asked for', (id) => encode(103, id, 'content')],
  [
    'content longer than its answer',
    (id) =>
      Buffer.concat([encodeLength(20), Buffer.from([103]), encodeLength(id), encodeLength(4000), Buffer.alloc(20)]),
  ],
])('ends the connection at %s', async (_what, say) => {
  const { wire } = await wired((_kind, id) => say(id));
  await Promise.all([wire.open('a', 1), wire.look('b')].map((one) => expect(one).rejects.toThrow('lost')));
  await expect(wire.look('c')).rejects.toThrow('lost');
});

it('rejects an answer that ends before its fields do', async () => {
  const { wire } = await wired((_kind, id) =>
    Buffer.concat([encodeLength(13), Buffer.from([102]), encodeLength(id), encodeLength(4000), Buffer.alloc(4)]),
  );
  await expect(wire.open('a', 1)).rejects.toBeInstanceOf(RangeError);
});

it('tells all who wait when the connection ends', async () => {
  const { wire, end } = await wired(() => undefined);
  const waiting = wire.look('a');
  end();
  await expect(waiting).rejects.toThrow('lost');
});
