import { proofLine } from '../../runbook/messages/proof.ts';
import type { Fingerprint, ProofLine } from '../../runbook/results.ts';
import type { ParamsOf } from '../../runbook/steps/index.ts';
import { connectDatabase } from '../databases/connect.ts';
import { compareDatabases, compareTables, databaseState } from '../databases/fingerprint.ts';
import { machineFor } from '../machines/pool.ts';
import { infobaseFingerprint } from '../onec/fingerprint.ts';
import { proved } from '../proof.ts';
import { filesFingerprint } from '../site/fingerprint.ts';
import type { StepActivity, StepContext } from '../step.ts';

/** All that belongs together is read one after the other: the servers are busy enough, and the result is compared, not timed. */
async function fingerprintOf(target: ParamsOf<'takeFingerprint'>, context: StepContext): Promise<Fingerprint> {
  const databases: Fingerprint['databases'][number][] = [];
  for (const { database: one, tables } of target.databases) {
    context.progress({ note: one.name });
    databases.push(
      await databaseState(await connectDatabase(one, context), tables, {
        signal: context.signal,
        progress: context.progress,
      }),
    );
  }
  const infobases: Fingerprint['infobases'][number][] = [];
  for (const one of target.infobases) {
    context.progress({ note: one.name });
    infobases.push({ name: one.name, ...(await infobaseFingerprint(one, context)) });
  }
  const sites: Fingerprint['sites'][number][] = [];
  for (const one of target.sites) {
    context.progress({ note: one.folder });
    sites.push({ name: one.name, ...(await filesFingerprint(await machineFor(one.machine, context), one.folder)) });
  }
  return { databases, infobases, sites };
}

export const takeFingerprint: StepActivity<'takeFingerprint'> = (params, _uses, context) =>
  fingerprintOf(params, context);

export const proveRestored: StepActivity<'proveRestored'> = async (params, { before }, context) => {
  const [where] = [...params.sites, ...params.databases.map(({ database }) => database), ...params.infobases];
  return proved(compareFingerprints(before, await fingerprintOf(params, context)), where?.name, context);
};

/** One line per version, table and kind of file: what is missing on one side differs too. Names are told apart only where there are several. */
export function compareFingerprints(before: Fingerprint, after: Fingerprint): ProofLine[] {
  return [
    ...pairs(before.databases, after.databases).flatMap(({ of, then, now }) => compareDatabases(then, now, of)),
    ...pairs(before.infobases, after.infobases).flatMap(({ of, then, now }) => [
      proofLine({ kind: 'infobase', of }, then?.generation, now?.generation),
      ...compareTables({ kind: 'infobaseTable', of }, then?.tables, now?.tables),
    ]),
    ...pairs(before.sites, after.sites).map(({ of, then, now }) =>
      proofLine({ kind: 'files', of }, then && filesText(then), now && filesText(now)),
    ),
  ];
}

interface Pair<T> {
  readonly of: string | undefined;
  readonly then: T | undefined;
  readonly now: T | undefined;
}

function pairs<T extends { readonly name: string }>(before: readonly T[], after: readonly T[]): Pair<T>[] {
  const names = [...new Set([...before, ...after].map(({ name }) => name))];
  return names.map((name) => ({
    of: names.length > 1 ? name : undefined,
    then: before.find((one) => one.name === name),
    now: after.find((one) => one.name === name),
  }));
}

const filesText = ({ count, bytes, sha256 }: Fingerprint['sites'][number]): string => `${count}, ${bytes}, ${sha256}`;
