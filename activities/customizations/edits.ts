/** What became of every edit of the customer's, for the report. */
import { dirname } from 'node:path';
import { editFates, type EditedFile, type Edits, type FileTree } from '../../runbook/results.ts';
import type { MergeRecord } from './desk.ts';

/** It stays in the run's history for good: the whole list is in `merge.json`. */
const mostFiles = 200;

export function editsOf({ laid }: Pick<MergeRecord, 'laid'>, { place }: Pick<FileTree, 'place'>): Edits {
  const files = laid.flatMap((one) => editOf(one) ?? []);
  files.sort((a, b) => editFates.indexOf(a.fate) - editFates.indexOf(b.fate));
  return { total: files.length, files: files.slice(0, mostFiles), place: `${dirname(place)}/merge.json` };
}

function editOf({ path, at, fate, resolution }: MergeRecord['laid'][number]): EditedFile | null {
  const { base, ours } = at;
  const byCustomer = base !== undefined && ours !== undefined && base !== ours;
  const known = editFates.find((one) => one === fate) ?? (byCustomer ? 'moved' : null);
  if (known === null) return null;
  const from = [ours, base].find((one) => one !== undefined && one !== path);
  return {
    path,
    fate: known,
    ...(from === undefined ? {} : { from }),
    ...(resolution
      ? {
          decided: {
            choice: resolution.choice,
            by: resolution.by,
            at: Date.parse(resolution.at),
            remembered: resolution.remembered,
          },
        }
      : {}),
  };
}
