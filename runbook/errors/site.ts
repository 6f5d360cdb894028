import { defineErrors } from './define.ts';

export const siteErrors = defineErrors({
});
