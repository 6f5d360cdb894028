import { defineErrors } from './define.ts';

export const planErrors = defineErrors({
});
