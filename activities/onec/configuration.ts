/** A configuration and its update: what it is, what differs from the vendor's, and bringing it and the database to a new version. */
import { isNakatError, NakatError } from '../../runbook/errors/index.ts';
import type { Findings } from '../../runbook/results.ts';
import type { ParamsOf } from '../../runbook/steps/index.ts';
import { sameVersion } from '../../runbook/versions.ts';
import { shortened } from '../findings.ts';
import { nameFor } from '../step.ts';
import { designer } from './designer.ts';
import { bring, putFileAway } from './files.ts';
import { ibcmd } from './ibcmd.ts';
import { askInside, type Answers } from './inside.ts';
import { putAway, scratch, type Onec } from './onec.ts';
import { checkTemplate } from './template.ts';
import { decodeLog } from './text.ts';

export interface State extends Omit<Answers['configuration'], 'changed'> {
  /** The main configuration differs from the database's. */
  readonly changed: boolean;
  readonly data: Answers['data'];
}

export async function stateOf(onec: Onec): Promise<State> {
  const [configuration, data] = await askInside(onec, { do: 'configuration' }, { do: 'data' });
  return { ...configuration, data };
}

/** Throws CONFIGURATION_OTHER, CONFIGURATION_UNAPPLIED, CONFIGURATION_HANDLERS_PENDING. */
export async function checkInstalled(onec: Onec, wanted: { name: string; version: string }): Promise<State> {
  const state = await stateOf(onec);
  const values = { infobase: onec.target.name };
  if (state.name !== wanted.name || !sameVersion(state.version, wanted.version))
    throw new NakatError('CONFIGURATION_OTHER', {
      values: { ...values, name: state.name, version: state.version, wanted: `${wanted.name} ${wanted.version}` },
      where: onec.machine.name,
    });
  if (state.changed) throw new NakatError('CONFIGURATION_UNAPPLIED', { values, where: onec.machine.name });
  const pending = state.data.pending ? `${state.data.version} → ${state.version}` : state.data.deferred;
  if (pending !== '')
    throw new NakatError('CONFIGURATION_HANDLERS_PENDING', {
      values: { ...values, state: pending },
      where: onec.machine.name,
    });
  return state;
}

/**
 * One line for every object that differs, as the Designer’s brief report names it. Without the -Include options that report is
 * empty whatever differs (measured on 8.3.27, v8-runner-rust). Where the comparison is refused, support is off or the vendor
 * configuration has another name: that is a finding too, and no failure.
 */
export async function differencesToVendor(onec: Onec, vendor: string): Promise<Findings> {
  const job = nameFor(onec.context, 'compare');
  const report = onec.machine.join(scratch(onec, job), 'report.txt');
  await putAway(onec, job);
  try {
    await designer(onec, job, [
      '/CompareCfg', '-FirstConfigurationType', 'MainConfiguration', '-SecondConfigurationType', 'VendorConfiguration', '-SecondName', vendor,
      '-IncludeChangedObjects', '-IncludeDeletedObjects', '-IncludeAddedObjects', '-ReportType', 'Brief', '-ReportFormat', 'txt', '-ReportFile', report,
    ]); // prettier-ignore
    const lines = differencesIn(decodeLog(await onec.machine.readFile(report)));
    return { lines };
  } catch (error) {
    if (!isNakatError(error) || error.code !== 'ONEC_FAILED') throw error;
    return { lines: [{
      en: 'The configuration cannot be compared with the vendor’s: it is off support, or the vendor configuration is called otherwise. 1C: {text}',
      ru: 'Сравнить конфигурацию с конфигурацией поставщика нельзя: она снята с поддержки, или конфигурация поставщика называется иначе. 1С: {text}',
      values: { text: (error.failure.vendor ?? '').slice(0, 500) },
    }] }; // prettier-ignore
  } finally {
    await putAway(onec, job);
  }
}

