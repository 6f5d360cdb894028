import { failureText, failureTodo } from '../../runbook/errors/index.ts';
import { sayFacts, sayWord } from '../../runbook/messages/facts.ts';
import { sayProof } from '../../runbook/messages/proof.ts';
import type { Report, StageReport, StepReport } from '../../runbook/report.ts';
import type { Failure, Said } from '../../runbook/types.ts';
import { html, type Markup } from './markup.ts';
import type { Reader } from './reader.ts';
import { outcomeTexts, stageTexts, stepTexts, texts } from './texts.ts';

/** Green only for what is proved: a restore without its proof is red. */
export function headline({ outcome, restore }: Report, reader: Reader): Markup {
  const proved = restore?.proved ?? false;
  const tone = {
    updated: 'good',
    restored: proved ? 'warn' : 'bad',
    stopped: 'quiet',
    'handed-over': 'bad',
    going: 'quiet',
  }[outcome];
  const more = restore === null ? '' : reader.say(proved ? texts.proved : texts.notProved);
  return html`<div class="outcome ${tone}">${reader.say(outcomeTexts[outcome])}<small>${more}</small></div>`;
}

/** After a restore, what a failure says of the state and of what to do is true no more: it is told as what was. */
export function reasonSection(report: Report, reader: Reader): Markup | null {
  const { reason, outcome, restore } = report;
  if (reason === null) return null;
  if (outcome !== 'restored')
    return html`<h2>${reader.say(texts.reason)}</h2>
      <div class="card bad">${askedBlock(report, reader)}${failureBlock(reason, reader)}</div>`;
  const since = restore?.proved ? texts.sinceProved : texts.sinceNotProved;
  return html`<h2>${reader.say(texts.reason)}</h2>
    <div class="card bad">
      <p class="soft">${reader.say(texts.whenItFailed)}</p>
      ${failureBlock(reason, reader, false)}
      <p>${reader.say(since)}</p>
    </div>`;
}

