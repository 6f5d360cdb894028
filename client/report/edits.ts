/** What became of the customer's edits: every one is in the result, or a person decided about it and is named. */
import type { Report } from '../../runbook/report.ts';
import type { EditedFile, Edits } from '../../runbook/results.ts';
import { html, type Markup } from './markup.ts';
import type { Reader } from './reader.ts';
import { fateTexts, sideTexts, texts } from './texts.ts';

export function editsSection({ stages }: Pick<Report, 'stages'>, reader: Reader): Markup | null {
  const edits = stages.flatMap(({ steps }) => steps.flatMap((step) => step.edits ?? []));
  return edits.length === 0
    ? null
    : html`<h2>${reader.say(texts.edits)}</h2>
        ${edits.map((one) => table(one, reader))}`;
}

function table({ total, files, place }: Edits, reader: Reader): Markup {
  if (total === 0) return html`<p class="soft">${reader.say(texts.noEdits)}</p>`;
  const rows = files.map(
    (one) =>
      html`<tr>
        <td>
          <code>${one.path}</code>${
            one.from === undefined
              ? null
              : html`<div class="sub">${reader.say(texts.movedFrom, { path: one.from })}</div>`
          }
        </td>
        <td>${reader.say(fateTexts[one.fate])}</td>
        <td>${decided(one, reader)}</td>
      </tr>`,
  );
  const shown = files.length;
  return html`<table>
      <thead>
        <tr>
          <th>${reader.say(texts.file)}</th>
          <th>${reader.say(texts.became)}</th>
          <th>${reader.say(texts.decidedBy)}</th>
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
    <p class="soft small">${reader.say(shown < total ? texts.moreEdits : texts.allEdits, { shown, total, place })}</p>`;
}

function decided({ decided: by }: EditedFile, reader: Reader): Markup | null {
  if (!by) return null;
  return html`<b>${by.by}</b>: ${sideWord(by.choice, reader)},
    ${reader.time(by.at)}${by.remembered ? html`<div class="sub">${reader.say(texts.remembered)}</div>` : null}`;
}

/** A later version may know more sides. */
const sideWord = (choice: string, reader: Reader): string => {
  const text = sideTexts[choice];
  return text ? reader.say(text) : choice;
};
