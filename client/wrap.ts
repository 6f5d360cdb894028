import { stripVTControlCharacters } from 'node:util';

const cells = (text: string): number => [...stripVTControlCharacters(text)].length;

/** A line as rows of a terminal: broken at blanks, the rest further in; a word longer than a row is cut. Colours are kept. */
export function wrapped(line: string, width: number): string[] {
  if (cells(line) <= width) return [line];
  const [start = '', indent = ''] = /^(?:\x1b\[[0-9;]*m)*( *)/.exec(line) ?? [];
  const deeper = `${indent}  `;
  const rows: string[] = [];
  let row = start;
  for (const word of line.slice(start.length).split(' ')) {
    const isFirst = stripVTControlCharacters(row).trim() === '';
    if (cells(row) + (isFirst ? 0 : 1) + cells(word) <= width) {
      row += isFirst ? word : ` ${word}`;
      continue;
    }
    if (!isFirst) {
      rows.push(row);
      row = deeper;
    }
    for (const token of word.match(/\x1b\[[0-9;]*m|./gsu) ?? []) {
      if (cells(row) + cells(token) > width) {
        rows.push(row);
        row = deeper;
      }
      row += token;
    }
  }
  return [...rows, row];
}
