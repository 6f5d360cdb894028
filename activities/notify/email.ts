import { createTransport } from 'nodemailer';
import { secret as secretSchema } from '../../runbook/targets/index.ts';
import type { NotificationChannel } from '../../runbook/types.ts';
import type { Message } from './render.ts';
import type { ReadSecret } from './sending.ts';

type Email = Extract<NotificationChannel['via'], { kind: 'email' }>;
const timeout = 10_000;

/** Plain text. `secure`: TLS from the first byte; else STARTTLS where the server offers it, and always before a password is sent. */
export async function sendEmail(via: Email, message: Message, secret: ReadSecret): Promise<void> {
  const { host, port, secure, user } = via;
  const pass = via.password === undefined ? undefined : await secret(secretSchema.parse(via.password));
  const transport = createTransport({
    host,
    port,
    secure,
    requireTLS: pass !== undefined && !secure,
    ...(user === undefined || pass === undefined ? {} : { auth: { user, pass } }),
    connectionTimeout: timeout,
    greetingTimeout: timeout,
    socketTimeout: timeout,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  try {
    await transport.sendMail({ from: via.from, to: [...via.to], subject: message.title, text: message.text });
  } finally {
    transport.close();
  }
}
