/** What a person let pass when he left the comparison of the rehearsal out: that, and no more, passes in production too. */
import type { Failure } from '../../runbook/types.ts';
import { readFolder, type Compared } from './store.ts';

/** The findings of the comparison that was left out; none where it failed otherwise, or its list is not as it was. */
export const readLetPass = async (rehearsed: Failure | undefined): Promise<readonly Compared[]> => {
  if (rehearsed?.code !== 'PAGES_DIFFER') return [];
  const { folder, sha256 } = rehearsed.values;
  const found = typeof folder === 'string' ? await readFolder(folder) : null;
  return found && found.sha256 === sha256 ? (found.index.compared ?? []) : [];
};

const differs = (finding: string): boolean => finding.startsWith('≠ ');

/** The same page at the same width, a difference that is no larger (beyond the tolerance), and errors that were there word for word. */
export const withoutAccepted = (one: Compared, letPass: readonly Compared[], tolerance: number): Compared => {
  const then = letPass.find(({ path, width }) => path === one.path && width === one.width);
  if (!then) return one;
  const passes = (finding: string): boolean =>
    differs(finding)
      ? then.findings.some(differs) && one.share <= then.share + tolerance
      : then.findings.includes(finding);
  const accepted = one.findings.filter(passes);
  return accepted.length === 0
    ? one
    : { ...one, findings: one.findings.filter((finding) => !passes(finding)), accepted };
};
