/** An error as the server reports it; numbers and texts from Microsoft Learn, "Database engine events and errors". */
export class SqlError extends Error {
  readonly number: number;
  readonly severity: number;
  /** Messages before it: the cause stands in the first one. */
  readonly before: readonly SqlError[];

  constructor(number: number, text: string, severity = 16, before: readonly SqlError[] = []) {
    super(text);
    this.number = number;
    this.severity = severity;
    this.before = before;
  }
}

/** BACKUP and RESTORE end with 3013; what went wrong was said before. */
export const terminating = (command: string, cause: SqlError): SqlError =>
  new SqlError(3013, `${command} is terminating abnormally.`, 16, [...cause.before, cause]);
