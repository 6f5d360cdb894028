/** What SQL Server and its driver say, as codes of the catalogue. Numbers: Microsoft Learn, "Database engine events and errors". */
import { type ErrorCode, type ErrorOptions, isNakatError, NakatError } from '../../runbook/errors/index.ts';

interface DriverError {
  readonly message: string;
  readonly code?: string;
  readonly number?: number;
  readonly precedingErrors: readonly DriverError[];
}

export interface Place {
  readonly where: string;
  readonly user: string;
  readonly database: string;
}

/** The driver throws the last error; the cause is in the earlier ones ("… is terminating abnormally" says nothing). */
const asDriverError = (error: unknown): DriverError => {
  const { message, code, number, precedingErrors } = error as {
    message?: unknown;
    code?: unknown;
    number?: unknown;
    precedingErrors?: unknown;
  };
  return {
    message: typeof message === 'string' ? message : String(error),
    ...(typeof code === 'string' ? { code } : {}),
    ...(typeof number === 'number' ? { number } : {}),
    precedingErrors: Array.isArray(precedingErrors) ? precedingErrors.map(asDriverError) : [],
  };
};
const all = (error: DriverError): DriverError[] => [...error.precedingErrors, error];

/** Every message of a failed statement, oldest first: `3201: Cannot open backup device …`. */
export const vendorText = (error: unknown): string =>
  all(asDriverError(error))
    .map((one) => (one.number === undefined ? one.message : `${one.number}: ${one.message}`))
    .join('\n');

export const numbersOf = (error: unknown): number[] => all(asDriverError(error)).flatMap((one) => one.number ?? []);

/** `Operating system error 5(Access is denied.)` in any language of the server. */
const systemErrors = (error: DriverError): number[] =>
  all(error).flatMap((one) =>
    one.number !== undefined && one.number >= 3200
      ? [...one.message.matchAll(/(?<![\w.-])(\d+)\(/g)].map((match) => Number(match[1]))
      : [],
  );

const network = new Set([
  'ESOCKET',
  'ETIMEOUT',
  'ECONNCLOSED',
  'ENOTOPEN',
  'EINSTLOOKUP',
  'ECONNRESET',
  'ECONNREFUSED',
  'ENOCONN',
]);
const byNumber: readonly (readonly [ErrorCode, readonly number[]])[] = [
  ['DATABASE_LOGIN_REFUSED', [18452, 18456, 18470, 18486, 18487, 18488]],
  ['DISK_FULL', [1101, 1105, 3257, 9002]],
  ['DATABASE_PERMISSION_DENIED', [229, 262, 297, 300, 916, 3110, 15247]],
  ['DATABASE_IN_USE', [3101, 5061, 5064, 3702, 1205, 1222]],
  ['BACKUP_DAMAGED', [3183, 3189, 3203, 3241, 3242, 3243, 3246, 3262, 3266, 3268, 3270, 824]],
  ['DATABASE_NOT_FOUND', [911, 2702]],
];

function codeOf(error: DriverError): ErrorCode | null {
  if (all(error).some((one) => one.code === 'ELOGIN')) return 'DATABASE_LOGIN_REFUSED';
  const numbers = new Set(all(error).flatMap((one) => one.number ?? []));
  const system = systemErrors(error);
  // Windows numbers, which SQL Server on Linux keeps: 2 and 3 not found, 5 access denied, 112 disk full.
  if (system.includes(112)) return 'DISK_FULL';
  if (system.includes(2)) return 'BACKUP_NOT_FOUND';
  if (system.includes(3) || system.includes(5)) return 'BACKUP_FOLDER_NOT_WRITABLE';
  for (const [code, ones] of byNumber) if (ones.some((number) => numbers.has(number))) return code;
  if (numbers.size === 0 && all(error).some((one) => one.code !== undefined && network.has(one.code)))
    return 'DATABASE_UNREACHABLE';
  return null;
}

/** `fallback`: the code of the operation, for what is not recognised. */
export function explain(
  error: unknown,
  place: Place,
  fallback: ErrorCode,
  values: ErrorOptions['values'] = {},
): NakatError {
  if (isNakatError(error)) return error;
  const driver = asDriverError(error);
  const code = codeOf(driver) ?? fallback;
  return new NakatError(code, {
    values: {
      database: place.database,
      user: place.user,
      reason: driver.precedingErrors[0]?.message ?? driver.message,
      ...values,
    },
    vendor: vendorText(error),
    where: place.where,
    cause: error,
    // A lost connection in the middle of a statement leaves its outcome open; the next attempt looks.
    ...(code === 'DATABASE_UNREACHABLE' || fallback === 'RESTORE_FAILED' ? { effect: 'unknown' as const } : {}),
  });
}
