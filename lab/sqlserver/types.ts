/** PostgreSQL types as the SQL Server types that stand for them. */
const names: Readonly<Record<string, string>> = {
  text: 'nvarchar',
  varchar: 'nvarchar',
  bpchar: 'nchar',
  int4: 'int',
  int8: 'bigint',
  int2: 'smallint',
  bool: 'bit',
  bytea: 'varbinary',
  uuid: 'uniqueidentifier',
  timestamp: 'datetime2',
  timestamptz: 'datetimeoffset',
  date: 'date',
  time: 'time',
  numeric: 'decimal',
  float8: 'float',
  float4: 'real',
};
export const sqlType = (pgType: string): string => names[pgType] ?? 'nvarchar';
export const isText = (pgType: string): boolean => ['nvarchar', 'nchar'].includes(sqlType(pgType));

/** `dbo` is PostgreSQL's `public`. */
export const pgSchema = (schema: string): string => (schema.toLowerCase() === 'dbo' ? 'public' : schema);
export const sqlSchema = (schema: string): string => (schema === 'public' ? 'dbo' : schema);
/** Not seen as user tables: here the stand-in keeps extended properties, so that they travel with backups. */
export const propertySchema = 'standin_sys';
