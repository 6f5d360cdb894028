import { setTimeout as sleep } from 'node:timers/promises';
import type { Notice } from '../../runbook/notice.ts';
import type { NotificationChannel } from '../../runbook/types.ts';
import { sendEmail } from './email.ts';
import { Refused, type ReadSecret } from './sending.ts';
import { render } from './render.ts';
import { sendWebhook } from './webhook.ts';

export interface Notified {
  /** Names of channels. */
  readonly sent: string[];
  readonly failed: { name: string; reason: string }[];
}

const tries = 3;
const firstPause = 1000;

/** Tells every channel at the same time. Never throws: a lost notification is part of the result, not a failure of the run. */
export async function notify(
  channels: readonly NotificationChannel[],
  notice: Notice,
  secret: ReadSecret,
): Promise<Notified> {
  const reasons = await Promise.all(channels.map((channel) => tell(channel, notice, secret)));
  const sent: string[] = [];
  const failed: Notified['failed'] = [];
  for (const [index, { name }] of channels.entries()) {
    const reason = reasons[index];
    if (reason === undefined) sent.push(name);
    else failed.push({ name, reason });
  }
  return { sent, failed };
}

/** Undefined when it was sent, else why not. */
async function tell(channel: NotificationChannel, notice: Notice, secret: ReadSecret): Promise<string | undefined> {
  for (let attempt = 1; ; attempt++) {
    try {
      const message = render(notice, channel.language);
      if (channel.via.kind === 'email') await sendEmail(channel.via, message, secret);
      else await sendWebhook(channel.via, message, secret);
      return undefined;
    } catch (error) {
      if (attempt === tries || (error instanceof Refused && error.forGood)) return reasonOf(error);
      await sleep(firstPause * 2 ** (attempt - 1));
    }
  }
}

/** `fetch` says only "fetch failed"; the cause has the code of the system, and neither has the address, which may hold a token. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? `: ${error.cause.message}` : '';
  return `${error.message}${cause}`.slice(0, 300);
}
