import { defineErrors } from './define.ts';

export const bpmsoftErrors = defineErrors({
});
