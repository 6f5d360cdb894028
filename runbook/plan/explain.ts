/** What a schema has to say, in words of a plan's author. */
import type { z } from 'zod';

/** What zod says where an alternative was not told in words of our own. */
const unsaid = 'Invalid input';

/** One issue of a schema in words of a plan's author, where it stands. */
export function explain(issue: z.core.$ZodIssue): { path: readonly PropertyKey[]; message: string }[] {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({ path: [...issue.path, key], message: `unknown key "${key}"` }));
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    // The alternative that came closest says best what was expected.
    const closest = issue.errors.reduce((best, one) => (depth(one) > depth(best) ? one : best));
    if (depth(closest) > 0)
      return closest.flatMap((inner) => explain({ ...inner, path: [...issue.path, ...inner.path] }));
    if (issue.message !== unsaid) return [{ path: issue.path, message: issue.message }];
    const alternatives = issue.errors.map((one) => one.map((inner) => inner.message).join(', '));
    return [{ path: issue.path, message: [...new Set(alternatives)].join('; or: ') }];
  }
  return [{ path: issue.path, message: issue.message }];
}

const depth = (issues: readonly z.core.$ZodIssue[]): number => Math.max(0, ...issues.map((issue) => issue.path.length));
