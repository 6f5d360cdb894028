import type { Text } from '../types.ts';

export const extensionTexts = {
  title: { en: 'Extension {name} {version} on {system}', ru: 'Расширение {name} {version} на {system}' },
  approval: {
    en: 'Approve production: extension {name} {version} on {system}',
    ru: 'Одобрить установку в рабочую базу: расширение {name} {version} на {system}',
  },
  acceptance: { en: 'Accept {name} {version} on {system}', ru: 'Принять {name} {version} на {system}' },
  installAgain: {
    en: 'Install extension {extension} {version} again in {infobase}, for a look',
    ru: 'Снова установить расширение {extension} {version} в базу {infobase}, для просмотра',
  },
} satisfies Record<string, Text>;
