/**
 * Installs a package exactly once, however often it is called. The uploaded file is named after run and step, and the
 * installation log speaks of it: so a log is known to be ours, and an installation under way is followed, never sent
 * again. Three signals must agree: the reply, the verdict in the log, and the version read back (clio polls the same log
 * and looks for the same words, PackageInstaller.cs; the reply may be cut off by a proxy while the installation goes on).
 */
import { NakatError } from '../../runbook/errors/index.ts';
import { note } from '../../runbook/messages/progress.ts';
import type { InstallResult } from '../../runbook/results.ts';
import type { Archive, SiteTarget } from '../../runbook/targets/index.ts';
import { sameVersion } from '../../runbook/versions.ts';
import { nameFor, type StepContext } from '../step.ts';
import { unreachable, type Bpmsoft } from './client.ts';
import { poll, type Limits } from './wait.ts';

type Reply = Awaited<ReturnType<Bpmsoft['install']>> | 'lost';

const succeeded =
  /(application|package|configuration)s? (was |were |has been |have been )?(successfully installed|installed successfully)|install(ation)? (was )?(completed|finished|ended) successfully|успешно установлен|установк\S* (приложени|пакет)\S* (успешно )?заверш/i;
const failed =
  /install(ation|ing)?( of [^\n]*)? (has )?failed|(?<!no )(error|exception)s? (has |have )?occurred|InvalidGZipArchiveException|ошибк\S* (при|во время) установк|установк\S* [^\n]*(не удалась|с ошибк)/i;

/** What an installation log says of its end; undefined: nothing yet. */
export const verdictOf = (log: string): 'ok' | 'failed' | undefined =>
  failed.test(log) ? 'failed' : succeeded.test(log) ? 'ok' : undefined;

/** The part of a log that speaks of this file, from its first mention; undefined: the log is another's. */
const ownPart = (log: string, file: string): string | undefined => {
  const at = log.indexOf(file);
  return at < 0 ? undefined : log.slice(log.lastIndexOf('\n', at) + 1);
};

export async function installOnce(
  site: Bpmsoft,
  target: SiteTarget,
  archive: Archive,
  context: StepContext,
  limits: Limits,
): Promise<InstallResult> {
  const file = `${nameFor(context, archive.name)}.zip`;
  const values = { site: target.name, package: archive.name, version: archive.version };
  const earlier = await site.installLog();
  const own = ownPart(earlier, file);
  const before = await site.packageVersion(archive.name);
  const installed = before !== null && sameVersion(before, archive.version);

  if (own === undefined) {
    if (installed) return { version: before, before, found: 'installed-already', logTail: '' };
    if (earlier.trim() !== '' && verdictOf(earlier) === undefined && (await grows(earlier)))
      throw new NakatError('INSTALL_OTHER_RUNNING', { values, where: target.name });
  } else {
    const verdict = verdictOf(own);
    if (verdict === undefined)
      return judge(
        await follow(
          () => 'lost',
          (log) => ownPart(log, file),
        ),
        null,
      );
    // At a first attempt an old failure of ours means that a person has decided to try once more.
    if (context.attempt > 1 || (verdict === 'ok' && installed)) return judge({ own, reply: 'lost' }, null);
  }

  const sent = await site.upload(archive.path, file, (done, total) =>
    context.progress({ done, total, note: note('uploading') }),
  );
  if (sent !== archive.sha256)
    throw new NakatError('PACKAGE_DIGEST_CHANGED', {
      values: { file: archive.path, found: sent, expected: archive.sha256 },
    });
  // The log as it was before this installation: it stands for a while after the request, and says nothing of it.
  let old = earlier;
  let reply: Reply | undefined;
  context.log('installation sent', { file });
  site.install(file).then(
    (answer) => (reply = answer),
    () => (reply = 'lost'),
  );
  return judge(await follow(() => reply, newPart), before);

  function newPart(log: string): string | undefined {
    if (!log.startsWith(old)) old = '';
    const part = log.slice(old.length);
    return ownPart(part, file) ?? (own === undefined && part !== '' ? part : undefined);
  }

  async function grows(log: string): Promise<boolean> {
    return (
      (await poll(limits.settle, context.signal, async () => ((await site.installLog()) !== log ? true : undefined))) ??
      false
    );
  }

  /** Until log and reply have both spoken, or one of them keeps silent too long. */
  async function follow(
    replied: () => Reply | undefined,
    partOf: (log: string) => string | undefined,
  ): Promise<{ own: string; reply: Reply }> {
    let [text, since, seen] = ['', 0, ''];
    const end = await poll(limits.install, context.signal, async (elapsed) => {
      const log = await site.installLog().catch(unreachable);
      text = (log === undefined ? undefined : partOf(log)) ?? text;
      const [answer, verdict] = [replied(), verdictOf(text)];
      const line = text.trimEnd().split('\n').at(-1)?.trim().slice(0, 160);
      if (line) context.progress({ note: line });
      if (verdict === 'failed' || (answer !== undefined && answer !== 'lost' && !answer.success))
        return { own: text, reply: answer ?? 'lost' };
      if (answer !== undefined && verdict === 'ok') return { own: text, reply: answer };
      const half = verdict === 'ok' || (answer !== undefined && (answer !== 'lost' || text === ''));
      const now = `${text.length} ${String(answer !== undefined)}`;
      if (now !== seen) [seen, since] = [now, elapsed];
      const patience = half ? limits.verdict : answer === 'lost' ? limits.quiet : Infinity;
      return elapsed - since > patience ? { own: text, reply: answer ?? ('lost' as const) } : undefined;
    });
    return end ?? { own: text, reply: replied() ?? 'lost' };
  }

  async function judge(end: { own: string; reply: Reply }, versionBefore: string | null): Promise<InstallResult> {
    const logTail = end.own.slice(-2000);
    const verdict = verdictOf(end.own);
    const refusal = end.reply !== 'lost' && !end.reply.success ? end.reply.message : undefined;
    if (verdict === 'failed' || refusal !== undefined) {
      throw new NakatError('INSTALL_FAILED', {
        values,
        vendor: [refusal, logTail].filter(Boolean).join('\n'),
        where: target.name,
      });
    }
    let version: string | null | undefined;
    // The application may be restarting just now, and the list of packages may be written last.
    await poll(verdict === 'ok' ? limits.settle : 0, context.signal, async () => {
      version = await poll(limits.ready, context.signal, () => site.packageVersion(archive.name).catch(unreachable));
      return version && sameVersion(version, archive.version) ? version : undefined;
    });
    if (verdict === undefined || version === undefined) {
      throw new NakatError('INSTALL_UNKNOWN', {
        values: { ...values, installed: version ?? '?' },
        vendor: logTail,
        where: target.name,
      });
    }
    if (version === null || !sameVersion(version, archive.version)) {
      throw new NakatError('INSTALL_NOT_EFFECTIVE', {
        values: { ...values, installed: version ?? '–' },
        vendor: logTail,
        where: target.name,
      });
    }
    return { version, before: versionBefore, found: 'installed-now', logTail };
  }
}
