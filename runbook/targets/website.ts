/**
 * A web site that exchanges data with 1C over HTTP, and whose database migrates by itself. Its vendors publish neither the
 * page that names the version nor the switch of the exchange, so each of them is a setting.
 */
import { z } from 'zod';
import { secret } from './machine.ts';

const text = z.string().min(1);
/** With one group: what it catches is the value. */
const pattern = text.refine(isPattern, 'expected a regular expression');
const rowCondition = z.record(z.string(), z.string());

function isPattern(source: string): boolean {
  try {
    return new RegExp(source) instanceof RegExp;
  } catch {
    return false;
  }
}

export const webSite = z.strictObject({
  name: text,
  url: z.url().describe('Where visitors reach it.'),
  user: z.string().describe('HTTP Basic, for the pages that nakat opens; empty: none.'),
  password: secret.optional(),
  version: z
    .strictObject({ path: text, pattern })
    .describe('The page that names the version of the files, and how it stands there.'),
});
export type WebSite = z.infer<typeof webSite>;

/** One value in the site's own database. */
export const rowValue = z.strictObject({ table: text, column: text, where: rowCondition });
export type RowValue = z.infer<typeof rowValue>;

export const webRequest = z.strictObject({
  method: z.enum(['GET', 'POST']),
  path: text,
  type: z.string().describe('Content type; empty without a body.'),
  body: z.string(),
});
export type WebRequest = z.infer<typeof webRequest>;

/** Something of the site that is on or off: a row of its database, or two requests to its administration and the page that shows the state. */
export const webSwitch = z.discriminatedUnion('by', [
  z.strictObject({ by: z.literal('row'), at: rowValue, on: z.string(), off: z.string() }),
  z.strictObject({
    by: z.literal('request'),
    on: webRequest,
    off: webRequest,
    state: z.strictObject({ path: text, on: pattern, off: pattern }),
  }),
]);
export type WebSwitch = z.infer<typeof webSwitch>;

/** The exchange with 1C as the site sees it. */
export const siteExchange = z.strictObject({
  switch: webSwitch,
  endpoint: z
    .strictObject({ path: text, type: text, user: text, password: secret })
    .optional()
    .describe('Speaks CommerceML; when the exchange is off it must refuse, which proves it.'),
  journal: z
    .strictObject({
      table: text,
      status: text,
      ok: text,
      failed: text,
      message: text,
      order: text.describe('Column that grows with every exchange: a number or a time.'),
    })
    .describe('Where the site writes down each exchange that has ended.'),
});
export type SiteExchange = z.infer<typeof siteExchange>;

/** How one exchange is brought about. */
export const exchangeStart = z.discriminatedUnion('by', [
  z.strictObject({ by: z.literal('schedule') }),
  z.strictObject({
    by: z.literal('protocol'),
    files: z.array(text).min(1).describe('Sent as 1C would, in this order: `import.xml`, `offers.xml`.'),
  }),
]);
export type ExchangeStart = z.infer<typeof exchangeStart>;

/** Columns by table as the vendor ships them: `{ goods: ['id integer', 'name text'] }`; the types may be left out. */
export const schemaReference = z.record(z.string(), z.array(z.string().min(1)));
export type SchemaReference = z.infer<typeof schemaReference>;
