/**
 * Secrets: references are resolved in the activity that uses them, and every value that was resolved once is removed from
 * whatever this process says afterwards, in every form in which programs are known to repeat it.
 */
import { readFile } from 'node:fs/promises';
import { NakatError } from '../runbook/errors/index.ts';
import type { SecretRef } from '../runbook/targets/index.ts';

/** Forms of all resolved secrets, the longest first, so that a secret inside another leaves nothing behind. */
let hidden: string[] = [];

/**
 * The value of a reference: an environment variable, or the first line of a file. From then on `redact` removes it.
 * Throws SECRET_MISSING when the variable is unset or empty, or the file cannot be read or begins with an empty line.
 */
export const readSecret = async (ref: SecretRef): Promise<string> =>
  resolve(ref, (content) => content.replace(/^\uFEFF/, '').split(/\r?\n/, 1)[0] ?? '');

/** As `readSecret`, but of a file all lines: private keys. An environment variable may write line ends as `\n`. */
export const readKey = async (ref: SecretRef): Promise<string> =>
  (await resolve(ref, (content) => content)).replaceAll('\\n', '\n');

async function resolve(ref: SecretRef, take: (content: string) => string): Promise<string> {
  const place = 'env' in ref ? `env ${ref.env}` : ref.file;
  let value: string;
  try {
    value = 'env' in ref ? (process.env[ref.env] ?? '') : take(await readFile(ref.file, 'utf8'));
  } catch (error) {
    throw new NakatError('SECRET_MISSING', { values: { place }, vendor: (error as Error).message, cause: error });
  }
  if (value === '') throw new NakatError('SECRET_MISSING', { values: { place } });
  hide(value);
  return value;
}

/** Removes this value from all messages from now on. For secrets that are made, not read: session cookies, tokens. */
export function hide(secret: string): void {
  const lines = secret.split(/\r?\n/).filter((line) => line.length >= 16 && !line.startsWith('-----'));
  const forms = [secret, ...(lines.length > 1 ? lines : [])].flatMap(formsOf);
  hidden = [...new Set([...hidden, ...forms])].sort((a, b) => b.length - a.length);
}

/** A text without any secret that was resolved in this process. */
export const redact = (text: string): string => hidden.reduce((rest, form) => rest.replaceAll(form, '•••'), text);

function formsOf(secret: string): string[] {
  const encoded = encodeURIComponent(secret);
  const json = JSON.stringify(secret).slice(1, -1);
  return [
    secret,
    encoded,
    encoded.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()),
    new URLSearchParams({ '': secret }).toString().slice(1),
    json,
    // As JSON writers that keep to ASCII do it.
    json.replace(/[^\x20-\x7e]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`),
    secret.replaceAll("'", `'\\''`),
    secret.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;'),
    ...base64Forms(secret),
  ];
}

/**
 * Base64 of the secret as it stands alone and inside a longer text (`user:secret`): by where its first byte falls in a group of
 * three, the characters that depend on nothing but the secret. Too short pieces are left out, they would hit innocent text.
 */
function base64Forms(secret: string): string[] {
  const bytes = Buffer.from(secret, 'utf8');
  const pieces = [0, 1, 2].map((before) => {
    const whole = Buffer.concat([Buffer.alloc(before), bytes]);
    const first = Math.ceil((before * 8) / 6);
    const last = Math.floor((whole.length * 8) / 6);
    return whole.toString('base64').slice(first, last);
  });
  const alone = bytes.toString('base64');
  const all = [alone, alone.replace(/=+$/, ''), ...pieces].filter((piece) => piece.length >= 6);
  return [...all, ...all.map((piece) => piece.replaceAll('+', '-').replaceAll('/', '_'))];
}
