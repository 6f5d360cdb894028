/** Kinds of conflicts, as people are told. */
import type { Said, Text } from '../../runbook/types.ts';
import { someOf } from '../web/manifest.ts';
import type { ConflictKind } from './fate.ts';

export const kindTexts: Record<ConflictKind, Text> = {
  'both-changed': { en: 'both changed the same lines', ru: 'обе стороны изменили одни и те же строки' },
  'both-added': {
    en: 'both added it, with different contents',
    ru: 'обе стороны добавили его, но с разным содержимым',
  },
  binary: { en: 'both changed it, and it is no text', ru: 'обе стороны изменили его, и это не текст' },
  'edited-and-removed': {
    en: 'the customer edited it, the new version has it no more',
    ru: 'заказчик правил его, в новой версии его нет',
  },
  'removed-and-changed': {
    en: 'the customer removed it, the new version changed it',
    ru: 'заказчик удалил его, в новой версии он изменён',
  },
  'no-old-version': {
    en: 'it differs, and the vendor’s old version is not at hand',
    ru: 'он отличается, а старой версии поставщика нет',
  },
  'names-collide': {
    en: 'the names of two files differ only in case or are a file and a folder',
    ru: 'имена двух файлов различаются только регистром либо это файл и папка',
  },
  'moved-apart': {
    en: 'both moved one file, to different places',
    ru: 'обе стороны перенесли один файл, но в разные места',
  },
  'removed-and-moved': {
    en: 'the customer removed it, the new version moved it here',
    ru: 'заказчик удалил его, новая версия перенесла его сюда',
  },
};

/** `names`: of names that clash, all of each side. */
export const kindSaid = (
  kind: ConflictKind,
  names?: { readonly ours: readonly string[]; readonly theirs: readonly string[] },
): Said =>
  names
    ? {
        en: `${kindTexts[kind].en}: the customer has {ours}, the vendor has {theirs}`,
        ru: `${kindTexts[kind].ru}: у заказчика {ours}, у поставщика {theirs}`,
        values: { ours: someOf(names.ours), theirs: someOf(names.theirs) },
      }
    : kindTexts[kind];
