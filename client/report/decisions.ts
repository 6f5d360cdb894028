import { sayWord } from '../../runbook/messages/facts.ts';
import type { SealedDecision, SealedReport } from '../../runbook/report.ts';
import { html, type Markup } from './markup.ts';
import type { Reader } from './reader.ts';
import { texts } from './texts.ts';

export function decisionsSection({ decisions }: SealedReport, reader: Reader): Markup {
  const cards = decisions.map((decision) => card(decision, reader));
  return html`<h2>${reader.say(texts.decisions)}</h2>
    ${cards.length === 0 ? html`<p class="soft">${reader.say(texts.noDecisions)}</p>` : cards}`;
}

/** Who, when, why, and about which digest; what did not count is shown as well. */
function card(decision: SealedDecision, reader: Reader): Markup {
  const word = (text: string): string => sayWord(text, reader.language);
  const voices = decision.by.map(
    ({ who, at, why, choice, channel }) =>
      html`<li>
        <b>${who}</b>: ${word(choice)}, ${reader.time(at)}
        <span class="soft">(${word(channel)})</span>${why === '' ? null : html` — ${why}`}
      </li>`,
  );
  const refused = decision.refused.map(
    ({ who, at, choice, code, channel }) =>
      html`<li>
        ${who}: ${word(choice)}, ${reader.time(at)} <span class="soft">(${word(channel)})</span> <code>${code}</code>
      </li>`,
  );
  const deadline =
    decision.deadline !== null && decision.takenAtDeadline
      ? html`<p>${reader.say(texts.byDeadline, { time: reader.time(decision.deadline) })}</p>`
      : null;
  return html`<div class="card">
    <p>
      <b>${reader.say(decision.title)}</b> →
      <b>${decision.choice === null ? reader.say(texts.undecided) : word(decision.choice)}</b>
    </p>
    ${
      voices.length === 0
        ? null
        : html`<ul>
            ${voices}
          </ul>`
    }${deadline}
    ${
      refused.length === 0
        ? null
        : html`<p class="soft">${reader.say(texts.refused)}</p>
            <ul>
              ${refused}
            </ul>`
    }
    <p class="soft small">
      ${reader.say(texts.digest)} <code>${decision.digest}</code><br />${reader.say(texts.link)}
      <code>${decision.hash}</code>
    </p>
  </div>`;
}
