/** Less than, equal to or greater than 0, as for `sort`. Parts are compared as numbers; missing parts are 0: `1.9` equals `1.9.0`. */
export function compareVersions(left: string, right: string): number {
  const parts = (version: string) => version.trim().split(/[.\-+ ]/).map((part) => Number.parseInt(part, 10) || 0);
  const [a, b] = [parts(left), parts(right)];
  for (let at = 0; at < Math.max(a.length, b.length); at++) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
