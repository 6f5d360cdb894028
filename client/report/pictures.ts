/** The pictures of pages that a step compared, for the HTML report: read where they can be read, and only as they were taken. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { sayShare } from '../../runbook/messages/facts.ts';
import type { Report, StepReport } from '../../runbook/report.ts';
import type { Said } from '../../runbook/types.ts';
import { html, type Markup } from './markup.ts';
import type { Reader } from './reader.ts';
import { texts } from './texts.ts';

const file = z.object({ file: z.string(), sha256: z.string() }).nullable();
const indexSchema = z.object({
  compared: z.array(
    z.object({
      path: z.string(),
      width: z.number(),
      share: z.number(),
      findings: z.array(z.string()),
      accepted: z.array(z.string()).optional(),
      before: file,
      after: file,
      difference: file,
    }),
  ),
});
type Compared = z.infer<typeof indexSchema>['compared'][number];

/** One comparison of a run. */
export interface Pictures {
  readonly step: string;
  readonly title: Said;
  readonly folder: string;
  /** Null: the folder cannot be read from here, or is not as the run left it. */
  readonly pages: readonly (Compared & { readonly shown: readonly Shown[] })[] | null;
}
interface Shown {
  readonly what: 'before' | 'after' | 'difference';
  /** Base64 of a PNG; null: left out, or not as it was. */
  readonly png: string | null;
}

/** Bytes of all pictures in one report: more, and it cannot be opened or sent. What differs most comes first. */
const budget = 40 * 1024 * 1024;

export async function readPictures(report: Pick<Report, 'stages'>): Promise<Pictures[]> {
  const all: Pictures[] = [];
  const room = { left: budget };
  for (const step of report.stages.flatMap((stage) => stage.steps)) {
    const place = placeOf(step);
    if (place === null) continue;
    const index = await readIndex(place);
    const pages: (Compared & { shown: Shown[] })[] = [];
    for (const page of index?.toSorted((a, b) => b.findings.length - a.findings.length || b.share - a.share) ?? [])
      pages.push({ ...page, shown: await shownOf(page, room) });
    all.push({ step: step.id, title: step.title, folder: place.folder, pages: index === null ? null : pages });
  }
  return all;
}

interface Place {
  readonly folder: string;
  readonly sha256: string;
}

/** Of its result where it went well, else of its failure. */
function placeOf({ activity, result, failure }: StepReport): Place | null {
  if (activity !== 'comparePages') return null;
  const { folder, sha256 } = 'folder' in result ? result : (failure?.values ?? {});
  return typeof folder === 'string' && typeof sha256 === 'string' ? { folder, sha256 } : null;
}

async function readIndex({ folder, sha256 }: Place): Promise<readonly Compared[] | null> {
  const content = await readAsItWas(join(folder, 'index.json'), sha256);
  if (content === null) return null;
  const parsed = indexSchema.safeParse(JSON.parse(content.toString('utf8')));
  return parsed.success ? parsed.data.compared : null;
}

async function readAsItWas(path: string, sha256: string): Promise<Buffer | null> {
  const content = await readFile(path).catch(() => null);
  return content !== null && createHash('sha256').update(content).digest('hex') === sha256 ? content : null;
}

/** A page without any difference needs no pictures. */
async function shownOf(page: Compared, room: { left: number }): Promise<Shown[]> {
  if (page.share === 0 && page.findings.length === 0) return [];
  const shown: Shown[] = [];
  for (const what of ['before', 'after', 'difference'] as const) {
    const one = page[what];
    if (one === null) continue;
    const content = room.left > 0 ? await readAsItWas(one.file, one.sha256) : null;
    room.left -= content?.length ?? 0;
    shown.push({ what, png: content?.toString('base64') ?? null });
  }
  return shown;
}

export function picturesSection(pictures: readonly Pictures[], reader: Reader): Markup | null {
  if (pictures.length === 0) return null;
  return html`<h2>${reader.say(texts.pages)}</h2>
    ${pictures.map(
      ({ title, step, folder, pages }) =>
        html`<h3>${reader.say(title)}</h3>
          <p class="soft small"><code>${step}</code> <code>${folder}</code></p>
          ${
            pages === null
              ? html`<div class="card warn">${reader.say(texts.picturesAway)}</div>`
              : html`<div>${pages.map((page) => pageCard(page, reader))}</div>`
          }`,
    )}`;
}

const listOf = (findings: readonly string[]): Markup =>
  html`<ul>
    ${findings.map((finding) => html`<li>${finding}</li>`)}
  </ul>`;

function pageCard(page: NonNullable<Pictures['pages']>[number], reader: Reader): Markup {
  const { path, width, share, findings, accepted = [], shown } = page;
  return html`<div class="card ${findings.length > 0 ? 'bad' : ''}">
    <p>
      <b>${path}</b> <span class="soft">${width} px</span>
      ${shown.length === 0 ? html`<span class="same">${reader.say(texts.same)}</span>` : html`≠ ${sayShare(share, reader.language)}`}
    </p>
    ${findings.length === 0 ? null : listOf(findings)}
    ${
      accepted.length === 0
        ? null
        : html`<p class="soft">${reader.say(texts.letPass)}</p>
            ${listOf(accepted)}`
    }
    ${
      shown.length === 0
        ? null
        : html`<div class="pictures">
            ${shown.map(
              ({ what, png }) =>
                html`<figure>
                  ${
                    png === null
                      ? html`<p class="soft">${reader.say(texts.pictureAway)}</p>`
                      : html`<img src="data:image/png;base64,${png}" alt="${path} ${reader.say(texts[what])}" />`
                  }
                  <figcaption>${reader.say(texts[what])}</figcaption>
                </figure>`,
            )}
          </div>`
    }
  </div>`;
}
