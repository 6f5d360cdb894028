/** The report's style sheet: light, dark, and black on white on paper. No fonts or pictures from anywhere. */
export const style = `
:root { color-scheme: light dark; --paper: #fbfaf7; --card: #fff; --ink: #1c1a17; --soft: #6b665e; --line: #e4e0d8;
  --good: #1b7a4a; --warn: #a8660b; --bad: #b8321f; --quiet: #9b958b; --accent: #2b5c8a; --wash: #f1eee7; }
@media (prefers-color-scheme: dark) { :root { --paper: #171614; --card: #201e1b; --ink: #ece8e1; --soft: #a39c91; --line: #37332d;
  --good: #5cc48d; --warn: #e0a34a; --bad: #f0796a; --quiet: #7b746a; --accent: #7db1e0; --wash: #292621; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif; }
main { max-width: 1080px; margin: 0 auto; padding: 36px 24px 64px; }
h1 { font-size: 27px; line-height: 1.2; margin: 4px 0 18px; letter-spacing: -.01em; }
h2 { font-size: 18px; margin: 38px 0 12px; }
h3 { font-size: 15px; margin: 20px 0 6px; }
.kicker { color: var(--soft); margin: 0; }
.outcome { display: flex; align-items: baseline; gap: 12px; padding: 14px 18px; border-radius: 10px; color: #fff; font-size: 20px; font-weight: 650; background: #6b665e; }
.outcome small { font-size: 15px; font-weight: 450; }
.outcome.good { background: #1b7a4a; } .outcome.warn { background: #a8660b; } .outcome.bad { background: #b8321f; }
dl.facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(210px, 1fr)); gap: 14px 24px; margin: 22px 0 0; }
dl.facts dt { color: var(--soft); font-size: 13px; } dl.facts dd { margin: 0; font-weight: 550; overflow-wrap: anywhere; }
dl.facts .wide { grid-column: 1 / -1; } dl.facts .wide dd { font-weight: 400; }
code, .code { font: 12.5px/1.45 ui-monospace, 'Cascadia Mono', Consolas, 'DejaVu Sans Mono', monospace; overflow-wrap: anywhere; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 14px 18px; margin: 12px 0; }
.card.bad { border-left: 4px solid var(--bad); } .card.warn { border-left: 4px solid var(--warn); } .card > :first-child { margin-top: 0; } .card > :last-child { margin-bottom: 0; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; background: var(--wash); border-radius: 6px; padding: 8px 10px; margin: 8px 0; max-height: 22em; overflow: auto; }
ul, ol { padding-left: 22px; } li { margin: 4px 0; overflow-wrap: anywhere; }
.steps th:nth-child(1) { width: 86px; } .steps th:nth-child(3) { width: 120px; } .steps th.n { width: 100px; }
table { border-collapse: collapse; width: 100%; font-size: 14px; }
th { text-align: left; color: var(--soft); font-weight: 500; font-size: 13px; border-bottom: 1px solid var(--line); padding: 4px 10px 4px 0; }
td { border-bottom: 1px solid var(--line); padding: 6px 10px 6px 0; vertical-align: top; overflow-wrap: anywhere; }
td.n, th.n { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
td.t { white-space: nowrap; font-variant-numeric: tabular-nums; color: var(--soft); }
tr.step-not-run td { color: var(--quiet); }
td .sub { color: var(--soft); font-size: 12.5px; }
.same, .different { white-space: nowrap; } .done, .same { color: var(--good); } .failed, .different { color: var(--bad); font-weight: 600; } .skipped, .cancelled { color: var(--warn); font-weight: 600; }
.pictures { display: flex; flex-wrap: wrap; gap: 12px; margin-top: 10px; } .pictures figure { flex: 1 1 260px; margin: 0; } .pictures figcaption { color: var(--soft); font-size: 13px; }
.pictures img { display: block; width: 100%; max-height: 70em; object-fit: contain; object-position: top left; border: 1px solid var(--line); border-radius: 6px; }
.soft { color: var(--soft); } .small { font-size: 13px; }
.scroll { overflow-x: auto; }
svg.timeline { display: block; width: 100%; min-width: 720px; height: auto; font: 12.5px system-ui, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif; fill: var(--ink); }
svg .rule { stroke: var(--line); } svg .axis { fill: var(--soft); font-size: 11.5px; } svg .end { text-anchor: end; } svg .middle { text-anchor: middle; }
svg rect.done { fill: var(--good); } svg rect.failed { fill: var(--bad); } svg rect.skipped, svg rect.cancelled { fill: var(--warn); }
svg rect.cut { fill: var(--wash); } svg rect.down { fill: var(--bad); opacity: .1; } svg .wait { stroke: var(--accent); stroke-width: 2; stroke-dasharray: 2 4; }
svg .decision { fill: var(--accent); } svg .decision.open { fill: var(--card); stroke: var(--accent); stroke-width: 2; }
svg .mark { stroke: var(--soft); stroke-dasharray: 5 4; } svg .no-return { stroke: var(--bad); }
footer { margin-top: 44px; padding-top: 14px; border-top: 1px solid var(--line); color: var(--soft); font-size: 13px; overflow-wrap: anywhere; }
@media print {
  :root { --paper: #fff; --card: #fff; --ink: #000; --soft: #444; --line: #bbb; --good: #14613a; --warn: #8a5200; --bad: #9c2615; --quiet: #666; --accent: #1d4a75; --wash: #eee; color-scheme: light; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  main { max-width: none; padding: 0; } body { font-size: 11pt; } pre { max-height: none; }
  tr, .card, svg { break-inside: avoid; } h2, h3 { break-after: avoid; } thead { display: table-header-group; }
  svg.timeline { min-width: 0; }
}
`;
