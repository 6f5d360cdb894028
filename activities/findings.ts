/** A list for a specialist that stays short enough for a run's history. */
import { createHash } from 'node:crypto';
import { fill } from '../runbook/errors/index.ts';
import type { Findings } from '../runbook/results.ts';

const shown = 200;
const more = { en: '{count} more (list {digest})', ru: 'и ещё {count} (список {digest})' };

/** The last line stands for all that are not shown: by its digest another rest is not taken for the one that was accepted. */
export function shortened(lines: Findings['lines']): Findings['lines'] {
  const rest = lines.slice(shown);
  if (rest.length === 0) return lines;
  const text = rest.map((line) => fill(line, line.values ?? {}, 'en')).join('\n');
  const digest = createHash('sha256').update(text).digest('hex').slice(0, 12);
  return [...lines.slice(0, shown), { ...more, values: { count: rest.length, digest } }];
}
