/** What a client sends: PRELOGIN, LOGIN7, SQL batch, RPC (MS-TDS 2.2.6). */
export interface Login {
  readonly user: string;
  readonly password: string;
  readonly database: string;
  readonly app: string;
}

/** ENCRYPT_NOT_SUP: the stand-in speaks on loopback only. */
export function preloginAnswer(version: readonly [number, number, number]): Buffer {
  const options: [number, Buffer][] = [
    [0, Buffer.from([version[0], version[1], version[2] >> 8, version[2] & 0xff, 0, 0])],
    [1, Buffer.from([0x02])],
    [2, Buffer.from([0x00])],
    [4, Buffer.from([0x00])],
  ];
  let offset = options.length * 5 + 1;
  const heads = options.map(([token, data]) => {
    const head = Buffer.alloc(5);
    head.writeUInt8(token, 0);
    head.writeUInt16BE(offset, 1);
    head.writeUInt16BE(data.length, 3);
    offset += data.length;
    return head;
  });
  return Buffer.concat([...heads, Buffer.from([0xff]), ...options.map(([, data]) => data)]);
}

export function parseLogin(data: Buffer): Login {
  const bytes = (at: number): Buffer => {
    const [offset, length] = [data.readUInt16LE(at), data.readUInt16LE(at + 2)];
    return data.subarray(offset, offset + length * 2);
  };
  // Scrambled, not encrypted: nibbles swapped, then XOR 0xA5.
  const password = Buffer.from(bytes(44)).map((byte) => (((byte ^ 0xa5) << 4) | ((byte ^ 0xa5) >> 4)) & 0xff);
  return {
    user: bytes(40).toString('utf16le'),
    password: Buffer.from(password).toString('utf16le'),
    app: bytes(48).toString('utf16le'),
    database: bytes(68).toString('utf16le'),
  };
}

const withoutHeaders = (data: Buffer): Buffer => data.subarray(data.readUInt32LE(0));
export const parseBatch = (data: Buffer): string => withoutHeaders(data).toString('utf16le');

/** TM_BEGIN_XACT, TM_COMMIT_XACT, TM_ROLLBACK_XACT (MS-TDS 2.2.6.9); null: another request. */
export const parseTransaction = (data: Buffer): 'begin' | 'commit' | 'rollback' | null =>
  (({ 5: 'begin', 7: 'commit', 8: 'rollback' }) as const)[withoutHeaders(data).readUInt16LE(0) as 5 | 7 | 8] ?? null;

/** A call of sp_executesql: its statement and the parameters by lower-case name (`@id`). Null: another procedure or type. */
export function parseRpc(all: Buffer): { statement: string; params: Map<string, string | null> } | null {
  const data = withoutHeaders(all);
  let at = 0;
  const u8 = (): number => data.readUInt8(at++);
  const u16 = (): number => data.readUInt16LE((at += 2) - 2);
  const take = (length: number): Buffer => data.subarray(at, (at += length));
  const chunks = (): Buffer | null => {
    const total = data.readBigUInt64LE((at += 8) - 8);
    if (total === 0xffffffffffffffffn) return null;
    const parts: Buffer[] = [];
    for (let length = data.readUInt32LE((at += 4) - 4); length > 0; length = data.readUInt32LE((at += 4) - 4))
      parts.push(take(length));
    return Buffer.concat(parts);
  };
  const value = (): string | null | undefined => {
    switch (u8()) {
      case 0xe7: {
        const max = u16();
        take(5);
        if (max === 0xffff) return chunks()?.toString('utf16le') ?? null;
        const length = u16();
        return length === 0xffff ? null : take(length).toString('utf16le');
      }
      case 0x26: {
        take(1);
        const length = u8();
        return length === 0
          ? null
          : String(length === 8 ? data.readBigInt64LE((at += 8) - 8) : data.readIntLE((at += length) - length, length));
      }
      default:
        return undefined;
    }
  };
  const name = u16();
  const spExecuteSql =
    name === 0xffff
      ? u16() === 10
      : take(name * 2)
          .toString('utf16le')
          .toLowerCase() === 'sp_executesql';
  if (!spExecuteSql) return null;
  take(2);
  const params = new Map<string, string | null>();
  let statement: string | null = null;
  for (let index = 0; at < data.length; index++) {
    const key = take(u8() * 2)
      .toString('utf16le')
      .toLowerCase();
    take(1);
    const read = value();
    if (read === undefined) return null;
    if (index === 0) statement = read;
    else if (index > 1) params.set(key, read);
  }
  return statement === null ? null : { statement, params };
}
