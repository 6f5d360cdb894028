/** The recipes that nakat brings along. */
import type { Recipe } from '../recipe.ts';
import { bpmsoftConnector } from './bpmsoft-connector.ts';
import { comindwareInstance } from './comindware-instance.ts';
import { custom } from './custom.ts';
import { customizations } from './customizations.ts';
import { onecExtension } from './onec-extension.ts';
import { zetaWeb } from './zeta-web.ts';

export const recipes: readonly Recipe[] = [
  bpmsoftConnector,
  comindwareInstance,
  custom,
  customizations,
  onecExtension,
  zetaWeb,
];
