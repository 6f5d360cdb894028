/** `choices.yaml`: where a person says which side of a file is taken, and who he is. Written once, then it is his. */
import { parse } from 'yaml';
import { z } from 'zod';
import { NakatError } from '../../runbook/errors/index.ts';
import { readOrNull, writeWhole } from '../web/manifest.ts';
import { fill } from '../../runbook/messages/fill.ts';
import { clashNames } from './clashes.ts';
import { kindSaid } from './kinds.ts';
import type { Laid } from './lay-out.ts';
import { sides, type Choice } from './memory.ts';

export interface Choices {
  readonly by: string;
  readonly files: ReadonlyMap<string, Choice>;
}

const shape = z.strictObject({
  by: z.string().nullable(),
  files: z.record(z.string(), z.unknown()),
});
const largest = 4 * 2 ** 20;

type Open = Pick<Laid, 'path' | 'kind' | 'clash'>;

export function choicesText(open: readonly Open[]): string {
  const lines = open.map(({ path, kind, clash }) => {
    const why = kindSaid(kind ?? 'both-changed', clash && clashNames(clash));
    return `  # ${fill(why, why.values ?? {}, 'en')} / ${fill(why, why.values ?? {}, 'ru')}\n  ${JSON.stringify(path)}: ''\n`;
  });
  return `# Write your name, and for each file: ours (the customer's), theirs (the vendor's new one), or edited (as you made it in files/).
# A text in files/ without any conflict marker left counts as edited by itself. Then choose "retry".
#
# Впишите своё имя и для каждого файла: ours (файл заказчика), theirs (новый файл поставщика) или edited (как вы сделали в files/).
# Текст в files/ без меток конфликта считается исправленным и без этого. Затем выберите «retry».
by: ''
files:
${lines.join('')}`;
}

export const writeChoices = (file: string, open: readonly Open[]): Promise<void> => writeWhole(file, choicesText(open));

/** Null where there is none. Throws MERGE_CHOICES_WRONG, MERGE_CHOICE_WITHOUT_CONFLICT, MERGE_CHOICE_UNKNOWN. */
export async function readChoices(file: string, conflicts: ReadonlySet<string>): Promise<Choices | null> {
  const text = await readOrNull(file);
  if (text === null) return null;
  const wrong = (vendor: string): NakatError => new NakatError('MERGE_CHOICES_WRONG', { values: { file }, vendor });
  if (text.length > largest) throw wrong('too large');
  const parsed = shape.safeParse(parsedYaml(text, wrong));
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw wrong(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`);
  }
  const files = new Map<string, Choice>();
  for (const [path, choice] of Object.entries(parsed.data.files)) {
    if (!conflicts.has(path)) throw new NakatError('MERGE_CHOICE_WITHOUT_CONFLICT', { values: { file, path } });
    if (choice === null || choice === '') continue;
    const side = sides.find((one) => one === choice);
    if (!side)
      throw new NakatError('MERGE_CHOICE_UNKNOWN', {
        values: { file, path, choice: JSON.stringify(choice).slice(0, 100), allowed: sides.join(', ') },
      });
    files.set(path, side);
  }
  return { by: parsed.data.by?.trim() ?? '', files };
}

function parsedYaml(text: string, wrong: (problem: string) => NakatError): unknown {
  try {
    return parse(text, { maxAliasCount: 0 });
  } catch (error) {
    throw wrong(error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error));
  }
}
