/** Backups and restores of a MariaDB or MySQL database. */
import type { MariaDbTarget } from '../targets/index.ts';
import { hashed, joined, on, renamed, written } from './define.ts';
import { dialectOf } from './dialect.ts';

/** The environment and the first arguments that the client programs get: nothing secret is in their arguments. */
const program = (target: MariaDbTarget, tool: string): string[] => [
  ...(target.password ? ['MYSQL_PWD=<secret>'] : []),
  target.tools === '' ? tool : joined(target.machine, target.tools, tool),
  '--no-defaults',
  `--host=${target.host}`,
  `--port=${target.port}`,
  '--protocol=TCP',
  `--user=${target.user}`,
];

export function dumpedByMariaDb(target: MariaDbTarget, id: string): string[] {
  const { machine, name } = target;
  const sql = dialectOf(target);
  const place = joined(machine, target.backups, id);
  return [
    sql.say('SHOW CREATE VIEW, PROCEDURE, FUNCTION, TRIGGER, EVENT <each>'),
    on(
      machine,
      ...program(target, 'mariadb-dump'),
      '--single-transaction',
      '--skip-triggers',
      '--hex-blob',
      `--result-file=${place}.partial/tables.sql`,
      name,
      '<each table>',
    ),
    ...(target.jobs > 1 ? [`or, where they are installed, mydumper and later myloader --threads=${target.jobs}`] : []),
    written(machine, `${place}.partial/objects.json`),
    hashed(machine, `${place}.partial`),
    renamed(machine, `${place}.partial`, place),
  ];
}

export function loadedByMariaDb(target: MariaDbTarget, place: string): string[] {
  const { ask, say, quote } = dialectOf(target);
  const [beside, aside] = [`${target.name}_nk_<hash>`, `${target.name}_old_<hash>`];
  return [
    hashed(target.machine, place),
    ask(`CREATE DATABASE ${quote(beside)}`),
    on(
      target.machine,
      ...program(target, 'mariadb'),
      '--sandbox',
      '--binary-mode',
      `--database=${beside}`,
      '<',
      `${place}/tables.sql`,
    ),
    say('CREATE VIEW, PROCEDURE, FUNCTION, TRIGGER, EVENT <each>', beside),
    ask(`CREATE DATABASE ${quote(aside)}`),
    ask(`KILL <each session of ${target.name}>`),
    ask(`RENAME TABLE <each of ${target.name}> TO ${quote(aside)}.…, <each of ${beside}> TO ${quote(target.name)}.…`),
    say('CREATE VIEW, PROCEDURE, FUNCTION, TRIGGER, EVENT <each>'),
    ask(`DROP DATABASE ${quote(aside)}`),
    ask(`DROP DATABASE ${quote(beside)}`),
  ];
}

export const checkedByServer = (target: MariaDbTarget): string[] => [dialectOf(target).say('CHECK TABLE <each table>')];
