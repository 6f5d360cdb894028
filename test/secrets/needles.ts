/** Every form in which a secret may be found again, and where it was. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';

interface Needle {
  readonly name: string;
  readonly form: string;
  readonly bytes: Buffer;
}

export type Secrets = Readonly<Record<string, string>>;

export function needlesOf(secrets: Secrets): Needle[] {
  return Object.entries(secrets).flatMap(([name, secret]) =>
    Object.entries(formsOf(secret)).map(([form, text]) => ({ name, form, bytes: Buffer.from(text, 'latin1') })),
  );
}

function formsOf(secret: string): Record<string, string> {
  const utf8 = Buffer.from(secret, 'utf8');
  const utf16 = Buffer.from(secret, 'utf16le');
  const latin1 = (bytes: Buffer): string => bytes.toString('latin1');
  return {
    plain: latin1(utf8),
    'UTF-16LE': latin1(utf16),
    URL: encodeURIComponent(secret),
    JSON: latin1(Buffer.from(JSON.stringify(secret).slice(1, -1))),
    hex: utf8.toString('hex'),
    HEX: utf8.toString('hex').toUpperCase(),
    ...shifted('base64', utf8),
    // `powershell -EncodedCommand`
    ...shifted('base64 of UTF-16LE', utf16),
  };
}

/** Base64 of the secret alone and inside a longer text: by where its first byte falls in a group of three. */
const shifted = (name: string, bytes: Buffer): Record<string, string> =>
  Object.fromEntries(
    [0, 1, 2].map((before) => {
      const whole = Buffer.concat([Buffer.alloc(before), bytes]);
      const text = whole.toString('base64').slice(Math.ceil((before * 8) / 6), Math.floor((whole.length * 8) / 6));
      return [`${name}, ${before}`, text];
    }),
  );

/** `place: NAKAT_DB_PASSWORD as base64, 1`; the text itself is not repeated. */
export const found = (place: string, content: Buffer | string, needles: readonly Needle[]): string[] => {
  const bytes = typeof content === 'string' ? Buffer.from(content, 'utf8') : content;
  return needles
    .filter((needle) => bytes.includes(needle.bytes))
    .map(({ name, form }) => `${place}: ${name} as ${form}`);
};

/** All files below a folder, names included. */
export const foundBelow = (folder: string, needles: readonly Needle[]): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).flatMap((name) => {
    const file = join(folder, name);
    const place = relative(folder, file);
    const inside = statSync(file, { throwIfNoEntry: false })?.isFile() ? found(place, readFileSync(file), needles) : [];
    return [...found(`name ${place}`, place, needles), ...inside];
  });
