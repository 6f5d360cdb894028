/** Tokens of a response (MS-TDS 2.2.7), for the few types that the stand-in answers with. */
export type ColumnType = 'nvarchar' | 'int' | 'bigint' | 'bit' | 'float';
export type Value = string | number | bigint | boolean | null;

export interface ResultSet {
  readonly columns: readonly { readonly name: string; readonly type: ColumnType }[];
  readonly rows: readonly (readonly Value[])[];
}

/** Severity 10 and below is information, 11 and above an error, 20 and above ends the connection. */
export interface Message {
  readonly number: number;
  readonly text: string;
  readonly severity: number;
  readonly state?: number;
}

const u8 = (value: number): Buffer => Buffer.from([value & 0xff]);
const u16 = (value: number): Buffer => {
  const buffer = Buffer.alloc(2);
  buffer.writeUInt16LE(value);
  return buffer;
};
const u32 = (value: number): Buffer => {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32LE(value >>> 0);
  return buffer;
};
const u64 = (value: bigint): Buffer => {
  const buffer = Buffer.alloc(8);
  buffer.writeBigUInt64LE(BigInt.asUintN(64, value));
  return buffer;
};
const ucs2 = (text: string): Buffer => Buffer.from(text, 'utf16le');
const bVarChar = (text: string): Buffer => Buffer.concat([u8(text.length), ucs2(text)]);
const usVarChar = (text: string): Buffer => Buffer.concat([u16(text.length), ucs2(text)]);
const sized = (token: number, body: Buffer): Buffer => Buffer.concat([u8(token), u16(body.length), body]);

/** Cyrillic_General_CI_AS: LCID 0x0419, ignore case, kana and width. */
const collation = Buffer.from([0x19, 0x04, 0xd0, 0x00, 0x00]);

export const loginAck = (version: readonly [number, number, number]): Buffer =>
  sized(
    0xad,
    Buffer.concat([
      u8(1),
      Buffer.from([0x74, 0x00, 0x00, 0x04]),
      bVarChar('Microsoft SQL Server'),
      Buffer.from([version[0], version[1], version[2] >> 8, version[2] & 0xff]),
    ]),
  );
export const databaseChanged = (to: string, from: string): Buffer =>
  sized(0xe3, Buffer.concat([u8(1), bVarChar(to), bVarChar(from)]));
export const collationChanged = (): Buffer =>
  sized(0xe3, Buffer.concat([u8(7), u8(collation.length), collation, u8(0)]));

/** ENVCHANGE 8, 9, 10: a transaction begins, is kept, is taken back. */
export const transactionChanged = (to: 'begun' | 'committed' | 'rolledBack', descriptor: bigint): Buffer => {
  const value = Buffer.concat([u8(8), u64(descriptor)]);
  return sized(
    0xe3,
    to === 'begun'
      ? Buffer.concat([u8(8), value, u8(0)])
      : Buffer.concat([u8(to === 'committed' ? 9 : 10), u8(0), value]),
  );
};

export const message = ({ number, text, severity, state = 1 }: Message, server: string): Buffer =>
  sized(
    severity > 10 ? 0xaa : 0xab,
    Buffer.concat([u32(number), u8(state), u8(severity), usVarChar(text), bVarChar(server), bVarChar(''), u32(1)]),
  );

export const doneStatus = { more: 0x01, error: 0x02, count: 0x10, attention: 0x20 } as const;
export const done = (kind: 'batch' | 'inProc' | 'proc', status: number, count = 0): Buffer =>
  Buffer.concat([u8({ batch: 0xfd, proc: 0xfe, inProc: 0xff }[kind]), u16(status), u16(0), u64(BigInt(count))]);
export const returnStatus = (value: number): Buffer => Buffer.concat([u8(0x79), u32(value)]);

const typeInfo: Readonly<Record<ColumnType, Buffer>> = {
  nvarchar: Buffer.concat([u8(0xe7), u16(0xffff), collation]),
  int: Buffer.from([0x26, 4]),
  bigint: Buffer.from([0x26, 8]),
  bit: Buffer.from([0x68, 1]),
  float: Buffer.from([0x6d, 8]),
};

export const columnMetadata = ({ columns }: ResultSet): Buffer =>
  Buffer.concat([
    u8(0x81),
    u16(columns.length),
    ...columns.flatMap(({ name, type }) => [u32(0), u16(0x0001), typeInfo[type], bVarChar(name)]),
  ]);

export const row = ({ columns }: ResultSet, values: readonly Value[]): Buffer =>
  Buffer.concat([u8(0xd1), ...columns.map(({ type }, index) => encode(type, values[index] ?? null))]);

function encode(type: ColumnType, value: Value): Buffer {
  if (value === null) return type === 'nvarchar' ? u64(-1n) : u8(0);
  switch (type) {
    case 'nvarchar': {
      // Partially length-prefixed: total, one chunk, end.
      const bytes = ucs2(String(value));
      return Buffer.concat([
        u64(BigInt(bytes.length)),
        ...(bytes.length > 0 ? [u32(bytes.length), bytes] : []),
        u32(0),
      ]);
    }
    case 'int':
      return Buffer.concat([u8(4), u32(Number(value))]);
    case 'bigint':
      return Buffer.concat([u8(8), u64(BigInt(value))]);
    case 'bit':
      return Buffer.from([1, value ? 1 : 0]);
    case 'float': {
      const buffer = Buffer.alloc(9);
      buffer.writeUInt8(8);
      buffer.writeDoubleLE(Number(value), 1);
      return buffer;
    }
  }
}
