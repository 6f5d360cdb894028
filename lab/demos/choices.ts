/** What can be demonstrated, and where each practice ground can be made to fail. Light: the command's help reads it. */
export const demoChoices = {
  'bpmsoft-connector': ['compile', 'install', 'integrations', 'settings', 'restore-once'],
  comindware: ['hop', 'link', 'login'],
  custom: ['rehearsal', 'migrate', 'start'],
  customizations: ['conflict', 'undecided', 'page', 'edited'],
  extension: ['applicability', 'licence', 'service-lies', 'session'],
  'zeta-web': ['handlers', 'upload-cut', 'migration', 'layout', 'exchange', 'version-stuck', 'customized'],
} as const satisfies Record<string, readonly string[]>;

export type DemoName = keyof typeof demoChoices;
