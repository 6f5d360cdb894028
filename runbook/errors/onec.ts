import { defineErrors } from './define.ts';

export const onecErrors = defineErrors({
});
