import { z } from 'zod';
import { folder, secret } from './machine.ts';

const selectors = z
  .array(z.string().min(1))
  .describe('CSS selectors of what changes by itself: clocks, banners, maps. Painted over before a picture is taken.');

/** Pages of a site that must look the same after an update. The browser and the folder are on the machine where the worker runs. */
export const pageCheck = z.strictObject({
  name: z.string().min(1).describe('How people call the site: `www.example.com`.'),
  url: z.url().describe('What the paths of the pages are relative to.'),
  user: z.string().describe('HTTP Basic, for a site that is closed to visitors; empty: none.'),
  password: secret.optional(),
  browser: z.string().describe('Path of Chromium, Chrome or Edge; empty: found in the usual places.'),
  pages: z
    .array(z.strictObject({ path: z.string().min(1), mask: selectors }))
    .min(1)
    .max(200),
  widths: z
    .array(z.int().min(200).max(4000))
    .min(1)
    .max(6)
    .describe('Of the window, in pixels; every page is taken at each.'),
  height: z.int().min(200).max(4000).describe('Of the window; the picture is of the whole page.'),
  mask: selectors,
  timeout: z.int().min(1).describe('Seconds for one page to be loaded and quiet.'),
  tolerance: z.number().min(0).max(1).describe('Share of a picture’s pixels that may differ: 0.001 is a thousandth.'),
  color: z
    .number()
    .min(0)
    .max(1)
    .describe('How different a pixel must be to count: 0 is any difference, 0.1 hides what the eye does not see.'),
  store: folder.describe('Where the pictures are kept; the report shows them where it can read it.'),
});
export type PageCheck = z.infer<typeof pageCheck>;
