/** A test site made from a production one: files, connection strings, pool, site and applications. */
import { NakatError } from '../../runbook/errors/index.ts';
import type { SiteTarget } from '../../runbook/targets/index.ts';
import type { Machine } from '../machines/machine.ts';
import { machineFor } from '../machines/pool.ts';
import { nameFor, type StepActivity } from '../step.ts';
import { pointConnectionStrings } from './connection-strings.ts';
import { follow } from '../generic/trees.ts';
import { Iis } from './iis.ts';

/** In the folder of every site that nakat made: only those are ever replaced. */
const markFile = '.nakat-site.json';
interface Mark {
  readonly site: string;
  readonly run: string;
}

export const createSite: StepActivity<'createSite'> = async ({ site, from, database }, _uses, context) => {
  const machine = await machineFor(site.machine, context);
  const iis = new Iis(machine, site.appcmd);
  const mark = await readMark(machine, site);
  await mustBeFree(machine, iis, site, mark);
  if (mark?.run !== context.run) {
    const fresh = `${site.folder}.nakat-new`;
    const job = nameFor(context, 'create-site');
    await machine.remove(fresh);
    await machine.forgetJob(job);
    await machine.copyFolder(from.folder, fresh, job, follow(context));
    await machine.forgetJob(job);
    const password = database.password ? await context.secret(database.password) : undefined;
    await pointFolder(machine, fresh, (xml) => pointConnectionStrings(xml, database, password, site.redisDb));
    await machine.writeFile(
      machine.join(fresh, markFile),
      JSON.stringify({ site: site.name, run: context.run } satisfies Mark),
    );
    if (await iis.site(site.name)) await iis.stop(site.name, site.pool);
    await machine.remove(site.folder);
    await machine.rename(fresh, site.folder);
  }
  await iis.addPool(site.pool, from.layout === 'framework' ? 'v4.0' : '');
  await iis.addSite(site.name, site.binding, site.folder, site.pool);
  await iis.setBindings(site.name, site.binding);
  for (const { path } of await iis.applications(from.name)) {
    const folder = path === '/' ? null : await iis.folder(from.name, path);
    if (folder) await iis.addApplication(site.name, path, underTestFolder(folder, from, site), site.pool);
  }
  await iis.stop(site.name, site.pool);
  await grantPool(machine, site);
  return { site: site.name, folder: site.folder, binding: site.binding };
};

/** The same place below the test site's folder; a folder outside production's own stays (it was not copied, and must not be written to). */
function underTestFolder(folder: string, from: SiteTarget, site: SiteTarget): string {
  const below = folder.toLowerCase().startsWith(from.folder.toLowerCase());
  if (!below)
    throw new NakatError('SITE_FOLDER_DIFFERS', { values: { site: from.name, actual: folder, planned: from.folder } });
  return site.folder + folder.slice(from.folder.length);
}

async function readMark(machine: Machine, site: SiteTarget): Promise<Mark | null> {
  const file = machine.join(site.folder, markFile);
  return (await machine.stat(file)) === null
    ? null
    : (JSON.parse((await machine.readFile(file, 10_000)).toString('utf8')) as Mark);
}

async function mustBeFree(machine: Machine, iis: Iis, site: SiteTarget, mark: Mark | null): Promise<void> {
  const refuse = (found: string): NakatError =>
    new NakatError('SITE_NOT_OURS', { values: { site: site.name, found }, where: machine.name });
  // Stopping the pool stops everything in it.
  const strangers = (await iis.sitesOfPool(site.pool)).filter((name) => name.toLowerCase() !== site.name.toLowerCase());
  if (strangers.length > 0) throw refuse(`${site.pool}: ${strangers.join(', ')}`);
  if (mark !== null && mark.site === site.name) return;
  if ((await machine.stat(site.folder)) !== null) throw refuse(site.folder);
  const folder = await iis.folder(site.name, '/');
  // Between the removal of the old folder and the renaming of the new one a kill leaves the site without it: its own name says enough.
  if (folder !== null && folder.toLowerCase() !== site.folder.toLowerCase()) throw refuse(folder);
}

/** The pool's own account writes below the folder (logs, compiled configuration), as BPMSoft's installers allow it. */
async function grantPool(machine: Machine, site: SiteTarget): Promise<void> {
  const command = ['icacls', site.folder, '/grant', `IIS AppPool\\${site.pool}:(OI)(CI)F`, '/Q'];
  const { code, stdout, stderr } = await machine.run(command);
  if (code !== 0)
    throw new NakatError('WEB_SERVER_REFUSED', {
      values: { command: command.join(' ') },
      vendor: stderr || stdout,
      where: machine.name,
    });
}

/** The root's file, and that of the web application folder where it has one of its own. */
async function pointFolder(machine: Machine, folder: string, point: (xml: string) => string): Promise<void> {
  const folders = [folder, machine.join(folder, 'BPMSoft.WebApp'), machine.join(folder, 'Terrasoft.WebApp')];
  for (const [at, one] of folders.entries()) {
    const file = machine.join(one, 'ConnectionStrings.config');
    if ((await machine.stat(file)) === null) {
      if (at === 0) throw unreadable(machine, folder, 'there is none');
      continue;
    }
    const text = (await machine.readFile(file, 1_000_000)).toString('utf8');
    let pointed: string;
    try {
      pointed = point(text);
    } catch (error) {
      throw unreadable(machine, one, error instanceof Error ? error.message : String(error));
    }
    await machine.writeFile(file, pointed);
  }
}

const unreadable = (machine: Machine, folder: string, problem: string): NakatError =>
  new NakatError('CONNECTION_STRINGS_UNREADABLE', { values: { folder, problem }, where: machine.name });
