import type { Text } from '../types.ts';

export const connectorTexts = {
  title: { en: '{name} {version} on {system}', ru: '{name} {version} на {system}' },
  approval: {
    en: 'Approve production: {name} {version} on {system}',
    ru: 'Одобрить установку в рабочую систему: {name} {version} на {system}',
  },
  acceptance: { en: 'Accept {name} {version} on {system}', ru: 'Принять {name} {version} на {system}' },
  supportTest: {
    en: 'Ask the hosting support for a test environment with current data',
    ru: 'Запросить у поддержки хостинга тестовую среду с актуальными данными',
  },
  supportTestText: {
    en: 'Please provide a test environment with the current database of our production system ({system}): we want to rehearse the update of {name} to {version} there.',
    ru: 'Просим предоставить тестовую среду с актуальной базой нашей рабочей системы ({system}): на ней мы проверим обновление {name} до версии {version}.',
  },
  supportProduction: {
    en: 'Agree the production plan with the hosting support',
    ru: 'Согласовать план обновления рабочей системы с поддержкой хостинга',
  },
  supportProductionText: {
    en: 'Please confirm the update of {name} to {version} in our production system ({system}), archive SHA-256 {sha256}. Order: backup of BPMSoft and 1C, install, clear SmrSyncHistory, run integrations, check settings; on failure both systems are restored.',
    ru: 'Просим согласовать обновление {name} до версии {version} в рабочей системе ({system}), SHA-256 архива {sha256}. Порядок: копии баз BPMSoft и 1С, установка, очистка SmrSyncHistory, запуск интеграций, проверка настроек; при неудаче восстанавливаются обе системы.',
  },
} satisfies Record<string, Text>;
