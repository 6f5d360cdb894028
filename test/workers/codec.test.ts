import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import { expect, test } from 'vitest';
import { dataConverter, encryptingCodec, readKey } from '../../workers/codec.ts';

const hex = 'ab'.repeat(32);
const codecOf = (key: string) => encryptingCodec(readKey({ NAKAT_KEY: key }) as Buffer);
const payload = defaultPayloadConverter.toPayload({ hello: 'тайна' }) as Payload;

test('what is encrypted comes back, and cannot be read in between', async () => {
  const codec = codecOf(hex);
  const [hidden] = await codec.encode([payload]);
  expect(Buffer.from(hidden?.data ?? []).toString()).not.toContain('тайна');
  const [clear] = await codec.decode([hidden as Payload]);
  expect(defaultPayloadConverter.fromPayload(clear as Payload)).toEqual({ hello: 'тайна' });
});

test('the same twice is never the same bytes', async () => {
  const [one, two] = await codecOf(hex).encode([payload, payload]);
  expect(Buffer.compare(one?.data as Buffer, two?.data as Buffer)).not.toBe(0);
});

test('what was written without a key stays readable', async () => {
  expect(await codecOf(hex).decode([payload])).toEqual([payload]);
});

test('another key is named, damage is refused', async () => {
  const [hidden] = await codecOf(hex).encode([payload]);
  await expect(codecOf('cd'.repeat(32)).decode([hidden as Payload])).rejects.toMatchObject({ code: 'KEY_WRONG' });
  const data = Buffer.from(hidden?.data as Uint8Array);
  data[20]! ^= 1;
  await expect(codecOf(hex).decode([{ ...hidden, data }])).rejects.toThrow();
});

test('keys: hex, base64, a file; anything else is refused', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'nakat-key-'));
  try {
    const file = join(folder, 'key');
    await writeFile(file, `${hex}\n`);
    const base64 = Buffer.from(hex, 'hex').toString('base64');
    for (const env of [{ NAKAT_KEY: hex }, { NAKAT_KEY: base64 }, { NAKAT_KEY_FILE: file }])
      expect(readKey(env)?.toString('hex')).toBe(hex);
    expect(readKey({})).toBeNull();
    expect(dataConverter({})).toEqual({});
    for (const env of [{ NAKAT_KEY: 'short' }, { NAKAT_KEY_FILE: join(folder, 'none') }])
      expect(() => readKey(env)).toThrow(expect.objectContaining({ code: 'KEY_INVALID' }));
  } finally {
    await rm(folder, { recursive: true });
  }
});
