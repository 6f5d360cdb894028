/** A watch in lines for people. */
import { failureText } from '../runbook/errors/index.ts';
import { watchCliTexts as texts } from '../runbook/messages/watch-cli.ts';
import { clock } from '../runbook/messages/say.ts';
import type { WatchMemory } from '../runbook/watch/state.ts';
import type { Shell } from './shell.ts';
import type { WatchView } from './watches.ts';

export function watchLines(view: WatchView, shell: Shell): string[] {
  const { text, paint, language } = shell;
  const now = Date.now();
  const when = view.paused
    ? paint.yellow(text(texts.paused, { note: view.note }))
    : view.next === null
      ? ''
      : text(texts.next, { time: clock(view.next, now, language) });
  return [
    `${paint.bold(view.system)}  ${when}${view.looking ? `  ${text(texts.looking)}` : ''}`,
    ...(view.last === null ? [`  ${text(texts.never)}`] : memoryLines(view.last, view.system, shell)),
  ];
}

export function memoryLines(memory: WatchMemory, system: string, { text, paint, language }: Shell): string[] {
  const { installed, looks, offer, failure } = memory;
  const time = clock(memory.at, Date.now(), language);
  const lines = [
    installed === null
      ? text(texts.lookedUnknown, { time })
      : text(installed === '' ? texts.lookedNone : texts.looked, { time, installed }),
    ...looks.map((one) =>
      one.failure
        ? paint.red(`✗ ${one.service}: ${one.failure.code} ${failureText(one.failure, language)}`)
        : `${one.service}: ${one.newest ?? text(texts.nothing)}`,
    ),
    ...(failure ? [paint.red(`✗ ${failure.code} ${failureText(failure, language)}`)] : []),
    ...(offer ? [text(texts[offer.end], { version: offer.version, system })] : []),
  ];
  return lines.map((line) => `  ${line}`);
}
