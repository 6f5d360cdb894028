/** `compare.html`: what each side changed in the files with conflicts, side by side. A page of its own, without scripts. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createTwoFilesPatch } from 'diff';
import { html } from 'diff2html';
import type { LegacyEncoding } from '../../runbook/targets/index.ts';
import { fill } from '../../runbook/messages/fill.ts';
import { clashNames } from './clashes.ts';
import { kindSaid } from './kinds.ts';
import { contentsOf, type Laid } from './lay-out.ts';
import type { Trees } from './plan.ts';
import { fromLegacy, readText } from './text.ts';

/** Beyond these a browser is no help: the files lie in `sides/`. */
const mostFiles = 200;
const largest = 512 * 1024;

const titles = {
  page: 'Conflicts / Конфликты',
  ours: 'what the customer changed / что изменил заказчик',
  theirs: 'what the vendor changed / что изменил поставщик',
  both: 'from the customer’s file to the vendor’s / от файла заказчика к файлу поставщика',
  unseen:
    'no text, or too large for this page: open the files of the sides / не текст или слишком велик для этой страницы: откройте файлы сторон',
  more: 'more files, too many for this page / ещё файлов, слишком много для этой страницы',
};

export async function comparePage(trees: Trees, open: readonly Laid[], legacy: LegacyEncoding): Promise<string> {
  const style = await readFile(
    createRequire(import.meta.url).resolve('diff2html/bundles/css/diff2html.min.css'),
    'utf8',
  );
  const parts: string[] = [];
  for (const one of open.slice(0, mostFiles)) parts.push(await section(trees, one, legacy));
  if (open.length > mostFiles) parts.push(`<p>+ ${open.length - mostFiles} ${titles.more}</p>`);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${titles.page}</title>
<style>${style}
body { font-family: system-ui, sans-serif; margin: 2rem; }
section { margin-bottom: 3rem; }
</style>
</head>
<body>
<h1>${titles.page}: ${open.length}</h1>
${parts.join('\n')}
</body>
</html>
`;
}

async function section(trees: Trees, one: Laid, legacy: LegacyEncoding): Promise<string> {
  const contents = contentsOf(trees, one.at);
  const [base, ours, theirs] = [contents.base, contents.ours, contents.theirs].map((content) => shown(content, legacy));
  const names = one.clash && clashNames(one.clash);
  const why = kindSaid(one.kind ?? 'both-changed', names);
  const several = names !== undefined && names.ours.length + names.theirs.length > 2;
  const visible = typeof base === 'string' && typeof ours === 'string' && typeof theirs === 'string';
  // Several files of a side have no single other to be compared with.
  const compared = several
    ? ''
    : !visible
      ? `<p>${titles.unseen}</p>`
      : one.at.base === undefined
        ? compare([one.at.ours ?? one.path, one.at.theirs ?? one.path], ours, theirs, titles.both)
        : compare([one.path, one.path], base, ours, titles.ours) +
          compare([one.path, one.path], base, theirs, titles.theirs);
  return `<section>
<h2>${escaped(one.path)}</h2>
<p>${escaped(fill(why, why.values ?? {}, 'en'))} / ${escaped(fill(why, why.values ?? {}, 'ru'))}</p>
${compared}
</section>`;
}

const compare = ([from, to]: readonly [string, string], before: string, after: string, title: string): string =>
  `<h3>${title}</h3>\n${html(createTwoFilesPatch(from, to, before, after), { drawFileList: false, outputFormat: 'side-by-side', matching: 'lines' })}`;

/** Empty where that side has no file; null for what cannot be shown. */
function shown(content: Buffer | null, legacy: LegacyEncoding): string | null {
  if (content === null) return '';
  const text = content.length > largest ? null : readText(content);
  const read =
    text?.encoding === 'legacy' ? (line: string): string => fromLegacy(line, legacy) : (line: string) => line;
  return text && text.lines.map((line) => `${read(line)}\n`).join('');
}

const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
