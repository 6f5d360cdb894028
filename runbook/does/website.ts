import type { exchangeSteps } from '../steps/exchange.ts';
import type { ParamsOf } from '../steps/index.ts';
import type { websiteSteps } from '../steps/website.ts';
import type { RowValue, WebRequest, WebSite, WebSwitch, DatabaseTarget } from '../targets/index.ts';
import type { DoesTable } from './define.ts';
import { counted, dialectOf, readWhole, schemaRead, textSought, updated } from './dialect.ts';
import { jobsRead } from './onec.ts';

const got = (site: WebSite, path: string): string => `GET ${new URL(path, site.url).href}`;
const asked = (site: WebSite, { method, path, body }: WebRequest): string =>
  `${method} ${new URL(path, site.url).href}${body === '' ? '' : ` ${body}`}`;
const valueRead = (database: DatabaseTarget, { table, column, where }: RowValue): string => {
  const sql = dialectOf(database);
  return sql.say(`SELECT ${sql.quote(column)} FROM ${sql.table(table)}${sql.condition(where)}`);
};

interface Place {
  readonly site: WebSite;
  readonly database: DatabaseTarget;
}
const switchRead = ({ site, database }: Place, what: WebSwitch): string =>
  what.by === 'row' ? valueRead(database, what.at) : got(site, what.state.path);
const switched = (place: Place, what: WebSwitch, on: boolean): string[] => [
  switchRead(place, what),
  what.by === 'row'
    ? updated(place.database, what.at.table, { [what.at.column]: on ? what.on : what.off }, what.at.where)
    : asked(place.site, on ? what.on : what.off),
  switchRead(place, what),
];

type Exchange = ParamsOf<'readSiteExchange'>;
const journalRead = ({ database, exchange: { journal } }: Exchange): string => {
  const sql = dialectOf(database);
  return sql.say(
    `SELECT ${[journal.status, journal.message, journal.order].map(sql.quote).join(', ')} FROM ${sql.table(journal.table)}`,
  );
};
const spoken = ({ site, exchange: { endpoint } }: Exchange, method: string, mode: string): string[] =>
  endpoint ? [`${method} ${new URL(endpoint.path, site.url).href}?type=${endpoint.type}&mode=${mode}`] : [];

export const websiteDoes: DoesTable<keyof typeof websiteSteps | keyof typeof exchangeSteps> = {
  checkWebSite: ({ site }) => [got(site, site.version.path)],
  checkWebVersion: ({ site, expected }) => [`${got(site, site.version.path)} = ${expected}`],
  readSchema: ({ database, version }) => [valueRead(database, version), schemaRead(database)],
  compareSchema: ({ database, release }) => [`${schemaRead(database)} ↔ ${release}`],
  awaitMigration: ({ site, database, version, expected, settle }) => [
    got(site, ''),
    `${valueRead(database, version)} = ${expected}`,
    `${schemaRead(database)} (the same for ${settle} s)`,
  ],
  checkAsRehearsed: () => [],
  proveWebHarmless: ({ database, infobase, tree, files, forbidden, rows, site, exchange }) => [
    ...files.map((file) => `${tree.name}: read ${file}`),
    ...forbidden.map((text) => textSought(database, text)),
    ...[...new Set(rows.map(({ table }) => table))].map((table) => readWhole(database, table)),
    switchRead({ site, database }, exchange),
    ...jobsRead(infobase),
  ],
  closeWebSite: ({ door, ...at }) => switched(at, door, false),
  openWebSite: ({ door, ...at }) => switched(at, door, true),
  readSiteExchange: (on) => [switchRead(on, on.exchange.switch), journalRead(on)],
  checkSiteExchange: (on) => [
    switchRead(on, on.exchange.switch),
    journalRead(on),
    ...spoken(on, 'GET', 'checkauth').map((line) => `${line} (must let in)`),
  ],
  switchSiteExchangeOff: (on) => [
    ...switched(on, on.exchange.switch, false),
    ...spoken(on, 'GET', 'checkauth').map((line) => `${line} (must refuse)`),
    ...(on.settle > 0 ? [journalRead(on)] : []),
  ],
  switchSiteExchangeOn: (on) => switched(on, on.exchange.switch, true),
  runExchange: ({ start, tables, ...on }) => [
    ...(start.by === 'protocol'
      ? [
          ...spoken(on, 'GET', 'checkauth'),
          ...spoken(on, 'GET', 'init'),
          ...start.files.flatMap((file) => [
            ...spoken(on, 'POST', `file&filename=${file}`),
            ...spoken(on, 'GET', `import&filename=${file}`),
          ]),
        ]
      : []),
    journalRead(on),
    ...tables.map((table) => counted(on.database, table)),
  ],
};
