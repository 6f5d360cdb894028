import { setTimeout as sleep } from 'node:timers/promises';
import { NakatError } from '../../runbook/errors/index.ts';
import { httpConnections, type HttpReply } from '../bpmsoft/http.ts';
import type { StepActivity, StepContext } from '../step.ts';

/** Milliseconds without a byte after which one request is given up. */
const silence = 30_000;

/** One GET, without following redirections. */
export async function getUrl(
  url: string,
  context: StepContext,
  headers: Readonly<Record<string, string>> = {},
): Promise<HttpReply> {
  const connections = httpConnections();
  try {
    return await connections.send(new URL(url), { method: 'GET', headers, timeout: silence, signal: context.signal });
  } finally {
    connections.close();
  }
}

export const waitForUrl: StepActivity<'waitForUrl'> = async (params, _uses, context) => {
  const { url, status, text, user, password, every, within } = params;
  const token = user === '' ? null : `${user}:${password ? await context.secret(password) : ''}`;
  const headers: Record<string, string> =
    token === null ? {} : { authorization: `Basic ${Buffer.from(token).toString('base64')}` };
  const wanted = text === '' ? null : new RegExp(text, 'mu');
  const began = Date.now();
  for (;;) {
    const { problem, body } = await ask();
    if (problem === null) return { url, seconds: Math.round((Date.now() - began) / 1000) };
    context.progress({ note: problem.slice(0, 80) });
    if (Date.now() - began >= within * 1000)
      throw new NakatError('URL_NOT_AS_WANTED', { values: { url, seconds: within, problem }, vendor: body });
    await sleep(every * 1000, undefined, { signal: context.signal });
  }

  async function ask(): Promise<{ problem: string | null; body?: string }> {
    try {
      const reply = await getUrl(url, context, headers);
      const body = reply.body.slice(0, 500);
      if (!status.includes(reply.status))
        return { problem: `status ${reply.status}${reply.location ? ` → ${reply.location}` : ''}`, body };
      return wanted && !wanted.test(reply.body) ? { problem: `body without /${text}/`, body } : { problem: null };
    } catch (error) {
      context.signal.throwIfAborted();
      return { problem: error instanceof Error ? error.message || error.name : String(error) };
    }
  }
};
