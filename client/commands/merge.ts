/** merge: a customer's edits and a vendor's new version put together, without a plan and without a server. */
import { resolve } from 'node:path';
import { Option } from 'commander';
import { tellSaid } from '../../runbook/messages/say.ts';
import { mergeTexts } from '../../runbook/messages/merge.ts';
import { cliTexts } from '../../runbook/messages/cli.ts';
import { legacyEncodings, type LegacyEncoding } from '../../runbook/targets/encodings.ts';
import { exitCodes } from '../exit-codes.ts';
import { untilInterrupted, usageError } from '../shell.ts';
import type { Builder } from './builder.ts';
import { checkPage, folderAround } from './merge-places.ts';

interface MergeOptions {
  readonly out?: string;
  readonly html?: string;
  readonly encoding: LegacyEncoding;
}

export function addMerge(builder: Builder): void {
  const { t } = builder;
  const command = builder
    .command('merge', mergeTexts.does, [
      'nakat merge old.zip site/account new.zip --out merged',
      'nakat merge old new-of-the-customer new --out merged --html conflicts.html',
      'nakat merge site/account new.zip --out merged --json',
    ])
    .argument('<sides...>', t(mergeTexts.sides))
    .option('--out <folder>', t(mergeTexts.out))
    .option('--html <file>', t(mergeTexts.html))
    .addOption(
      new Option('--encoding <name>', t(mergeTexts.encoding, { choices: legacyEncodings.join(', ') }))
        .choices(legacyEncodings)
        .default('windows-1251'),
    );
  builder.act(command, async (shell, { out, html, encoding }: MergeOptions, sides: string[]) => {
    if (sides.length < 2 || sides.length > 3) throw usageError('merge', shell.text(mergeTexts.count));
    if (out === undefined) throw usageError('merge', shell.text(mergeTexts.outMissing));
    const [theirs = '', ours = '', base] = sides.map((path) => resolve(path)).reverse();
    const within = await folderAround(resolve(out), sides);
    if (within !== undefined) throw usageError('merge', shell.text(mergeTexts.outWithin, { side: within }));
    if (html !== undefined) await checkPage(shell, html, out, sides);
    const { kindSaid, mergeFolders } = await import('../../activities/customizations/merge-folders.ts');
    const page = html === undefined ? undefined : { file: html, language: shell.language };
    const merged = await untilInterrupted((signal) =>
      mergeFolders({ base: base ?? null, ours, theirs, out: resolve(out), page, encoding }, signal),
    );
    const { conflicts } = merged;
    shell.document({ ...merged, html: conflicts.length > 0 ? (html ?? null) : null });
    shell.say([
      ...Object.entries(merged.tops).map(([side, folder]) => shell.text(mergeTexts.top, { side, folder })),
      ...Object.entries(merged.files).map(
        ([fate, count]) => `${String(count).padStart(7)}  ${shell.text(mergeTexts[fate as keyof typeof mergeTexts])}`,
      ),
      ...merged.merged.map((path) => `         ${path}`),
      ...(merged.moved.length > 0 ? [shell.text(mergeTexts.moved)] : []),
      ...merged.moved.map(({ from, to }) => `  ${from} → ${to}`),
      conflicts.length === 0
        ? shell.paint.green(shell.text(mergeTexts.clean))
        : shell.paint.red(shell.text(mergeTexts.conflicts, { count: conflicts.length })),
      ...conflicts.map(({ path, kind, names }) => `  ${path}: ${tellSaid(kindSaid(kind, names), shell.language)}`),
      shell.text(cliTexts.wrote, { file: merged.out }),
      ...(html === undefined
        ? []
        : [shell.text(conflicts.length > 0 ? cliTexts.wrote : mergeTexts.htmlNone, { file: html })]),
    ]);
    return conflicts.length === 0 ? exitCodes.ok : exitCodes.stopped;
  });
}
