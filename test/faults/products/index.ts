/** Every recipe has a line here: its steps are part of the matrix. */
import type { FaultProduct } from '../product.ts';
import { bpmsoftConnector } from './bpmsoft-connector.ts';
import { comindwareInstance } from './comindware-instance.ts';
import { custom } from './custom.ts';
import { onecExtension } from './onec-extension.ts';
import { customizations } from './customizations.ts';
import { zetaWeb } from './zeta-web.ts';

export const products: readonly FaultProduct[] = [
  bpmsoftConnector,
  comindwareInstance,
  custom,
  customizations,
  onecExtension,
  zetaWeb,
];
