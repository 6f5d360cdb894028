/** A runbook made for an update that was found: whoever decides reads what it is, and is asked at the right moment. Pure. */
import { fill } from '../errors/index.ts';
import { watchTexts } from '../messages/watch.ts';
import type { DecisionRule, Runbook, Said } from '../types.ts';
import type { Found } from './state.ts';

const week = 7 * 86_400;

/**
 * `rehearse`: the approval of production is the question, and the rehearsal has run when it is asked. Else the question
 * `install` comes first, to the same people, after the preflight, which only reads.
 */
export function asOffer(runbook: Runbook, found: Found, rehearse: boolean): Runbook {
  const text = describe(runbook, found);
  const approval = runbook.decisions.find((rule) => rule.kind === 'approval');
  if (rehearse && approval)
    return {
      ...runbook,
      decisions: runbook.decisions.map((rule) => (rule === approval ? { ...rule, text: rule.text ?? text } : rule)),
    };
  const { name, version } = runbook.update;
  const install: DecisionRule = {
    id: 'install',
    before: rehearse ? 'production' : 'rehearsal',
    kind: 'approval',
    title: { ...watchTexts.install, values: { name, version, system: runbook.system } },
    text,
    choices: ['install', 'refuse'],
    deadline: approval?.deadline ?? week,
    atDeadline: 'refuse',
    by: approval?.by ?? [],
    needed: 1,
    excludeInitiator: false,
  };
  return { ...runbook, decisions: [install, ...runbook.decisions] };
}

function describe(runbook: Runbook, found: Found): Said {
  const { name, version } = runbook.update;
  const both = (language: 'en' | 'ru'): string => {
    const algorithm = found.checkedBy?.toUpperCase().replace('SHA', 'SHA-') ?? '';
    const how =
      found.checkedBy === null
        ? watchTexts.unchecked
        : found.checkedBy === 'sha256'
          ? watchTexts.checkedStrong
          : watchTexts.checkedWeak;
    return fill(
      watchTexts.offered,
      { service: found.service, name, version, checked: fill(how, { algorithm }, language) },
      language,
    );
  };
  // The vendor's words are a value: they are never read as a template.
  if (found.changes === '')
    return { en: '{offered}', ru: '{offeredRu}', values: { offered: both('en'), offeredRu: both('ru') } };
  return {
    en: watchTexts.changes.en,
    ru: watchTexts.changes.ru.replace('{offered}', '{offeredRu}'),
    values: { offered: both('en'), offeredRu: both('ru'), changes: found.changes },
  };
}

/** The same words for a notice. */
export const offerLines = (runbook: Runbook): Said[] =>
  runbook.decisions.flatMap((rule) => (rule.kind === 'approval' && rule.text ? [rule.text] : []));
