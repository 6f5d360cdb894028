/** The plan that `nakat init` writes: complete, so that it can be checked at once; what must be filled in is marked TODO. */
import { stringify } from 'yaml';
import type { Language } from '../runbook/messages/say.ts';

export interface PlanAnswers {
  system: string;
  url: string;
  host: string;
  engine: 'postgres' | 'sqlserver';
  database: string;
  package: string;
  version: string;
  approvers: string[];
}

const notes = {
  head: {
    en: [
      'The update of one system. `nakat plan` shows what will be done, `nakat check` looks at the live systems.',
      'Secrets are never written here: { env: NAME } or { file: path }, read where they are used.',
    ],
    ru: [
      'Обновление одной системы. `nakat plan` покажет, что будет сделано, `nakat check` осмотрит живые системы.',
      'Секреты сюда не пишут: { env: ИМЯ } или { file: путь }, читаются там, где нужны.',
    ],
  },
  machines: {
    en: [
      'Machines, reached over SSH. Host keys: `ssh-keyscan HOST | ssh-keygen -lf -` (compare them on the machine itself).',
    ],
    ru: ['Машины, доступные по SSH. Ключи: `ssh-keyscan HOST | ssh-keygen -lf -` (сверьте на самой машине).'],
  },
  production: { en: ['What will be updated.'], ru: ['Что будет обновлено.'] },
  test: {
    en: [
      'The copy on which everything is rehearsed. It is made anew by each rehearsal and must not reach production:',
      '`harmless` says which texts are replaced in it and which rows are set.',
    ],
    ru: [
      'Копия, на которой всё репетируется. Каждая репетиция создаёт её заново, и она не должна достигать рабочей системы:',
      '`harmless` — какие тексты в ней заменить и какие строки задать.',
    ],
  },
  connector: {
    en: ['Names inside the connector; compare them with your release.'],
    ru: ['Имена внутри пакета интеграции; сверьте со своим выпуском.'],
  },
  integrations: {
    en: ['Started after the install; each must report success.'],
    ru: ['Запускаются после установки; каждая должна завершиться успешно.'],
  },
  approval: {
    en: [
      'Who approves production after the rehearsal; an empty list: anybody who reaches the server.',
      'Is somebody awake to accept? acceptance: { deadline: 30m, atDeadline: restore }; without it the checks alone accept.',
    ],
    ru: [
      'Кто одобряет обновление после репетиции; пустой список: любой, у кого есть доступ к серверу.',
      'Есть кому принять ночью? acceptance: { deadline: 30m, atDeadline: restore }; без него принимают одни проверки.',
    ],
  },
  window: {
    en: ['Production starts only while update and restore still fit into the window.'],
    ru: ['Обновление начнётся, только если в окно помещаются и оно, и восстановление.'],
  },
} as const;

export function planText(answers: PlanAnswers, language: Language): string {
  const comment = (name: keyof typeof notes): string => notes[name][language].map((line) => `# ${line}\n`).join('');
  const part = (name: keyof typeof notes, value: object): string =>
    `\n${comment(name)}${stringify(value, { lineWidth: 120 })}`;
  const { connector, integrations } = connectorOf();
  return [
    comment('head'),
    stringify({
      nakat: 1,
      product: 'bpmsoft-connector',
      system: answers.system,
      update: { package: answers.package, name: 'SmrConnector', version: answers.version },
    }),
    part('machines', { machines: machinesOf(answers) }),
    part('production', { production: systemOf(answers, false) }),
    part('test', { test: { ...systemOf(answers, true), ...separation(answers) } }),
    part('connector', { connector }),
    part('integrations', { integrations }),
    part('approval', { approval: { by: answers.approvers, needed: 1, expires: '7d' } }),
    part('window', { window: { from: '22:00', to: '06:00', timeZone: 'Europe/Moscow', days: [1, 2, 3, 4, 5] } }),
  ].join('');
}

const machinesOf = ({ host }: PlanAnswers): object => ({
  web: {
    via: 'ssh',
    os: 'windows',
    host,
    user: 'nakat',
    hostKeys: ['SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'],
    auth: { key: { file: 'TODO-private-key' } },
    work: 'C:\\nakat',
    encoding: 'cp866',
  },
});

/** Production, or its test copy: the same shape with other names. */
function systemOf(answers: PlanAnswers, copy: boolean): object {
  const suffix = copy ? '-test' : '';
  const { hostname } = new URL(answers.url);
  const domain = hostname.replace(/^[^.]+/, (first) => first + suffix);
  const url = answers.url.replace(hostname, domain);
  const folder = `C:\\inetpub\\${answers.system}${suffix}`;
  return {
    site: {
      name: `${answers.system}${suffix}`,
      url,
      user: 'Supervisor',
      password: { env: copy ? 'TEST_SITE_PASSWORD' : 'SITE_PASSWORD' },
      machine: 'web',
      pool: `${answers.system}${suffix}`,
      folder,
      binding: `https/*:443:${domain}`,
      ...(copy ? {} : { maintenance: { url: `http://${answers.host}:8099`, binding: 'http/*:8099:' } }),
      redisDb: copy ? 1 : 0,
      backups: 'D:\\backups\\site',
    },
    database: databaseOf(answers, answers.database + suffix),
    infobase: {
      name: `1c${suffix}`,
      machine: 'web',
      platform: 'C:\\Program Files\\1cv8\\8.3.25.1560\\bin',
      at: { kind: 'server', server: 'localhost', ref: `erp${suffix}` },
      user: 'nakat',
      password: { env: 'INFOBASE_PASSWORD' },
      // Past the cluster: people work during the rehearsal, and the Designer would want the infobase for itself.
      backup: 'ibcmd',
      database: databaseOf(answers, `erp${suffix}`),
      backups: 'D:\\backups\\1c',
    },
  };
}

const databaseOf = ({ engine }: PlanAnswers, name: string): object => ({
  engine,
  host: 'TODO-database-server',
  name,
  user: 'nakat',
  password: { env: 'DATABASE_PASSWORD' },
  backups: engine === 'postgres' ? 'D:\\backups\\postgres' : 'D:\\backups\\sql',
  ...(engine === 'postgres' ? { machine: 'web' } : {}),
});

function separation({ url }: PlanAnswers): object {
  const { hostname } = new URL(url);
  return {
    harmless: {
      replace: [{ from: hostname, to: hostname.replace(/^[^.]+/, (first) => `${first}-test`) }],
      rows: [],
      forbidden: ['TODO-address-of-production-1c'],
    },
    connection: [{ table: 'SysSettings', set: { Value: 'TODO-address-of-test-1c' }, where: { Code: 'TODO' } }],
  };
}

const connectorOf = (): { connector: object; integrations: object[] } => ({
  connector: {
    historyTable: 'SmrSyncHistory',
    results: {
      entity: 'SmrIntegrationResult',
      integration: 'Integration',
      status: 'Status',
      ok: 'Done',
      failed: 'Error',
      startedOn: 'StartedOn',
      message: 'Message',
      token: 'Token',
      tokenParameter: 'Token',
    },
  },
  integrations: [{ name: 'Contacts', process: 'SmrSyncContacts', timeout: '30m' }],
});
