/**
 * What 1C's folder of a template says of the release in it: `1cv8.mft`, lines `Name=`, `Version=`, `AppVersion=` (the lowest platform), then
 * sections that do not concern an update. Seen in folders that 1C and its partners ship; a file that was taken out of its
 * folder has none beside it, and that is no mistake.
 */
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, posix, win32 } from 'node:path';
import { NakatError } from '../../runbook/errors/index.ts';
import type { ParamsOf } from '../../runbook/steps/index.ts';
import type { OnecFile } from '../../runbook/targets/index.ts';
import { compareVersions, isVersion, sameVersion } from '../../runbook/versions.ts';
import type { Onec } from './onec.ts';
import { decodeLog } from './text.ts';

/** Throws UPDATE_FILE_WRONG, PLATFORM_TOO_OLD. */
export async function checkTemplate(
  onec: Onec,
  { file, name, to }: Pick<ParamsOf<'checkUpdateFile'>, 'file' | 'name' | 'to'>,
): Promise<void> {
  const { machine, target } = onec;
  const text = await beside(onec, file);
  if (text === null) return;
  const says = entriesOf(text);
  const wrong = (found: string, wanted: string): NakatError =>
    new NakatError('UPDATE_FILE_WRONG', {
      values: { file: file.path, reason: `1cv8.mft: ${found} instead of ${wanted}` },
      where: file.at === 'machine' ? machine.name : 'nakat',
    });
  const [product, version, needed] = ['name', 'version', 'appversion'].map((key) => says.get(key) ?? '');
  if (product && bare(product) !== bare(name)) throw wrong(product, name);
  if (version && !sameVersion(version, to)) throw wrong(version, to);
  const installed = /\d+(?:\.\d+){3}/.exec(target.platform)?.[0];
  // A folder that names no version says nothing: 1C itself would refuse then.
  if (!needed || installed === undefined || !isVersion(needed) || compareVersions(needed, installed) <= 0) return;
  throw new NakatError('PLATFORM_TOO_OLD', {
    values: { infobase: target.name, version: to, needed, installed },
    where: machine.name,
  });
}

/** Some write the name that people read, with spaces. */
const bare = (text: string): string => text.replaceAll(/\s/g, '').toLowerCase();

/** Written `1cv8.mft` or `1Cv8.mft`. */
async function beside({ machine }: Onec, { at, path }: OnecFile): Promise<string | null> {
  const isIt = (name: string): boolean => /^1cv8\.mft$/i.test(name);
  if (at === 'worker') {
    const found = (await readdir(dirname(path))).find(isIt);
    return found === undefined ? null : decodeLog(await readFile(join(dirname(path), found)));
  }
  const folder = (machine.os === 'windows' ? win32 : posix).dirname(path);
  const found = (await machine.list(folder)).find(({ name }) => isIt(name));
  return found === undefined ? null : decodeLog(await machine.readFile(machine.join(folder, found.name)));
}

/** Above the first section. */
const entriesOf = (text: string): Map<string, string> =>
  new Map(
    (/^[^[]*/.exec(text)?.[0] ?? '').split(/\r?\n/).flatMap((line): [string, string][] => {
      const [, key, value] = /^\s*(\w+)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
      return key === undefined ? [] : [[key.toLowerCase(), value!]];
    }),
  );
