/** The recipes that nakat brings along. */
import type { Recipe } from '../recipe.ts';
import { bpmsoftConnector } from './bpmsoft-connector.ts';
import { custom } from './custom.ts';
import { onecExtension } from './onec-extension.ts';

export const recipes: readonly Recipe[] = [bpmsoftConnector, custom, onecExtension];
