/** Whether a copy of a web site could act on production: what its database, its files and its 1C say. */
import { NakatError } from '../../runbook/errors/index.ts';
import type { ParamsOf } from '../../runbook/steps/index.ts';
import type { DatabaseTarget, WebTree } from '../../runbook/targets/index.ts';
import { findRows, findTexts } from '../checks/harmless.ts';
import { connectDatabase } from '../databases/connect.ts';
import { infobaseJobsDenied } from '../onec/lock.ts';
import type { StepActivity, StepContext } from '../step.ts';
import { withRemote } from '../web/open.ts';
import { readSwitch } from './switch.ts';

/** All findings are collected before it fails, so that one rehearsal shows all of them. */
export const proveWebHarmless: StepActivity<'proveWebHarmless'> = async (params, _uses, context) => {
  const { site, infobase, tree, forbidden, files, rows } = params;
  const database = await connectDatabase(params.database, context);
  const findings = [
    ...shared(params),
    ...(await findInFiles(tree, files, forbidden, context)),
    ...(await findTexts(database, forbidden, (note) => context.progress({ note }))),
    ...(await findRows(database, rows)),
    ...((await readSwitch(params, params.exchange, context)) ? [`the exchange of ${site.name} is on`] : []),
    ...((await infobaseJobsDenied(infobase, context))
      ? []
      : [`infobase ${infobase.name}: scheduled jobs are not denied`]),
  ];
  for (const finding of findings) context.log('the copy is not harmless', { finding });
  if (findings.length > 0)
    throw new NakatError('NOT_HARMLESS', {
      where: site.name,
      values: { count: findings.length, findings: findings.slice(0, 10).join('; ') },
    });
  return { texts: forbidden.length, files: files.length, rows: rows.length, exchange: 'off', jobs: 'denied' };
};

/** What the two have in common although they must not. */
export function shared({
  site,
  database,
  infobase,
  tree,
  production,
}: Pick<ParamsOf<'proveWebHarmless'>, 'site' | 'database' | 'infobase' | 'tree' | 'production'>): string[] {
  const server = ({ host, port, name }: DatabaseTarget): string =>
    `${host.toLowerCase()}:${port}/${name.toLowerCase()}`;
  const findings: string[] = [];
  if (server(database) === server(production.database)) findings.push(`database ${database.name} is production’s`);
  if (new URL(site.url).origin === new URL(production.site.url).origin)
    findings.push(`address ${site.url} is production’s`);
  if (JSON.stringify(infobase.at) === JSON.stringify(production.infobase.at))
    findings.push(`infobase ${infobase.name} is production’s`);
  if (placeOf(tree) !== null && placeOf(tree) === placeOf(production.tree))
    findings.push(`the files of ${tree.name} are production’s`);
  return findings;
}

const placeOf = (tree: WebTree): string | null =>
  tree.via === 'manual'
    ? null
    : `${tree.via === 'ftp' ? `${tree.host}:${tree.port} ${tree.user}` : tree.machine.name} ${tree.folder.replace(/[\\/]+$/, '')}`;

const largest = 1_000_000;

/** A file that is not there says nothing, so it is a finding: the plan named it. */
async function findInFiles(
  tree: WebTree,
  files: readonly string[],
  forbidden: readonly string[],
  context: StepContext,
): Promise<string[]> {
  if (files.length === 0 || tree.via === 'manual') return [];
  return withRemote(tree, context, async (remote) => {
    const known = await remote.look(files);
    const findings: string[] = [];
    for (const file of files) {
      const entry = known.get(file);
      if (entry?.kind !== 'file' || entry.size > largest) {
        findings.push(`${file}: no readable file`);
        continue;
      }
      const pieces: Buffer[] = [];
      await remote.read(file, (piece) => void pieces.push(piece));
      const text = Buffer.concat(pieces).toString('utf8').toLowerCase();
      for (const one of forbidden) if (text.includes(one.toLowerCase())) findings.push(`“${one}” in ${file}`);
    }
    return findings;
  });
}
