/** The demonstrations by name; each is loaded only when it is wanted. */
import type { DemoName } from './choices.ts';
import type { Demo } from './demo.ts';

export const demos: Readonly<Record<DemoName, () => Promise<{ demo: Demo }>>> = {
  'bpmsoft-connector': () => import('./bpmsoft-connector.ts'),
  comindware: () => import('./comindware.ts'),
  custom: () => import('./custom.ts'),
  customizations: () => import('./customizations.ts'),
  extension: () => import('./extension.ts'),
  'zeta-web': () => import('./zeta-web.ts'),
};
