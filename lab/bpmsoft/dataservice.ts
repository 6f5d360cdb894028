/**
 * DataService and OData of the stand-in, strict about what they are given: unknown entities and columns are refused with
 * HTTP 200 and success=false, an empty filter hits every row. Follows clio (ServiceUrlBuilder.cs, SelectQuery bodies) and
 * Creatio Academy (OData 4).
 */
import pg from 'pg';
import { z } from 'zod';

const column = z.object({ expressionType: z.literal(0), columnPath: z.string() });
const parameter = z.object({
  expressionType: z.literal(2),
  parameter: z.object({ dataValueType: z.number(), value: z.union([z.string(), z.number(), z.boolean(), z.null()]) }),
});
const filters = z
  .object({
    filterType: z.literal(6),
    logicalOperation: z.literal(0),
    items: z.record(
      z.string(),
      z.object({
        filterType: z.literal(1),
        comparisonType: z.literal(3),
        leftExpression: column,
        rightExpression: parameter,
      }),
    ),
  })
  .optional();
const select = z.object({
  rootSchemaName: z.string(),
  operationType: z.literal(0),
  rowCount: z.number(),
  columns: z.object({ items: z.record(z.string(), z.object({ expression: column })) }),
  filters,
});
const update = z.object({
  rootSchemaName: z.string(),
  operationType: z.literal(2),
  columnValues: z.object({ items: z.record(z.string(), parameter) }),
  filters,
});

const id = pg.escapeIdentifier;
const largestReply = 20_000;

/** The JSON reply of one request. */
export async function dataService(pool: pg.Pool, kind: string, body: unknown): Promise<object> {
  try {
    if (kind === 'SelectQuery') {
      const query = select.parse(body);
      const names = Object.entries(query.columns.items).map(
        ([alias, { expression }]) => `${id(expression.columnPath)} as ${id(alias)}`,
      );
      const values: unknown[] = [];
      const limit = query.rowCount > 0 ? Math.min(query.rowCount, largestReply) : largestReply;
      const { rows } = await pool.query(
        `select ${names.join(', ')} from ${id(query.rootSchemaName)}${where(query.filters, values)} limit ${limit}`,
        values,
      );
      return { success: true, rows, rowsAffected: rows.length };
    }
    if (kind === 'UpdateQuery') {
      const query = update.parse(body);
      const values: unknown[] = [];
      const set = Object.entries(query.columnValues.items).map(
        ([
          name,
          {
            parameter: { value },
          },
        ]) => `${id(name)} = $${values.push(value)}`,
      );
      const { rowCount } = await pool.query(
        `update ${id(query.rootSchemaName)} set ${set.join(', ')}${where(query.filters, values)}`,
        values,
      );
      return { success: true, rowsAffected: rowCount ?? 0 };
    }
    return refusal(`${kind} is not known`);
  } catch (error) {
    return refusal(error instanceof Error ? error.message : String(error));
  }
}

/** `odata/Collection?$filter=Name eq 'x'&$select=Name`; only equality. */
export async function odata(pool: pg.Pool, collection: string, query: URLSearchParams): Promise<object> {
  const names = query.get('$select')?.split(',') ?? [];
  const [, name, text] = /^(\w+) eq '([^']*)'$/.exec(query.get('$filter') ?? '') ?? [];
  const skip = Number(query.get('$skip') ?? 0);
  const top = Number(query.get('$top') ?? largestReply);
  const { rows } = await pool.query(
    `select ${names.length ? names.map(id).join(', ') : '*'} from ${id(collection)}${name ? ` where ${id(name)}::text = $1` : ''} order by 1 limit ${Math.min(top, largestReply) + 1} offset ${skip}`,
    name ? [text] : [],
  );
  const more =
    rows.length > top
      ? {
          '@odata.nextLink': `http://inner/odata/${collection}?${new URLSearchParams({ ...Object.fromEntries(query), $skip: String(skip + top) })}`,
        }
      : {};
  return { '@odata.context': `odata/$metadata#${collection}`, value: rows.slice(0, top), ...more };
}

function where(given: z.infer<typeof filters>, values: unknown[]): string {
  const parts = Object.values(given?.items ?? {}).map(
    ({ leftExpression, rightExpression }) =>
      `${id(leftExpression.columnPath)}::text = $${values.push(String(rightExpression.parameter.value))}`,
  );
  return parts.length ? ` where ${parts.join(' and ')}` : '';
}

const refusal = (message: string) => ({
  success: false,
  rows: [],
  rowsAffected: 0,
  errorInfo: { errorCode: 'Exception', message, stackTrace: '' },
  responseStatus: { ErrorCode: 'Exception', Message: message },
});
