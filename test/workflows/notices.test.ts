/** What people are told of a run from its beginning to its end: the real workflow, real SMTP and HTTP receivers. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { SMTPServer } from 'smtp-server';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { notify } from '../../activities/notify/notify.ts';
import { readSecret } from '../../activities/secrets.ts';
import { awaitRun, decide, startRun } from '../../client/runs.ts';
import type { Notice } from '../../runbook/notice.ts';
import type { DecisionRule, NotificationChannel } from '../../runbook/types.ts';
import { tinyRunbook } from '../client/tiny.ts';
import { startLive, type Live } from './live.ts';

let live: Live;
let hook: Server;
let mail: SMTPServer;
const posted: string[] = [];
const mails: string[] = [];
let channels: NotificationChannel[];
const approval = tinyRunbook('any').runbook.decisions[0] as DecisionRule;

beforeAll(async () => {
  hook = createServer((request, response) => {
    void text(request).then((body) => {
      posted.push(body);
      response.end();
    });
  }).listen(0, '127.0.0.1');
  mail = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData: (stream, _session, done) => void text(stream).then((body) => (mails.push(body), done())),
  });
  mail.listen(0, '127.0.0.1');
  await Promise.all([once(hook, 'listening'), once(mail.server, 'listening')]);
  const port = (server: { address(): unknown }): number => (server.address() as AddressInfo).port;
  channels = [
    { name: 'chat', language: 'en', via: { kind: 'webhook', url: `http://127.0.0.1:${port(hook)}/` } },
    {
      name: 'mail',
      language: 'ru',
      via: {
        kind: 'email',
        host: '127.0.0.1',
        port: port(mail.server),
        secure: false,
        from: 'nakat@example.com',
        to: ['night@example.com'],
      },
    },
    { name: 'dead', language: 'en', via: { kind: 'webhook', url: 'http://127.0.0.1:1/' } },
  ];
  live = await startLive({
    notify: (input: { channels: NotificationChannel[]; notice: Notice }) =>
      notify(input.channels, input.notice, readSecret),
  });
});
afterAll(async () => {
  await live.stop();
  hook.close();
  mail.close();
});

test('a decision waits, its deadline nears, the run ends: everybody hears of it, and a lost notice harms nothing', async () => {
  const rule = { ...approval, deadline: 8, atDeadline: 'reject' };
  const compiled = tinyRunbook('told', undefined, { decisions: [rule], notify: channels });
  await startRun(live.nakat, compiled, { initiator: 'carl' });
  const report = await awaitRun(live.nakat, 'told');
  expect(report.outcome).toBe('stopped');
  const events = posted.map((body) => (JSON.parse(body) as { event: string }).event);
  expect(events).toEqual(['decision-waits', 'deadline-near', 'run-ended']);
  expect(posted[0]).toContain('Approve production');
  // Mail is encoded; its subject is not the place for secrets anyway.
  expect(mails).toHaveLength(3);
  expect(new Set(report.notificationsFailed.map((one) => one.name))).toEqual(new Set(['dead']));
});

test('approved in time: nobody is reminded', async () => {
  posted.length = 0;
  const compiled = tinyRunbook('quick', undefined, { notify: channels.slice(0, 1) });
  await startRun(live.nakat, compiled, { initiator: 'carl' });
  await live.until('quick', ({ decisions }) => decisions.length > 0);
  const { digest } = compiled;
  await decide(live.nakat, 'quick', {
    decision: 'approval-production',
    choice: 'approve',
    who: 'anna',
    why: '',
    digest,
  });
  expect((await awaitRun(live.nakat, 'quick')).outcome).toBe('updated');
  const events = posted.map((body) => (JSON.parse(body) as { event: string }).event);
  expect(events).toEqual(['decision-waits', 'run-ended']);
});
