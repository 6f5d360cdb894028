/** What was measured, as a table for people and as JSON for machines. */
import { cpus, totalmem } from 'node:os';

export interface Row {
  readonly name: string;
  /** Seconds, megabytes, or a rate: as it is shown. */
  readonly value: string;
  readonly ratio?: string;
}

export interface Goal {
  readonly what: string;
  /** Measured ratio or seconds, and what it must not exceed (or reach, when `least`). */
  readonly measured: number;
  readonly limit: number;
  readonly least?: boolean;
}

export interface Section {
  readonly title: string;
  readonly rows: readonly Row[];
  readonly goals: readonly Goal[];
  readonly notes: readonly string[];
}

export const met = ({ measured, limit, least }: Goal): boolean => (least ? measured >= limit : measured <= limit);

export function lines({ title, rows, goals, notes }: Section): string[] {
  const width = Math.max(...rows.map((row) => row.name.length), ...goals.map((goal) => goal.what.length));
  return [
    '',
    title,
    ...rows.map((row) => `  ${row.name.padEnd(width)}  ${row.value.padStart(12)}  ${(row.ratio ?? '').padStart(8)}`),
    ...goals.map(
      (goal) =>
        `  ${goal.what.padEnd(width)}  ${goal.measured.toFixed(2).padStart(12)}  ${goal.least ? '≥' : '≤'} ${goal.limit}  ${met(goal) ? 'met' : 'NOT MET'}`,
    ),
    ...notes.map((note) => `  ${note}`),
  ];
}

export const surroundings = (): string =>
  `${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform}, Node ${process.version}. Everything on this machine: compare ratios, not seconds.`;