const kinds = {
  '***': { en: 'changed: {object}', ru: 'изменён: {object}' },
  '-->': { en: 'only here: {object}', ru: 'только здесь: {object}' },
  '<--': { en: 'only with the vendor: {object}', ru: 'только у поставщика: {object}' },
  '^': { en: 'order changed: {object}', ru: 'порядок изменён: {object}' },
} as const;

/** The tree of a report, without its legend and without the root: a line is `- ***Справочник.Контакты`, a tab per level. */
export function differencesIn(report: string): Findings['lines'] {
  const found = report.split(/\r?\n/).flatMap((line) => {
    const [, kind, object] = /^\t+-\s(\*\*\*|-->|<--|\^)\s?(.+)$/.exec(line) ?? [];
    return kind === undefined || /^(?:Конфигурация|Configuration)\.[^.]+$/.test(object!.trim())
      ? []
      : [{ ...kinds[kind as keyof typeof kinds], values: { object: object!.trim() } }];
  });
  return shortened(found);
}

/** What the file says of itself, and what lies beside it says of it. Throws UPDATE_FILE_WRONG, PLATFORM_TOO_OLD. */
export async function checkFile(
  onec: Onec,
  { file, kind, name, from, to }: ParamsOf<'checkUpdateFile'>,
): Promise<Answers['file']> {
  const place = await bring(onec, file);
  const wrong = (reason: string, vendor?: string): NakatError =>
    new NakatError('UPDATE_FILE_WRONG', {
      values: { file: file.path, reason },
      where: onec.machine.name,
      ...(vendor === undefined ? {} : { vendor }),
    });
  try {
    await checkTemplate(onec, { file, name, to });
    const [found] = await askInside(onec, { do: 'file', path: place, kind });
    const { target, from: sources } = found;
    if (target !== null && target.name !== name) throw wrong(`${target.name} instead of ${name}`);
    if (target !== null && !sameVersion(target.version, to)) throw wrong(`version ${target.version} instead of ${to}`);
    if (sources !== null && !sources.some((one) => one.name === name && sameVersion(one.version, from)))
      throw wrong(`for ${sources.map(({ version }) => version).join(', ') || '—'}, not for ${from}`);
    return found;
  } catch (error) {
    if (isNakatError(error) && error.code === 'ONEC_INSIDE_FAILED')
      throw wrong(`no .${kind} of a configuration`, error.failure.vendor);
    throw error;
  } finally {
    await putFileAway(onec, file, place);
  }
}

/**
 * The main configuration. Nothing tells its version before it is applied, so a file beside the jobs says how far this step has got:
 * what a killed attempt left half done is rolled back and made anew; what somebody else left is refused.
 */
export async function updateMain(onec: Onec, params: ParamsOf<'updateConfiguration'>): Promise<'now' | 'already'> {
  const { machine, context, target } = onec;
  const job = nameFor(context, 'configuration');
  const mark = machine.join(machine.work, 'onec', `${job}${marked}`);
  const values = { infobase: target.name };
  const where = machine.name;
  const known = (await machine.stat(mark)) === null ? '' : (await machine.readFile(mark)).toString('utf8');
  const { state } = await machine.jobStatus(job);
  if (state !== 'running' && state !== 'ended') {
    const before = await stateOf(onec);
    if (sameVersion(before.version, params.to) && !before.changed) return 'already';
    if (!sameVersion(before.version, params.from))
      throw new NakatError('CONFIGURATION_OTHER', {
        values: { ...values, name: before.name, version: before.version, wanted: params.from },
        where,
      });
    if (before.changed && known === 'done') return 'already';
    if (before.changed && known === '') throw new NakatError('CONFIGURATION_UNAPPLIED', { values, where });
    if (before.changed) await rollBack(onec);
  }
  const place = await bring(onec, params.file);
  await machine.writeFile(mark, 'started');
  await change(onec, job, params, place);
  const { changed, version } = await stateOf(onec);
  if (!changed) {
    await putAway(onec, job);
    throw new NakatError('CONFIGURATION_NOT_UPDATED', { values: { ...values, version, wanted: params.to }, where });
  }
  await machine.writeFile(mark, 'done');
  await putAway(onec, job);
  await putFileAway(onec, params.file, place);
  return 'now';
}

