/**
 * Encrypts everything that a run keeps in Temporal (inputs, results, progress, failures) when a key is given: AES-256-GCM,
 * the key's name in each payload. Not covered, by Temporal's design: workflow and activity ids, types, search attributes.
 */
import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { DataConverter, Payload, PayloadCodec } from '@temporalio/common';
import proto from '@temporalio/proto';
import { NakatError } from '../runbook/errors/index.ts';

/** CommonJS without names that Node could see. */
const { Payload: Payloads } = proto.temporal.api.common.v1;
const encoding = 'binary/encrypted';
const text = (bytes: Uint8Array | null | undefined): string => Buffer.from(bytes ?? []).toString();

/** The converter of every client and worker. `NAKAT_KEY` holds the key, or `NAKAT_KEY_FILE` names its file. */
export function dataConverter(env: NodeJS.ProcessEnv = process.env): DataConverter {
  const key = readKey(env);
  return key === null
    ? {}
    : {
        payloadCodecs: [encryptingCodec(key)],
        failureConverterPath: fileURLToPath(new URL('./failure-converter.cjs', import.meta.url)),
      };
}

/** 32 bytes as 64 hex digits or base64; null when no key is given. Throws KEY_INVALID. */
export function readKey(env: NodeJS.ProcessEnv): Buffer | null {
  const where = env.NAKAT_KEY ? 'NAKAT_KEY' : env.NAKAT_KEY_FILE;
  if (!where) return null;
  let given = '';
  try {
    given = (env.NAKAT_KEY ?? readFileSync(where, 'utf8')).trim();
  } catch (error) {
    throw new NakatError('KEY_INVALID', { where, vendor: (error as Error).message });
  }
  const key = Buffer.from(given, /^[0-9a-f]{64}$/i.test(given) ? 'hex' : 'base64');
  if (key.length !== 32) throw new NakatError('KEY_INVALID', { where });
  return key;
}

/** First eight hex digits of the key's SHA-256. */
export const keyName = (key: Buffer): string => createHash('sha256').update(key).digest('hex').slice(0, 8);

export function encryptingCodec(key: Buffer): PayloadCodec {
  const name = keyName(key);
  const encrypt = (payload: Payload): Payload => {
    const iv = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', key, iv);
    const plain = Payloads.encode(payload).finish();
    return {
      metadata: { encoding: Buffer.from(encoding), 'nakat-key': Buffer.from(name) },
      data: Buffer.concat([iv, cipher.update(plain), cipher.final(), cipher.getAuthTag()]),
    };
  };
  const decrypt = (payload: Payload): Payload => {
    // What was written before the key was set stays readable.
    if (text(payload.metadata?.encoding) !== encoding) return payload;
    const used = text(payload.metadata?.['nakat-key']);
    if (used !== name) throw new NakatError('KEY_WRONG', { values: { key: used } });
    const data = Buffer.from(payload.data ?? []);
    const decipher = createDecipheriv('aes-256-gcm', key, data.subarray(0, 12));
    decipher.setAuthTag(data.subarray(-16));
    return Payloads.decode(Buffer.concat([decipher.update(data.subarray(12, -16)), decipher.final()]));
  };
  return { encode: async (payloads) => payloads.map(encrypt), decode: async (payloads) => payloads.map(decrypt) };
}
