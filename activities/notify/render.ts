import IntlMessageFormat from 'intl-messageformat';
import type { Notice } from '../../runbook/notice.ts';
import type { NotificationChannel, Said } from '../../runbook/types.ts';

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
  const say = (said: Said): string => String(new IntlMessageFormat(said[language], language, undefined, { ignoreTag: true }).format(said.values));
  const title = `${notice.system}: ${say(notice.title)}`;
  const lines = [title, '', ...notice.lines.map(say), ...(notice.how === undefined ? [] : ['', notice.how])];
  return { title, text: lines.join('\n'), url: notice.how ?? '', notice };
}
