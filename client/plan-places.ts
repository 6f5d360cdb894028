/** Every machine, database, infobase, site and archive in a runbook's parameters, once, as one line each. */
import { cliTexts } from '../runbook/messages/cli.ts';
import { tell, type Language } from '../runbook/messages/say.ts';
import type { Json, Stage } from '../runbook/types.ts';

type Target = Readonly<Record<string, Json>>;

export function placesOf(stages: readonly Stage[], language: Language): string[] {
  const found = new Set<string>();
  const look = (value: Json): void => {
    const place = placeOf(value, language);
    if (place) found.add(place);
    if (value !== null && typeof value === 'object') Object.values(value).forEach(look);
  };
  for (const stage of stages) for (const step of stage.steps) look({ ...step.params });
  return [...found].sort();
}

/** Recognised by the keys that `runbook/targets.ts` gives them. */
function placeOf(value: Json, language: Language): string | null {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return null;
  const target: Target = value;
  const at = (key: string): string => String(target[key] ?? '');
  const line = (kind: keyof typeof cliTexts, ...facts: string[]): string =>
    `${tell(cliTexts[kind], language).padEnd(10)} ${facts.filter(Boolean).join(' · ')}`;
  const backups = (): string => tell(cliTexts.placeBackups, language, { folder: at('backups') });
  if ('via' in value && 'work' in value) {
    const way = at('via') === 'ssh' ? `ssh ${at('user')}@${at('host')}:${at('port')}` : at('via');
    return line('placeMachine', at('name'), way, at('os'), at('work'));
  }
  if ('engine' in value && 'backups' in value)
    return line('placeDatabase', at('name'), `${at('engine')} ${at('user')}@${at('host')}:${at('port')}`, backups());
  if ('platform' in value && 'at' in value)
    return line('placeInfobase', at('name'), whereOf(value['at'] ?? null), at('platform'), backups());
  if ('appcmd' in value && 'pool' in value)
    return line(
      'placeSite',
      at('name'),
      tell(cliTexts.placeLogin, language, {
        user: at('user'),
        url: `${at('url').replace(/\/+$/, '')}/ServiceModel/AuthService.svc/Login`,
      }),
      at('folder'),
      `pool ${at('pool')}`,
      at('binding'),
      backups(),
    );
  if ('sha256' in value && 'path' in value) return line('placeArchive', at('path'), `sha256 ${at('sha256')}`);
  return null;
}

function whereOf(at: Json): string {
  if (at === null || typeof at !== 'object' || Array.isArray(at)) return '';
  return at['kind'] === 'file'
    ? String(at['folder'])
    : `${String(at['server'])}\\${String(at['ref'])}, ras ${String(at['ras'])}`;
}
