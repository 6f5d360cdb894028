/** What can be demonstrated, and where each practice ground can be made to fail. Light: the command's help reads it. */
export const demoChoices = {
  'bpmsoft-connector': ['compile', 'install', 'integrations', 'settings', 'restore-once'],
  custom: ['rehearsal', 'migrate', 'start'],
} as const satisfies Record<string, readonly string[]>;

export type DemoName = keyof typeof demoChoices;
