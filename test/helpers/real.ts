/** Tests against real servers are skipped where there is none, except where skipping would hide something (NAKAT_REQUIRE_REAL). */

/** True when the real thing was found. With NAKAT_REQUIRE_REAL set, a missing one is an error instead of a skipped test. */
export function requireReal(name: string, found: unknown): boolean {
  if (found) return true;
  if (process.env.NAKAT_REQUIRE_REAL) throw new Error(`${name} was not found, and NAKAT_REQUIRE_REAL is set`);
  return false;
}
