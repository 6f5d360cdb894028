/** The pages of a site that are compared before and after, as a plan writes them. */
import { z } from 'zod';
import { pageCheck } from '../targets/index.ts';
import { duration } from './common.ts';

const { mask } = pageCheck.shape;

export const pages = pageCheck.extend({
  user: pageCheck.shape.user.default(''),
  browser: pageCheck.shape.browser.default(''),
  pages: z
    .array(z.strictObject({ path: z.string().min(1), mask: mask.default([]) }))
    .min(1)
    .max(200),
  widths: pageCheck.shape.widths.default([1280, 390]),
  height: pageCheck.shape.height.default(900),
  mask: mask.default([]),
  timeout: duration.default(30),
  tolerance: pageCheck.shape.tolerance.default(0.001),
  color: pageCheck.shape.color.default(0.1),
});
