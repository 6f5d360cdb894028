/** Kinds of conflicts, as people are told. */
import type { Text } from '../../runbook/types.ts';
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
};
