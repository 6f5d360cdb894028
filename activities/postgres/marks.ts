/**
 * Nakat writes on the databases it makes what they are, as a comment. So a later call, of whatever process, knows what an
 * earlier one had reached.
 */
import { id, literal, type Session } from './server.ts';

export type Mark =
  /** Being filled by pg_restore; never used. */
  | { readonly state: 'making'; readonly id: string }
  /** Whole, waiting for the switch. */
  | { readonly state: 'ready'; readonly id: string }
  | { readonly state: 'snapshot'; readonly id: string }
  /** Replaced by the operation `id`; to be dropped. */
  | { readonly state: 'old'; readonly id: string }
  /** In place. `id`: the restore or revert that put it there. `made`: nakat made this database, nobody else's was replaced by it. */
  | { readonly state: 'placed'; readonly id: string; readonly made: boolean };

/** What else a comment of the administrator said; it is carried along. */
interface Written {
  readonly nakat: Mark;
  readonly comment?: string;
}

export interface Found {
  readonly mark: Mark | null;
  readonly comment: string;
}

const prefix = 'nakat:';

/** Null: there is no such database. */
export const readMark = async (session: Session, name: string): Promise<Found | null> => {
  const [row] = await session.query<{ comment: string | null }>(
    `SELECT shobj_description(oid, 'pg_database') AS comment FROM pg_database WHERE datname = $1`,
    [name],
  );
  if (!row) return null;
  const comment = row.comment ?? '';
  if (!comment.startsWith(prefix)) return { mark: null, comment };
  try {
    const written = JSON.parse(comment.slice(prefix.length)) as Written;
    return { mark: written.nakat, comment: written.comment ?? '' };
  } catch {
    return { mark: null, comment };
  }
};

export const writeMark = async (session: Session, name: string, mark: Mark, comment = ''): Promise<void> => {
  const written: Written = { nakat: mark, ...(comment === '' ? {} : { comment }) };
  await session.run(`COMMENT ON DATABASE ${id(name)} IS ${literal(prefix + JSON.stringify(written))}`);
};
