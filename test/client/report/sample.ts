import { proofLine } from '../../../runbook/messages/proof.ts';
import { sealReport } from '../../../client/report/seal.ts';
import type { Report, SealedReport, StageReport, StepReport } from '../../../runbook/report.ts';
import type { StageName } from '../../../runbook/types.ts';

const began = Date.UTC(2026, 10, 20, 13, 0);
const digest = 'd1'.repeat(32);
let clock = began;

type Row = [activity: string, en: string, ru: string, seconds: number, more?: Partial<StepReport>];

function stage(name: StageName, rows: Row[]): StageReport {
  const startedAt = clock;
  const steps = rows.map(([activity, en, ru, seconds, more]): StepReport => {
    const notRun = more?.outcome === 'not-run';
    const step: StepReport = {
      id: `${name}.${activity.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
      activity,
      title: { en, ru },
      effect: 'reads',
      outcome: 'done',
      attempts: notRun ? 0 : 1,
      seconds: notRun ? 0 : seconds,
      startedAt: notRun ? null : clock,
      failure: null,
      result: {},
      ...more,
    };
    clock += step.seconds * 1000;
    return step;
  });
  return { name, startedAt, endedAt: clock, steps };
}

/** A run that failed in production and was restored, with everything that a report can hold. */
function restored(): Report {
  clock = began;
  const failure = {
    code: 'DRIFT',
    message: 'Production is no longer what was approved: schema',
    values: { differences: 'schema of the database' },
    vendor: 'ERROR 42P01: relation "<script>alert(1)</script>" does not exist\n  at line 7 of install.sql',
    where: 'crm.example.com',
    passing: false,
    effect: 'unknown',
  } as const;
  const stages = [
    stage('preflight', [
      [
        'reachMachine',
        'Reach machine web1',
        'Проверить связь с машиной web1',
        0.4,
        { result: { os: 'windows', latency: 4 } },
      ],
      ['checkPackage', 'Check package archive connector.zip', 'Проверить архив пакета connector.zip', 1.2],
      ['checkRoom', 'Check free space for backup and restore', 'Проверить место для копий и восстановления', 6],
      ['generateSources', 'Generate source code for all schemas', 'Сгенерировать исходный код для всех элементов', 240],
      ['compileAll', 'Compile all', 'Компилировать все', 610, { attempts: 2 }],
    ]),
    stage('rehearsal', [
      ['backUpDatabase', 'Back up database crm', 'Сделать копию базы crm', 840, { effect: 'writes' }],
      [
        'restoreDatabase',
        'Restore the backup as database crm_test',
        'Развернуть резервную копию как базу crm_test',
        1260,
        { effect: 'writes' },
      ],
      ['createSite', 'Create site crm-test in IIS', 'Создать сайт crm-test в IIS', 320, { effect: 'writes' }],
      [
        'proveHarmless',
        'Prove that the copy is harmless',
        'Доказать, что копия безвредна',
        45,
        { result: { texts: 4, configFiles: 61, redisDb: 7 } },
      ],
      [
        'installPackage',
        'Install Connector 2.4 on crm-test',
        'Установить Connector 2.4 на crm-test',
        780,
        { effect: 'writes' },
      ],
      [
        'checkCustomizations',
        'Check that no edit of the customer was lost',
        'Проверить, что ни одна правка заказчика не потеряна',
        2,
        {
          result: { lines: 2 },
          findings: [{ en: 'profile.html: anna', ru: 'profile.html: anna' }],
          edits: {
            total: 240,
            place: '/srv/merges/merge-1/merge.json',
            files: [
              {
                path: 'profile.html',
                fate: 'resolved',
                decided: { choice: 'ours', by: 'o.smirnova', at: began + 60_000, remembered: true },
              },
              { path: 'documents/index.html', fate: 'merged', from: 'orders/index.html' },
            ],
          },
        },
      ],
      [
        'compareConfiguration',
        'Compare the configuration with the vendor’s',
        'Сравнить конфигурацию с поставкой',
        2,
        { result: { lines: 1 }, findings: [{ en: '+ {name}', ru: '+ {name}', values: { name: 'Report.Debts' } }] },
      ],
      ['runIntegration', 'Run integration Контрагенты', 'Запустить интеграцию Контрагенты', 130, { effect: 'writes' }],
    ]),
  ];
  const asked = clock;
  clock += 7.5 * 3600_000;
  const productionBegan = clock;
  stages.push(
    stage('production', [
      [
        'checkDrift',
        'Check that production is still as approved',
        'Проверить, что рабочая система не изменилась с одобрения',
        9,
      ],
      ['keepUsersOut', 'Keep users out of crm', 'Закрыть crm для пользователей', 4, { effect: 'writes' }],
      ['backUpDatabase', 'Back up database crm', 'Сделать копию базы crm', 820, { effect: 'writes' }],
      [
        'installPackage',
        'Install Connector 2.4 on crm',
        'Установить Connector 2.4 на crm',
        431,
        { effect: 'writes', outcome: 'failed', attempts: 3, failure },
      ],
      [
        'clearTable',
        'Clear table SmrSyncHistory',
        'Очистить таблицу SmrSyncHistory',
        0,
        { effect: 'writes', outcome: 'not-run' },
      ],
    ]),
    stage('acceptance', [
      ['checkStartPage', 'Open the start page', 'Открыть стартовую страницу', 0, { outcome: 'not-run' }],
    ]),
    stage('restore', [
      ['revertDatabase', 'Restore database crm', 'Восстановить базу crm', 950, { effect: 'writes' }],
      ['restoreFiles', 'Restore files of crm', 'Восстановить файлы crm', 120, { effect: 'writes' }],
      ['proveRestored', 'Prove that the old state is back', 'Доказать, что прежнее состояние вернулось', 61],
      ['letUsersIn', 'Open crm to users', 'Открыть crm для пользователей', 3, { effect: 'writes' }],
    ]),
  );
  const sha256 = 'ab'.repeat(32);
  return {
    format: 1,
    nakat: '0.1.0',
    run: 'k3j9x2ma',
    system: 'crm',
    title: {
      en: 'Update {name} to {version}',
      ru: 'Обновление {name} до {version}',
      values: { name: 'Connector', version: '2.4' },
    },
    product: 'bpmsoft-connector',
    initiator: 'i.petrov',
    outcome: 'restored',
    digest,
    update: { file: 'connector.zip', sha256, name: 'Connector', version: '2.4' },
    startedAt: began,
    endedAt: clock,
    downtimeSeconds: (clock - productionBegan) / 1000 - 9,
    downtime: { from: productionBegan + 9000, to: clock },
    reason: failure,
    stages,
    decisions: [
      {
        id: 'approval-production',
        kind: 'approval',
        title: { en: 'Approve the update of production', ru: 'Одобрить обновление рабочей системы' },
        asked,
        choice: 'approve',
        at: asked + 3600_000,
        by: [{ who: 'a.ivanova', at: asked + 3600_000, why: 'rehearsal <ok>', choice: 'approve', channel: 'update' }],
        digest,
        deadline: asked + 6 * 3600_000,
        takenAtDeadline: false,
        refused: [
          {
            who: 'i.petrov',
            at: asked + 60_000,
            why: '',
            choice: 'approve',
            channel: 'signal',
            code: 'DECISION_INITIATOR',
          },
        ],
      },
      {
        id: 'failed:production.install-package',
        kind: 'failure',
        title: { en: 'Step failed: Install Connector 2.4', ru: 'Шаг не удался: установить Connector 2.4' },
        asked: clock - 1134_000,
        choice: 'restore',
        at: clock - 1134_000,
        by: [],
        digest,
        deadline: clock - 1134_000,
        takenAtDeadline: true,
        refused: [],
      },
    ],
    restore: {
      reason: failure,
      proof: [
        proofLine({ kind: 'packageVersion', name: 'core' }, '1.5.0', '1.5.0'),
        proofLine({ kind: 'table', name: 'Contact' }, '81234, 9f3a', '81234, 9f3a'),
        proofLine({ kind: 'files' }, '20412, 1200000000, 77aa', '20412, 1200000000, 77aa'),
      ],
      proved: true,
    },
    backups: [
      {
        id: 'db-k3j9x2ma',
        system: 'database',
        engine: 'postgres',
        place: 'D:\\backups\\db-k3j9x2ma',
        machine: 'web1',
        bytes: 3_412_000_000,
        sha256,
        verified: 'manifest',
        step: 'production.back-up-database',
      },
    ],
    window: {
      opens: productionBegan,
      closes: productionBegan + 4 * 3600_000,
      pointOfNoReturn: clock - 600_000,
      timeZone: 'Europe/Moscow',
    },
    estimates: { production: 2600, restore: 1500 },
    warnings: [{ en: 'Compilation gave 3 warnings', ru: 'Компиляция дала 3 предупреждения' }],
    next: [
      {
        en: 'Backup of database: {place}. Keep it.',
        ru: 'Копия базы: {place}. Сохраните её.',
        values: { place: 'D:\\backups\\db-k3j9x2ma' },
      },
    ],
    notificationsFailed: [{ name: 'telegram', reason: 'HTTP 502' }],
  };
}

export const sample = (): SealedReport => sealReport(restored());