/** The question of the decision that ended the run: its id alone says little. */
function askedBlock({ reason, decisions }: Report, reader: Reader): Markup | null {
  if (reason?.code !== 'DECISION_AGAINST') return null;
  const asked = decisions.findLast(({ id }) => id.replace(/#\d+$/, '') === reason.values['decision']);
  return asked ? html`<p class="soft">${reader.say(asked.title)}</p>` : null;
}

function failureBlock(failure: Failure, reader: Reader, advise = true): Markup {
  const { vendor, ...own } = failure;
  const todo = advise ? failureTodo(failure, reader.language) : '';
  return html`<p>
      <b>${failureText(own, reader.language)}</b>
      <code class="soft">${failure.code}</code
      >${failure.where === undefined ? null : html` <span class="soft">${failure.where}</span>`}
    </p>
    ${vendor === undefined ? null : html`<pre class="code">${vendor}</pre>`}
    ${todo === '' ? null : html`<p><span class="soft">${reader.say(texts.todo)}:</span> ${todo}</p>`}`;
}

export function facts(report: Report, reader: Reader): Markup {
  const { window, estimates, update } = report;
  const expected = `${reader.say(texts.production)} ${reader.duration(estimates.production)}, ${reader.say(texts.restore)} ${reader.duration(estimates.restore)}`;
  const entries: [string, string][] = [
    [reader.say(texts.update), `${update.name} ${update.version}`],
    [reader.say(texts.took), reader.duration((report.endedAt - report.startedAt) / 1000)],
    [reader.say(texts.downtime), reader.duration(report.downtimeSeconds)],
    [reader.say(texts.estimated), expected],
    [reader.say(texts.began), reader.time(report.startedAt)],
    [reader.say(texts.ended), reader.time(report.endedAt)],
    [reader.say(texts.initiator), report.initiator],
    [reader.say(texts.run), report.run],
  ];
  if (window !== null) {
    entries.push([reader.say(texts.window), `${reader.time(window.opens)} – ${reader.time(window.closes)}`]);
    if (window.pointOfNoReturn !== null)
      entries.push([reader.say(texts.pointOfNoReturn), reader.time(window.pointOfNoReturn)]);
  }
  const wide: [string, string][] = [[reader.say(texts.digest), report.digest]];
  if (update.file !== null) wide.push([reader.say(texts.archive), `${update.file} ${update.sha256 ?? ''}`]);
  return html`<dl class="facts">
    ${entries.map(
      ([name, value]) =>
        html`<div>
          <dt>${name}</dt>
          <dd>${value}</dd>
        </div>`,
    )}${wide.map(
      ([name, value]) =>
        html`<div class="wide">
          <dt>${name}</dt>
          <dd><code>${value}</code></dd>
        </div>`,
    )}
  </dl>`;
}

const saidList = (items: readonly Said[], reader: Reader): Markup =>
  html`<ul>
    ${items.map((item) => html`<li>${reader.say(item)}</li>`)}
  </ul>`;

export const nextSection = ({ next }: Report, reader: Reader): Markup | null =>
  next.length === 0
    ? null
    : html`<h2>${reader.say(texts.next)}</h2>
        <div class="card">${saidList(next, reader)}</div>`;

export const warningsSection = ({ warnings }: Report, reader: Reader): Markup | null =>
  warnings.length === 0
    ? null
    : html`<h2>${reader.say(texts.warnings)}</h2>
        <div class="card warn">${saidList(warnings, reader)}</div>`;

/** Differences first: they are what the reader must see. */
export function proofSection({ restore }: Report, reader: Reader): Markup | null {
  if (restore === null) return null;
  const lines = [...restore.proof].sort((a, b) => Number(a.equal) - Number(b.equal));
  const rows = lines.map(
    (line) =>
      html`<tr>
        <td>${sayProof(line, reader.language)}</td>
        <td class="code">${line.before}</td>
        <td class="code">${line.after}</td>
        <td class="${line.equal ? 'same' : 'different'}">${reader.say(line.equal ? texts.same : texts.different)}</td>
      </tr>`,
  );
  const table = html`<table>
    <thead>
      <tr>
        <th>${reader.say(texts.what)}</th>
        <th>${reader.say(texts.before)}</th>
        <th>${reader.say(texts.after)}</th>
        <th></th>
      </tr>
    </thead>
    <tbody>
      ${rows}
    </tbody>
  </table>`;
  return html`<h2>${reader.say(texts.proof)}</h2>
    ${rows.length === 0 ? html`<div class="card bad">${reader.say(texts.noProof)}</div>` : table}`;
}

export function backupsSection({ backups }: Report, reader: Reader): Markup | null {
  if (backups.length === 0) return null;
  const rows = backups.map(
    ({ system, engine, place, machine, bytes, files, verified, sha256, step }) =>
      html`<tr>
        <td>
          ${sayWord(system, reader.language)}
          <div class="sub">${sayWord(engine, reader.language)}, ${step}</div>
        </td>
        <td>
          <code>${place}</code>${sha256 === null ? null : html`<div class="sub"><code>sha256 ${sha256}</code></div>`}
        </td>
        <td>${machine}</td>
        <td class="n">
          ${reader.bytes(bytes)}
          ${files === undefined ? null : html`<div class="sub">${sayFacts({ files }, reader.language)}</div>`}
        </td>
        <td>${sayWord(verified, reader.language)}</td>
      </tr>`,
  );
  return html`<h2>${reader.say(texts.backups)}</h2>
    <table>
      <thead>
        <tr>
          <th>${reader.say(texts.what)}</th>
          <th>${reader.say(texts.place)}</th>
          <th>${reader.say(texts.machine)}</th>
          <th class="n">${reader.say(texts.size)}</th>
          <th>${reader.say(texts.verified)}</th>
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>`;
}

export const stepsSection = ({ stages, outcome }: Report, reader: Reader): Markup =>
  html`<h2>${reader.say(texts.steps)}</h2>
    ${stages.map((stage) => stageTable(stage, reader, outcome !== 'restored' || stage.name === 'restore'))}`;

function stageTable({ name, steps }: StageReport, reader: Reader, advise: boolean): Markup {
  const head = html`<tr>
    <th>${reader.say(texts.start)}</th>
    <th>${reader.say(texts.step)}</th>
    <th>${reader.say(texts.outcome)}</th>
    <th class="n">${reader.say(texts.attempts)}</th>
    <th class="n">${reader.say(texts.seconds)}</th>
  </tr>`;
  return html`<h3>${reader.say(stageTexts[name])}</h3>
    <table class="steps">
      <thead>
        ${head}
      </thead>
      <tbody>
        ${steps.map((step) => stepRow(step, reader, advise))}
      </tbody>
    </table>`;
}

function stepRow(step: StepReport, reader: Reader, advise: boolean): Markup {
  const ran = step.startedAt !== null;
  const found = step.edits ? [] : (step.findings ?? []);
  // The lines themselves say more than their number.
  const { lines: _, ...facts } = step.result;
  const result = sayFacts(found.length > 0 || step.edits ? facts : step.result, reader.language, reader.time);
  return html`<tr class="step-${step.outcome}">
    <td class="t">${step.startedAt === null ? '' : reader.clock(step.startedAt)}</td>
    <td>
      ${reader.say(step.title)}
      <div class="sub"><code>${step.id}</code>${result === '' ? null : html` ${result}`}</div>
      ${found.length === 0 ? null : html`<div class="sub">${saidList(found, reader)}</div>`}
      ${step.failure === null ? null : failureBlock(step.failure, reader, advise)}
    </td>
    <td class="${step.outcome}">${reader.say(stepTexts[step.outcome])}</td>
    <td class="n">${ran ? step.attempts : ''}</td>
    <td class="n">${ran ? reader.duration(step.seconds) : ''}</td>
  </tr>`;
}

export const lostSection = ({ notificationsFailed }: Report, reader: Reader): Markup | null =>
  notificationsFailed.length === 0
    ? null
    : html`<h2>${reader.say(texts.lost)}</h2>
        <ul>
          ${notificationsFailed.map(({ name, reason }) => html`<li>${name}: ${reason}</li>`)}
        </ul>`;
