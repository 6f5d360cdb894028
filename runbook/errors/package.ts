import { defineErrors } from './define.ts';

export const packageErrors = defineErrors({
});
