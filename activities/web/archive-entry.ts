/** One entry as an archive names it; `content` is read at most once, before the next entry is asked for. */
export interface ArchiveEntry {
  /** Undecoded traps are left in: separators, `..`, control characters. A folder's ends with `/`. */
  readonly path: string;
  readonly kind: 'file' | 'folder' | 'other';
  /** What the archive claims. */
  readonly size: number;
  /** Bytes in the archive, where they are known for one entry. */
  readonly packed?: number;
  readonly executable: boolean;
  readonly content: () => AsyncIterable<Buffer>;
}
