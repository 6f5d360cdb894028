import type { Notice } from '../../runbook/notice.ts';
import { tellSaid } from '../../runbook/messages/say.ts';
import type { NotificationChannel } from '../../runbook/types.ts';

/** A notice in one language, as plain text. */
export interface Message {
  readonly title: string;
  /** Title, lines and what to do. */
  readonly text: string;
  /** What the reader does now; empty when nothing. */
  readonly url: string;
  readonly notice: Notice;
}

export function render(notice: Notice, language: NotificationChannel['language']): Message {
  const title = `${notice.system}: ${tellSaid(notice.title, language)}`;
  const lines = [
    title,
    '',
    ...notice.lines.map((line) => tellSaid(line, language)),
    ...(notice.how === undefined ? [] : ['', notice.how]),
  ];
  return { title, text: lines.join('\n'), url: notice.how ?? '', notice };
}
