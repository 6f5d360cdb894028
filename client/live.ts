/** Lines that replace each other in a terminal. The whole block is written anew: it is small, and may grow and shrink. */
import type { Out } from './shell.ts';

export interface Live {
  /** Rows no wider than the terminal, fewer than it is high. */
  show(rows: readonly string[]): void;
  clear(): void;
}

/** Terminals that know them show the block at once, the others ignore these. */
const [together, end] = ['\x1b[?2026h', '\x1b[?2026l'];

export function liveOn(out: Out): Live {
  let [last, height, width] = ['', 0, out.columns];
  const write = (text: string, rows: number): void => {
    if (text === last && width === out.columns) return;
    // Rows that were broken by a narrower window cannot be counted: then the screen starts afresh.
    const back = width !== out.columns ? '\x1b[2J\x1b[H' : height > 0 ? `\x1b[${height}A` : '';
    out.write(`${together}${back}\r${text}\x1b[J${end}`);
    [last, height, width] = [text, rows, out.columns];
  };
  return {
    show: (rows) => write(rows.map((row) => `${row}\x1b[K\n`).join(''), rows.length),
    clear: () => write('', 0),
  };
}
