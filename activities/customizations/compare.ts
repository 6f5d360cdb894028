/** `compare.html`: what each side changed in the files with conflicts, side by side. A page of its own, without scripts. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createTwoFilesPatch } from 'diff';
import { html } from 'diff2html';
import type { LegacyEncoding } from '../../runbook/targets/index.ts';
import type { Said, Text } from '../../runbook/types.ts';
import { fill } from '../../runbook/messages/fill.ts';
import type { Language } from '../../runbook/messages/say.ts';
import { clashNames } from './clashes.ts';
import { kindSaid } from './kinds.ts';
import { contentsOf, type Laid } from './lay-out.ts';
import type { Trees } from './trees.ts';
import { fromLegacy, readText } from './text.ts';

/** Beyond these a browser is no help: the files lie in `sides/`. */
const mostFiles = 200;
const largest = 512 * 1024;

const titles = {
  page: { en: 'Conflicts', ru: 'Конфликты' },
  ours: { en: 'what the customer changed', ru: 'что изменил заказчик' },
  theirs: { en: 'what the vendor changed', ru: 'что изменил поставщик' },
  both: { en: 'from the customer’s file to the vendor’s', ru: 'от файла заказчика к файлу поставщика' },
  unseen: {
    en: 'no text, or too large for this page: open the files of the sides',
    ru: 'не текст или слишком велик для этой страницы: откройте файлы сторон',
  },
  more: {
    en: '+ {count} more files, too many for this page',
    ru: '+ {count}: ещё файлы, слишком много для этой страницы',
  },
} satisfies Record<string, Text>;

/** `languages`: each sentence in all of them. Who will read the page of a run is not known. */
export async function comparePage(
  trees: Trees,
  open: readonly Laid[],
  legacy: LegacyEncoding,
  languages: readonly Language[],
): Promise<string> {
  const style = await readFile(
    createRequire(import.meta.url).resolve('diff2html/bundles/css/diff2html.min.css'),
    'utf8',
  );
  const say: Say = (said) =>
    languages.map((one) => `<span lang="${one}">${escaped(fill(said, said.values ?? {}, one))}</span>`).join(' / ');
  const parts: string[] = [];
  for (const one of open.slice(0, mostFiles)) parts.push(section(trees, one, legacy, say));
  if (open.length > mostFiles)
    parts.push(`<p>${say({ ...titles.more, values: { count: open.length - mostFiles } })}</p>`);
  // The library's own heads of files are in English, and shorten paths.
  return `<!doctype html>
<html lang="${languages[0] ?? 'en'}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${languages.map((one) => titles.page[one]).join(' / ')}</title>
<style>${style}
body { font-family: system-ui, sans-serif; margin: 2rem; }
section { margin-bottom: 3rem; }
.d2h-file-header { display: none; }
</style>
</head>
<body>
<h1>${say(titles.page)}: ${open.length}</h1>
${parts.join('\n')}
</body>
</html>
`;
}

type Say = (said: Said) => string;

function section(trees: Trees, one: Laid, legacy: LegacyEncoding, say: Say): string {
  const names = one.clash && clashNames(one.clash);
  return `<section>
<h2>${escaped(names ? `${names.ours.join(', ')} ↔ ${names.theirs.join(', ')}` : one.path)}</h2>
<p>${say(kindSaid(one.kind ?? 'both-changed', names))}</p>
${compared(trees, one, legacy, say)}
</section>`;
}

function compared(trees: Trees, { path, at, clash }: Laid, legacy: LegacyEncoding, say: Say): string {
  // Several files of a side have no single other to be compared with.
  if (clash && clash.ours.length + clash.theirs.length > 2) return '';
  const contents = contentsOf(trees, at);
  const [base, ours, theirs] = [contents.base, contents.ours, contents.theirs].map((content) => shown(content, legacy));
  if (typeof base !== 'string' || typeof ours !== 'string' || typeof theirs !== 'string')
    return `<p>${say(titles.unseen)}</p>`;
  const compare = (before: string, after: string, title: Text): string =>
    `<h3>${say(title)}</h3>\n${html(createTwoFilesPatch(path, path, before, after), { drawFileList: false, outputFormat: 'side-by-side', matching: 'lines' })}`;
  return at.base === undefined
    ? compare(ours, theirs, titles.both)
    : compare(base, ours, titles.ours) + compare(base, theirs, titles.theirs);
}

/** Empty where that side has no file; null for what cannot be shown. */
function shown(content: Buffer | null, legacy: LegacyEncoding): string | null {
  if (content === null) return '';
  const text = content.length > largest ? null : readText(content);
  const read =
    text?.encoding === 'legacy' ? (line: string): string => fromLegacy(line, legacy) : (line: string) => line;
  return text && text.lines.map((line) => `${read(line)}\n`).join('');
}

const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
