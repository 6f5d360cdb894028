/** Query bodies of the DataService, and its replies (clio, SelectQuery building blocks and CreatioResponseError.cs). */
import { z } from 'zod';
import { NakatError } from '../../runbook/errors/index.ts';

export type Value = string | number | boolean | null;
/** Values by column; a lookup is given as its display value. */
export type Row = Readonly<Record<string, Value>>;
/** Columns that must be equal to these values, all of them. */
export type Filter = Readonly<Record<string, Value>>;

const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** Enumeration `dataValueType`: 0 Guid, 1 Text, 4 Integer, 12 Boolean. */
const typeOf = (value: Value): number =>
  typeof value === 'boolean'
    ? 12
    : typeof value === 'number'
      ? 4
      : typeof value === 'string' && guid.test(value)
        ? 0
        : 1;
const parameter = (value: Value) => ({ expressionType: 2, parameter: { dataValueType: typeOf(value), value } });
const column = (columnPath: string) => ({ expressionType: 0, columnPath });

const filters = (filter: Filter) => ({
  filterType: 6,
  isEnabled: true,
  logicalOperation: 0,
  items: Object.fromEntries(
    Object.entries(filter).map(([path, value], at) => [
      `filter${at}`,
      {
        filterType: 1,
        comparisonType: 3,
        isEnabled: true,
        trimDateTimeParameterToDate: false,
        leftExpression: column(path),
        rightExpression: parameter(value),
      },
    ]),
  ),
});

export const selectQuery = (entity: string, columns: readonly string[], filter: Filter, rowCount: number) => ({
  rootSchemaName: entity,
  operationType: 0,
  allColumns: false,
  isDistinct: false,
  rowCount,
  rowsOffset: -1,
  isPageable: false,
  ignoreDisplayValues: false,
  columns: {
    items: Object.fromEntries(
      columns.map((path) => [
        path,
        { expression: column(path), orderDirection: 0, orderPosition: -1, isVisible: true },
      ]),
    ),
  },
  filters: filters(filter),
});

/** An update without a filter would change every row of the entity, so it is refused here. */
export function updateQuery(entity: string, set: Row, filter: Filter) {
  if (Object.keys(filter).length === 0) throw new Error(`update of ${entity} without a filter`);
  return {
    rootSchemaName: entity,
    operationType: 2,
    isForceUpdate: false,
    columnValues: { items: Object.fromEntries(Object.entries(set).map(([path, value]) => [path, parameter(value)])) },
    filters: filters(filter),
  };
}

const reply = z.object({
  success: z.boolean(),
  rows: z.array(z.record(z.string(), z.unknown())).nullish(),
  rowsAffected: z.number().nullish(),
  errorInfo: z.object({ message: z.string().nullish() }).nullish(),
  responseStatus: z.object({ Message: z.string().nullish() }).nullish(),
});

/** Refusals come with HTTP 200. Throws SITE_BUSY for those that pass by themselves, else SITE_CALL_FAILED. */
export function readReply(body: unknown, site: string, operation: string): { rows: Row[]; rowsAffected: number } {
  const parsed = reply.safeParse(body);
  const values = { site, operation, status: 200 };
  if (!parsed.success)
    throw new NakatError('SITE_CALL_FAILED', { values, vendor: JSON.stringify(body).slice(0, 500), where: site });
  const { success, rows, rowsAffected, errorInfo, responseStatus } = parsed.data;
  if (!success) {
    const vendor = errorInfo?.message ?? responseStatus?.Message ?? '';
    const passing = /collection was modified|deadlock|timeout/i.test(vendor);
    throw new NakatError(passing ? 'SITE_BUSY' : 'SITE_CALL_FAILED', { values, vendor, where: site });
  }
  return {
    rows: (rows ?? []).map((row) =>
      Object.fromEntries(Object.entries(row).map(([name, value]) => [name, plain(value)])),
    ),
    rowsAffected: rowsAffected ?? 0,
  };
}

const lookup = z.object({ displayValue: z.union([z.string(), z.number()]).nullable() });
function plain(value: unknown): Value {
  if (
    value === undefined ||
    value === null ||
    typeof value === 'string' ||
    typeof value === 'number' ||
    typeof value === 'boolean'
  )
    return value ?? null;
  const parsed = lookup.safeParse(value);
  return parsed.success ? parsed.data.displayValue : JSON.stringify(value);
}
