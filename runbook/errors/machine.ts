import { defineErrors } from './define.ts';

export const machineErrors = defineErrors({
});
