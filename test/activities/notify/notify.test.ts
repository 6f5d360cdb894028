import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { afterEach, expect, test } from 'vitest';
import { notify } from '../../../activities/notify/notify.ts';
import type { Notice } from '../../../runbook/notice.ts';
import type { SecretRef } from '../../../runbook/targets/index.ts';
import type { Json, NotificationChannel } from '../../../runbook/types.ts';

const notice: Notice = {
  event: 'decision-waits',
  system: 'crm',
  title: { en: 'Approval waits: {what}', ru: 'Ждёт решения: {what}', values: { what: 'production "A\\B"' } },
  lines: [
    {
      en: 'Rehearsal took {n} minutes',
      ru: 'Репетиция заняла {n} мин; {{n, {x}',
      values: { n: 42 },
    },
  ],
  how: 'nakat approve crm',
};
const secrets: Record<string, string> = { HOOK_KEY: 'hush', MAIL: 'pass-word' };
const secret = async (ref: SecretRef): Promise<string> => {
  const value = 'env' in ref ? secrets[ref.env] : undefined;
  if (value === undefined) throw new Error('SECRET_MISSING');
  return value;
};

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function webServer(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  closers.push(() => new Promise((done) => (server.closeAllConnections(), server.close(() => done()))));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

interface Got {
  url: string;
  headers: IncomingHttpHeaders;
  body: string;
}
/** Answers with the given codes in turn, the last one for ever. */
async function hook(...answers: [number, Record<string, string>?][]): Promise<{ url: string; got: Got[] }> {
  const got: Got[] = [];
  const url = await webServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      got.push({ url: request.url ?? '', headers: request.headers, body });
      const [status, headers] = answers[Math.min(got.length, answers.length) - 1] ?? [200];
      response.writeHead(status, headers).end('x');
    });
  });
  return { url, got };
}

const webhook = (url: Json, more: object = {}): NotificationChannel => ({
  name: 'hook',
  language: 'ru',
  via: { kind: 'webhook', url, ...more },
});

test('a webhook gets the notice in its language, signed over the exact body', async () => {
  const { url, got } = await hook([200]);
  expect(await notify([webhook(`${url}/in`, { secret: { env: 'HOOK_KEY' } })], notice, secret)).toEqual({
    sent: ['hook'],
    failed: [],
  });
  const [first] = got;
  expect(JSON.parse(first?.body ?? '')).toEqual({
    event: 'decision-waits',
    system: 'crm',
    title: 'crm: Ждёт решения: production "A\\B"',
    text: 'crm: Ждёт решения: production "A\\B"\n\nРепетиция заняла 42 мин; {{n, {x}\n\nnakat approve crm',
    url: 'nakat approve crm',
  });
  expect(first?.headers['x-nakat-signature']).toBe(
    `sha256=${createHmac('sha256', 'hush')
      .update(first?.body ?? '')
      .digest('hex')}`,
  );
});

test('a template of Telegram stays JSON whatever the text holds', async () => {
  const { url, got } = await hook([200]);
  await notify([webhook(url, { template: '{"chat_id":-100,"text":"{text}","again":"{title}"}' })], notice, secret);
  const body: unknown = JSON.parse(got[0]?.body ?? '');
  expect(body).toMatchObject({ chat_id: -100, again: 'crm: Ждёт решения: production "A\\B"' });
});

test('a server that is busy is tried again, one that refuses is not', async () => {
  const busy = await hook([503], [503], [200]);
  const refusing = await hook([403]);
  const channels = [webhook(busy.url), { ...webhook(refusing.url), name: 'other' }];
  expect(await notify(channels, notice, secret)).toEqual({
    sent: ['hook'],
    failed: [{ name: 'other', reason: 'HTTP 403' }],
  });
  expect([busy.got.length, refusing.got.length]).toEqual([3, 1]);
});

test('a redirect is followed on the same host and nowhere else', async () => {
  const elsewhere = await hook([200]);
  const away = await hook([307, { location: `${elsewhere.url}/steal` }]);
  const near = await hook([308, { location: '/moved' }], [200]);
  expect(await notify([webhook(away.url)], notice, secret)).toEqual({
    sent: [],
    failed: [{ name: 'hook', reason: 'redirected to another host' }],
  });
  expect(elsewhere.got).toEqual([]);
  expect((await notify([webhook(near.url)], notice, secret)).sent).toEqual(['hook']);
  expect(near.got.map((request) => request.url)).toEqual(['/', '/moved']);
});

test('nothing there, a missing secret or a bad address never throws and never shows the address', async () => {
  const token = 'token-123';
  const channels = [
    webhook(`http://127.0.0.1:9/${token}`),
    webhook({ env: 'NO_SUCH' }),
    webhook(`not an address ${token}`),
  ];
  const result = await notify(channels, notice, secret);
  expect(result.failed).toHaveLength(3);
  expect(JSON.stringify(result)).not.toContain(token);
});

async function mailServer(mails: string[], options: ConstructorParameters<typeof SMTPServer>[0] = {}): Promise<number> {
  const server = new SMTPServer({
    authOptional: true,
    onAuth: ({ username, password }, _session, done) =>
      password === 'pass-word' ? done(null, { user: username }) : done(new Error('wrong')),
    onData: (stream, _session, done) => {
      let mail = '';
      stream.on('data', (chunk: Buffer) => (mail += chunk.toString()));
      stream.on('end', () => (mails.push(mail), done()));
    },
    ...options,
  });
  // smtp-server reports a client that went away as an error of the server.
  server.on('error', () => {});
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', () => done()));
  closers.push(() => new Promise((done) => server.close(() => done())));
  return (server.server.address() as AddressInfo).port;
}

const email = (port: number, more: object = {}): NotificationChannel => ({
  name: 'mail',
  language: 'en',
  via: {
    kind: 'email',
    host: '127.0.0.1',
    port,
    secure: false,
    from: 'nakat@example.com',
    to: ['a@example.com', 'b@example.com'],
    ...more,
  },
});

test('an e-mail arrives as plain text', async () => {
  const mails: string[] = [];
  expect(await notify([email(await mailServer(mails, { disabledCommands: ['STARTTLS'] }))], notice, secret)).toEqual({
    sent: ['mail'],
    failed: [],
  });
  expect(mails).toHaveLength(1);
  expect(mails[0]).toContain('To: a@example.com, b@example.com');
  expect(mails[0]).toContain('Subject: =?UTF-8?Q?crm=3A_Approval_waits');
  expect(mails[0]).toContain('Rehearsal took 42 minutes\r\n\r\nnakat approve crm');
});

test('a password is never sent over a plain connection', async () => {
  const mails: string[] = [];
  const port = await mailServer(mails, { disabledCommands: ['STARTTLS'], allowInsecureAuth: true });
  const result = await notify([email(port, { user: 'nakat', password: { env: 'MAIL' } })], notice, secret);
  expect(result).toMatchObject({ sent: [], failed: [{ name: 'mail' }] });
  expect(JSON.stringify(result)).not.toContain('pass-word');
  expect(mails).toEqual([]);
});