/** Ends the name of the file that says how far an update of the main configuration has got. */
const marked = '.mark';

async function change(
  onec: Onec,
  job: string,
  { way, settings, file }: ParamsOf<'updateConfiguration'>,
  place: string,
): Promise<void> {
  const values = { infobase: onec.target.name };
  try {
    if (way === 'update')
      await designer(onec, job, ['/UpdateCfg', place, ...(settings === null ? [] : ['-Settings', settings])]);
    else if (viaDesigner(onec)) await designer(onec, job, ['/LoadCfg', place]);
    else await ibcmd(onec, job, ['infobase', 'config', 'load'], [place]);
  } catch (error) {
    if (!isNakatError(error) || error.code !== 'ONEC_FAILED') throw error;
    const vendor = error.failure.vendor ?? '';
    const options = { where: onec.machine.name, vendor, cause: error };
    if (/в командном режиме|in (?:the )?(?:batch|command) mode/i.test(vendor))
      throw new NakatError('CONFIGURATION_NEEDS_MERGE', { ...options, values });
    if (
      /доступных обновлений|available updates|Неверный формат файла|format of the (?:configuration )?file/i.test(vendor)
    )
      throw new NakatError('UPDATE_FILE_WRONG', {
        ...options,
        values: { file: file.path, reason: 'no update for this configuration, or it is off support' },
      });
    throw error;
  }
}

async function rollBack(onec: Onec): Promise<void> {
  const job = nameFor(onec.context, 'rollback');
  await putAway(onec, job);
  await designer(onec, job, ['/RollbackCfg']);
  await putAway(onec, job);
}

/**
 * The database follows the main configuration: never dynamically, so nobody may be in it. What 1C says of the restructuring
 * is returned. Run again, there is nothing to apply.
 */
export async function updateDatabase(
  onec: Onec,
  { to, warnings }: ParamsOf<'updateDatabaseConfiguration'>,
): Promise<string> {
  const { context, target, machine } = onec;
  const job = nameFor(context, 'database');
  const values = { infobase: target.name };
  // While the job has the infobase for itself, nobody else is let in to look.
  const { state } = await machine.jobStatus(job);
  const before = state === 'running' ? null : await stateOf(onec);
  let said = '';
  if (before === null || before.changed || !sameVersion(before.version, to)) {
    const strict = warnings === 'refuse' ? ['-WarningsAsErrors'] : [];
    const server = target.at.kind === 'server' ? ['-Server'] : [];
    said = await designer(onec, job, ['/UpdateDBCfg', '-Dynamic-', ...strict, ...server]).catch((error: unknown) => {
      if (
        warnings === 'accept' ||
        !isNakatError(error) ||
        error.code !== 'ONEC_FAILED' ||
        !/предупрежд|warning/i.test(error.failure.vendor ?? '')
      )
        throw error;
      throw new NakatError('RESTRUCTURE_WARNINGS', {
        values,
        where: machine.name,
        vendor: error.failure.vendor,
        cause: error,
      });
    });
  }
  await putAway(onec, job);
  const after = await stateOf(onec);
  if (after.changed || !sameVersion(after.version, to))
    throw new NakatError('CONFIGURATION_NOT_UPDATED', {
      values: { ...values, version: after.version, wanted: to },
      where: machine.name,
      vendor: said,
    });
  const folder = machine.join(machine.work, 'onec');
  for (const { name } of (await machine.stat(folder)) === null ? [] : await machine.list(folder))
    if (name.startsWith(nameFor({ ...context, step: '' }, 'configuration')) && name.endsWith(marked))
      await machine.remove(machine.join(folder, name));
  return said;
}

/** Which program changes configurations: as for backups. */
export const viaDesigner = ({ target }: Onec): boolean =>
  target.backup === 'designer' || (target.at.kind === 'server' && target.database === undefined);
