import { sayWord } from '../../runbook/messages/facts.ts';
import type { Report, StageReport } from '../../runbook/report.ts';
import { html, type Markup } from './markup.ts';
import type { Reader } from './reader.ts';
import { scaleOf, type Scale, type Span } from './scale.ts';
import { stageTexts, stepTexts, texts } from './texts.ts';

const labels = 150;
const lane = 34;
const top = 26;
const width = 1000;

/** The run at a glance: one lane per stage, a bar per step, a lozenge per decision, the window's end and point of no return. */
export function timeline(report: Report, reader: Reader): Markup {
  const stages = report.stages.filter(({ startedAt }) => startedAt !== null);
  const busy = stages.flatMap(({ steps }) =>
    steps.flatMap(({ startedAt, seconds }) =>
      startedAt === null ? [] : [{ from: startedAt, to: startedAt + seconds * 1000 }],
    ),
  );
  const whole: Span = { from: report.startedAt, to: Math.max(report.endedAt, report.startedAt + 1) };
  const scale = scaleOf(whole, busy, width - labels - 8);
  const x = (at: number): string => (labels + scale.x(at)).toFixed(1);
  const bottom = top + (stages.length + 1) * lane;
  return html`<svg
    class="timeline"
    viewBox="0 0 ${width} ${bottom + 22}"
    role="img"
    aria-label="${reader.say(texts.timeline)}"
  >
    ${cuts(scale, bottom, reader)} ${downtime(report, x, bottom, reader)} ${marks(report, whole, x, bottom, reader)}
    ${stages.map((stage, index) => stageLane(stage, index, x, reader))}
    ${decisions(report, top + stages.length * lane, x, reader)}
    <text class="axis" x="${labels}" y="${bottom + 16}">${reader.clock(whole.from)}</text>
    <text class="axis end" x="${width - 8}" y="${bottom + 16}">${reader.clock(whole.to)}</text>
  </svg>`;
}

function stageLane(stage: StageReport, index: number, x: (at: number) => string, reader: Reader): Markup {
  const y = top + index * lane;
  const bars = stage.steps.flatMap(({ title, outcome, startedAt, seconds }) => {
    if (startedAt === null) return [];
    const [from, to] = [Number(x(startedAt)), Number(x(startedAt + seconds * 1000))];
    return [
      html`<rect
        class="${outcome}"
        x="${from}"
        y="${y + 8}"
        width="${Math.max(to - from - 0.6, 1.6).toFixed(1)}"
        height="${lane - 16}"
        rx="2"
        ><title>${reader.say(title)}: ${reader.say(stepTexts[outcome])}, ${reader.duration(seconds)}</title></rect
      >`,
    ];
  });
  return html`<text class="lane" x="0" y="${y + lane / 2 + 4}">${reader.say(stageTexts[stage.name])}</text>
    <line class="rule" x1="${labels}" x2="${width - 8}" y1="${y + lane}" y2="${y + lane}" />${bars}`;
}

function decisions(report: Report, y: number, x: (at: number) => string, reader: Reader): Markup {
  const middle = y + lane / 2;
  const lozenges = report.decisions.map(({ title, choice, asked, at }) => {
    const end = Number(x(at ?? report.endedAt));
    return html`<line class="wait" x1="${x(asked)}" x2="${end}" y1="${middle}" y2="${middle}" /><path
        class="${at === null ? 'decision open' : 'decision'}"
        d="M${end - 6} ${middle}l6 -6l6 6l-6 6z"
        ><title>
          ${reader.say(title)}: ${choice === null ? reader.say(texts.undecided) : sayWord(choice, reader.language)}
        </title></path
      >`;
  });
  return html`<text class="lane" x="0" y="${middle + 4}">${reader.say(texts.decisions)}</text>${lozenges}`;
}

/** Where waiting was cut out of the picture. */
function cuts(scale: Scale, bottom: number, reader: Reader): Markup[] {
  return scale.cuts.map(({ x, width: wide, from, to }) => {
    const middle = labels + x + wide / 2;
    const time = reader.duration((to - from) / 1000);
    return html`<rect class="cut" x="${(labels + x).toFixed(1)}" y="${top}" width="${wide}" height="${bottom - top}"
        ><title>${reader.say(texts.waited, { time })}</title></rect
      >
      <text class="axis middle" x="${middle.toFixed(1)}" y="${top - 8}">${time}</text>`;
  });
}

/** The time in which users could not work, behind everything else. */
function downtime(
  { downtime: down, downtimeSeconds }: Report,
  x: (at: number) => string,
  bottom: number,
  reader: Reader,
): Markup[] {
  if (down === null) return [];
  const wide = Math.max(Number(x(down.to)) - Number(x(down.from)), 1).toFixed(1);
  const name = reader.say(texts.downtime);
  return [
    html`<rect class="down" x="${x(down.from)}" y="${top}" width="${wide}" height="${bottom - top}"
      ><title>
        ${name}: ${reader.duration(downtimeSeconds)}, ${reader.time(down.from)} – ${reader.time(down.to)}
      </title></rect
    >`,
  ];
}

function marks({ window }: Report, whole: Span, x: (at: number) => string, bottom: number, reader: Reader): Markup[] {
  if (window === null) return [];
  const lines: [string, number | null, string][] = [
    ['opens', window.opens, reader.say(texts.window)],
    ['closes', window.closes, reader.say(texts.window)],
    ['no-return', window.pointOfNoReturn, reader.say(texts.pointOfNoReturn)],
  ];
  return lines.flatMap(([kind, at, name]) =>
    at === null || at < whole.from || at > whole.to
      ? []
      : [
          html`<line class="mark ${kind}" x1="${x(at)}" x2="${x(at)}" y1="${top}" y2="${bottom}"
            ><title>${name}: ${reader.time(at)}</title></line
          >`,
        ],
  );
}
