import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { createStepContext } from '../../activities/context.ts';
import { hide, readKey, readSecret, redact } from '../../activities/secrets.ts';

const folder = mkdtempSync(join(tmpdir(), 'nakat-secrets-'));
const file = (content: string): { file: string } => {
  writeFileSync(join(folder, 'secret'), content);
  return { file: join(folder, 'secret') };
};
afterEach(() => vi.unstubAllEnvs());
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('secrets', () => {
  it('come from the environment or from the first line of a file', async () => {
    vi.stubEnv('NAKAT_TEST_SECRET', 'from env');
    expect(await readSecret({ env: 'NAKAT_TEST_SECRET' })).toBe('from env');
    expect(await readSecret(file('\uFEFFпароль из файла\r\nsecond\n'))).toBe('пароль из файла');
    expect(await readKey(file('-----BEGIN\nwhole\n'))).toBe('-----BEGIN\nwhole\n');
  });

  it('that are missing or empty are named, and nothing else', async () => {
    vi.stubEnv('NAKAT_TEST_EMPTY', '');
    for (const ref of [
      { env: 'NAKAT_TEST_UNSET' },
      { env: 'NAKAT_TEST_EMPTY' },
      { file: join(folder, 'none') },
      file('\nsecond'),
    ]) {
      const place = 'env' in ref ? `env ${ref.env}` : ref.file;
      await expect(readSecret(ref)).rejects.toMatchObject({ code: 'SECRET_MISSING', failure: { values: { place } } });
    }
  });

  it('are removed from a text in every form in which programs repeat them', () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 6, maxLength: 30, unit: 'grapheme' }),
        fc.string({ maxLength: 5 }),
        (word, before) => {
          const secret = `Zq${word}#1`;
          hide(secret);
          const forms = [
            secret,
            encodeURIComponent(secret),
            new URLSearchParams({ a: secret }).toString().slice(2),
            JSON.stringify(secret).slice(1, -1),
            Buffer.from(secret).toString('base64'),
            Buffer.from(secret).toString('base64url'),
          ];
          for (const form of forms) expect(redact(`before ${form} after`)).not.toContain(form);
          // As in a Basic log-in: what is left must not tell the secret.
          const basic = redact(`Basic ${Buffer.from(`${before}:${secret}`).toString('base64')}`).replace('Basic ', '');
          expect(basic).toContain('•••');
          expect(Buffer.from(basic.replace('•••', ''), 'base64').toString().length).toBeLessThan(before.length + 6);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('of several lines are removed line by line too, and one inside another leaves nothing', () => {
    hide('-----BEGIN KEY-----\nAAAAB3NzaC1yc2EAAAADAQ\nBBBBB3NzaC1yc2EAAAADAQ\n-----END KEY-----');
    expect(redact('line 2: BBBBB3NzaC1yc2EAAAADAQ')).toBe('line 2: •••');
    expect(redact('-----BEGIN KEY-----')).toBe('-----BEGIN KEY-----');
    hide('inner-word');
    hide('an inner-word and more');
    expect(redact('x an inner-word and more y')).toBe('x ••• y');
  });
});

describe('a context outside Temporal', () => {
  it('closes what a step opened, the last first', async () => {
    const context = createStepContext({ step: 'preflight.reach' });
    const closed: number[] = [];
    context.onEnd(() => void closed.push(1));
    context.onEnd(async () => void closed.push(2));
    await context.end();
    await context.end();
    expect(closed).toEqual([2, 1]);
    expect(context).toMatchObject({ step: 'preflight.reach', attempt: 1, run: '00000000' });
  });
});
