/** The practice ground's update services are strict: what a real one would refuse, they refuse. */
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startUpdateServices, type UpdateServices } from '../../../lab/updates/service.ts';

const content = Buffer.from('extension '.repeat(100));
const breakages = { lies: false };
let services = undefined as unknown as UpdateServices;
beforeAll(async () => {
  services = await startUpdateServices({
    product: 'tele',
    type: 'PT40',
    token: 't',
    key: 'MIKO-1',
    releases: [{ version: '4.2', changes: 'x', content }],
    breakages,
  });
});
afterAll(() => services.stop());

const good = { INSTALLED_VERSION: '4.1', TYPE: 'PT40', KEY: 'MIKO-1' };
const asked = (body: object | string, authorization = 'Bearer t'): Promise<Response> =>
  fetch(services.api, {
    method: 'POST',
    headers: { authorization },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });

test.each<[string, object | string, string | undefined, number]>([
  ['a wrong token', good, 'Bearer x', 401],
  ['another distribution', { ...good, TYPE: 'PT99' }, undefined, 400],
  ['another key', { ...good, KEY: '' }, undefined, 400],
  ['no version', { ...good, INSTALLED_VERSION: 'latest' }, undefined, 400],
  ['no JSON', 'x', undefined, 400],
])('%s is refused', async (_name, body, token, status) => {
  expect((await asked(body, token)).status).toBe(status);
});

test('what is newer, with a file that is what it says, until it lies', async () => {
  const { modules } = (await (await asked(good)).json()) as { modules: { files: { url: string; md5: string }[] }[] };
  const file = modules[0]?.files[0];
  const md5 = async (): Promise<string> => {
    const bytes = Buffer.from(await (await fetch(file?.url ?? '')).arrayBuffer());
    expect(bytes.length).toBe(content.length);
    return createHash('md5').update(bytes).digest('hex');
  };
  expect(await md5()).toBe(file?.md5);
  breakages.lies = true;
  expect(await md5()).not.toBe(file?.md5);
  expect(await (await asked({ ...good, INSTALLED_VERSION: '4.2' })).json()).toMatchObject({ modules: [] });
  // The files’ host is nobody’s to tell the token.
  expect((await fetch(file?.url ?? '', { headers: { authorization: 'Bearer t' } })).status).toBe(400);
});
