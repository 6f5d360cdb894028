import { createHmac } from 'node:crypto';
import { secret as secretSchema } from '../../runbook/targets/index.ts';
import type { Json, NotificationChannel } from '../../runbook/types.ts';
import type { Message } from './render.ts';
import { Refused, type ReadSecret } from './sending.ts';

type Webhook = Extract<NotificationChannel['via'], { kind: 'webhook' }>;
const timeout = 10_000;
const redirects = 3;

/**
 * POSTs JSON: the `template` with `{title}`, `{text}` and `{url}` filled, else `{event, system, title, text, url}`.
 * With a secret, `X-Nakat-Signature: sha256=<hex>` is the HMAC of the body. The address may be a secret itself, so no error names it.
 */
export async function sendWebhook(via: Webhook, message: Message, secret: ReadSecret): Promise<void> {
  const read = async (value: Json): Promise<string> =>
    typeof value === 'string' ? value : secret(secretSchema.parse(value));
  const body = bodyOf(via.template, message);
  const headers: Record<string, string> = { 'content-type': 'application/json' };
  if (via.secret !== undefined) {
    headers['x-nakat-signature'] = `sha256=${createHmac('sha256', await read(via.secret))
      .update(body)
      .digest('hex')}`;
  }
  await post(new URL((await read(via.url)).trim()), body, headers);
}

/** Values go into the template as the inside of a JSON string, so that quotes and line breaks in them cannot break it. */
export function bodyOf(template: string | undefined, message: Message): string {
  const values = { title: message.title, text: message.text, url: message.url };
  if (template === undefined)
    return JSON.stringify({ event: message.notice.event, system: message.notice.system, ...values });
  return template.replace(/\{(title|text|url)\}/g, (_whole, name: keyof typeof values) =>
    JSON.stringify(values[name]).slice(1, -1),
  );
}

/** A redirect is followed on the same host only, and never from TLS to plain: elsewhere the message is not ours to show. */
async function post(url: URL, body: string, headers: Record<string, string>, left = redirects): Promise<void> {
  const response = await fetch(url, {
    method: 'POST',
    body,
    headers,
    redirect: 'manual',
    signal: AbortSignal.timeout(timeout),
  });
  await response.body?.cancel();
  const location = response.headers.get('location');
  if (response.status >= 300 && response.status < 400 && location !== null) {
    const next = new URL(location, url);
    if (next.host !== url.host || (url.protocol === 'https:' && next.protocol !== 'https:'))
      throw new Refused('redirected to another host', true);
    if (left === 0) throw new Refused('too many redirects', true);
    return post(next, body, headers, left - 1);
  }
  if (response.ok) return;
  const { status } = response;
  throw new Refused(`HTTP ${status}`, status < 500 && status !== 429 && status !== 408);
}
