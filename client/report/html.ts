import { createHash } from 'node:crypto';
import type { SealedReport } from '../../runbook/report.ts';
import { decisionsSection } from './decisions.ts';
import { editsSection } from './edits.ts';
import { html, trusted } from './markup.ts';
import { picturesSection, type Pictures } from './pictures.ts';
import { readerOf } from './reader.ts';
import {
  backupsSection,
  facts,
  headline,
  lostSection,
  nextSection,
  proofSection,
  reasonSection,
  stepsSection,
  warningsSection,
} from './sections.ts';
import { style } from './style.ts';
import { texts } from './texts.ts';
import { timeline } from './timeline.ts';

/**
 * The report as one HTML file that needs nothing else: no script, no font, nothing loaded (and its own policy forbids it);
 * pictures of pages are inside. Times are in the zone of the plan's window, or in UTC where it has none.
 */
export function reportHtml(report: SealedReport, language: 'en' | 'ru', pictures: readonly Pictures[] = []): string {
  const reader = readerOf(language, report.timeZone ?? report.window?.timeZone ?? 'UTC');
  const policy = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; ${pictures.length > 0 ? 'img-src data:; ' : ''}base-uri 'none'; form-action 'none'`;
  // The policy names the digest of exactly what stands between the tags.
  const sheet = trusted(`<style>${style}</style>`);
  return html`<!doctype html>
    <html lang="${language}">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policy}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="generator" content="nakat ${report.nakat}" />
        <title>${report.system}: ${reader.say(report.title)}</title>
        ${sheet}
      </head>
      <body>
        <main>
          <p class="kicker">${reader.say(texts.report)} · ${report.system}</p>
          <h1>${reader.say(report.title)}</h1>
          ${headline(report, reader)} ${reasonSection(report, reader)} ${facts(report, reader)}
          ${nextSection(report, reader)} ${warningsSection(report, reader)}
          <h2>${reader.say(texts.timeline)}</h2>
          <div class="scroll">${timeline(report, reader)}</div>
          <p class="soft small">${reader.say(texts.timelineNote)}</p>
          ${proofSection(report, reader)} ${picturesSection(pictures, reader)} ${backupsSection(report, reader)}
          ${editsSection(report, reader)} ${decisionsSection(report, reader)} ${stepsSection(report, reader)}
          ${lostSection(report, reader)}
          <footer>
            <p>${reader.say(texts.seal, { seal: report.seal })}</p>
            <p>nakat ${report.nakat} · ${reader.say(texts.times, { zone: reader.timeZone })}</p>
          </footer>
        </main>
      </body>
    </html> `.markup;
}
