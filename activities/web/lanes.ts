/** Local files that are open at once, however many calls a remote takes: a system allows a process 1,024. */
export const localFilesAtOnce = 200;

/**
 * Works on all items, so many at once. When one fails no further one is begun, those under way are waited for, and the first failure
 * is thrown: nothing goes on in the background.
 */
export async function atOnce<T>(lanes: number, items: Iterable<T>, work: (item: T) => Promise<unknown>): Promise<void> {
  const left = items[Symbol.iterator]();
  let failure: { error: unknown } | undefined;
  const lane = async (): Promise<void> => {
    for (let next = left.next(); !next.done && !failure; next = left.next()) {
      try {
        await work(next.value);
      } catch (error) {
        failure ??= { error };
      }
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  if (failure) throw failure.error;
}
