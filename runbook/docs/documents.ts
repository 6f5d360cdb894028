/** Everything in `docs/` that is made from the code, by file name. Written by `npm run docs`. */
import { z } from 'zod';
import { recipes } from '../recipes/index.ts';
import { reportSchema } from '../report-schema.ts';
import { errorsDocument } from './errors.ts';
import { stepsDocument } from './steps.ts';

const schemaText = (schema: z.ZodType, io: 'input' | 'output'): string =>
  `${JSON.stringify(z.toJSONSchema(schema, { io }), null, 2)}\n`;

export const documents = (): Record<string, string> => ({
  'errors.md': errorsDocument(),
  'steps.md': stepsDocument(),
  'report.schema.json': schemaText(reportSchema, 'output'),
  // As written in a file, before defaults are filled in.
  ...Object.fromEntries(recipes.map(({ product, plan }) => [`plan.${product}.schema.json`, schemaText(plan, 'input')])),
});
