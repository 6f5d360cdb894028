import { describe, expect, test } from 'vitest';
import { changeLines } from '../../client/changes.ts';
import { plain } from '../../client/paint.ts';
import type { RunView } from '../../client/runs.ts';
import { bar, choiceLabel, questionLines, renderFailure, renderView, type Reader } from '../../client/view.ts';
import { NakatError } from '../../runbook/errors/index.ts';
import type { Decision, RunStatus, StepStatus } from '../../workflows/state.ts';

const now = Date.UTC(2026, 0, 10, 20, 0);
const minute = 60_000;
const reader = (language: 'en' | 'ru' = 'en'): Reader => ({ language, now, paint: plain, width: 100, timeZone: 'UTC' });

const step = (id: string, more: Partial<StepStatus> = {}): StepStatus => ({
  id,
  activity: 'backUpDatabase',
  title: { en: 'Back up {name}', ru: 'Сделать копию {name}', values: { name: id.split('.')[1] ?? '' } },
  state: 'waiting',
  attempts: 0,
  startedAt: null,
  endedAt: null,
  expected: 120,
  result: null,
  failure: null,
  ...more,
});
const done = { state: 'done', startedAt: now - 5 * minute, endedAt: now - 4 * minute } as const;
const running = { state: 'running', startedAt: now - minute } as const;

const status = (more: Partial<RunStatus> = {}): RunStatus => ({
  run: '1a2b3c4d',
  system: 'crm',
  title: { en: 'CRM update', ru: 'Обновление CRM' },
  digest: '5f0c1a2b3c4d'.padEnd(64, '0'),
  initiator: 'carl',
  startedAt: now - 10 * minute,
  phase: 'rehearsal',
  stages: [
    { name: 'preflight', steps: [step('preflight.a', done), step('preflight.b', done)] },
    { name: 'rehearsal', steps: [step('rehearsal.a', done), step('rehearsal.b', running), step('rehearsal.c')] },
    { name: 'production', steps: [step('production.a')] },
    { name: 'restore', steps: [step('restore.a')] },
  ],
  decisions: [],
  window: null,
  lastStart: null,
  pointOfNoReturn: null,
  remaining: 300,
  reason: null,
  cancelledBy: null,
  outcome: null,
  endedAt: null,
  warnings: [],
  ...more,
});
const decision = (more: Partial<Decision> = {}): Decision => ({
  id: 'approval-production',
  kind: 'approval',
  title: { en: 'Approve production', ru: 'Одобрить обновление' },
  evidence: [{ en: 'Rehearsed in {minutes} min', ru: 'Репетиция за {minutes} мин', values: { minutes: 7 } }],
  choices: ['approve', 'reject'],
  deadline: now + 90 * minute,
  atDeadline: 'reject',
  by: ['anna', 'boris'],
  needed: 2,
  excludeInitiator: true,
  askedAt: now,
  answers: [],
  refused: [],
  choice: null,
  ...more,
});
const view = (more: Partial<RunStatus> = {}, live: RunView['live'] = []): RunView => ({ status: status(more), live });
const text = (given: RunView, language: 'en' | 'ru' = 'en'): string => renderView(given, reader(language)).join('\n');

describe('the live view', () => {
  test('stages in a line each, the steps of the one that is going beneath it', () => {
    expect(
      text(
        view({}, [
          { activity: 'backUpDatabase', attempt: 2, progress: { done: 1, total: 4, note: '1 of 4 GB' }, failure: null },
        ]),
      ),
    ).toBe(
      [
        'CRM update',
        'run 1a2b3c4d · digest 5f0c1a2b3c4d · started by carl',
        '',
        '✔ Preflight  2 of 2 steps  2:00',
        '● Rehearsal  1 of 3 steps  2:00',
        '    ✔ Back up a  1:00',
        '    ▶ Back up b  █████░░░░░░░░░░░░░░░  25 %  1:00 of ~2:00  try 2  1 of 4 GB',
        '    · Back up c  ~2:00',
        '· Production  1 step, about 2:00',
        '',
        'Work left: about 5:00',
      ].join('\n'),
    );
  });

  test('in Russian too', () => {
    expect(text(view(), 'ru')).toContain('● Репетиция  1 из 3 шагов  2:00');
    expect(text(view(), 'ru')).not.toMatch(/Rehearsal|steps|Work/);
  });

  test('a decision: evidence, deadline, who may, who did, and the exact commands', () => {
    const answers = [{ choice: 'approve', who: 'anna', why: '', at: now, channel: 'update' as const, digest: '' }];
    const shown = text(view({ phase: 'decision', decisions: [decision({ answers })] }));
    for (const line of [
      '◆ Waiting for a decision: Approve production',
      'Rehearsed in 7 min',
      'Until 21:30 UTC; unanswered, then: reject',
      'May decide: anna, boris',
      'Not carl',
      '1 of 2 people agreed: anna',
      'nakat decide crm approval-production approve --digest 5f0c1a2b3c4d',
      'nakat decide crm approval-production reject --digest 5f0c1a2b3c4d',
    ])
      expect(shown).toContain(line);
    expect(text(view({ decisions: [decision({ choice: 'approve' })] }))).not.toContain('◆');
  });

  test('window and point of no return', () => {
    const window = { opens: now - minute, closes: now + 60 * minute };
    expect(text(view({ window, lastStart: now + 20 * minute }))).toMatch(
      /Window: 19:59 – 21:00 UTC\nProduction can start until 20:20 UTC/,
    );
    expect(text(view({ window, phase: 'window', lastStart: null }))).toContain('Window: ');
    expect(text(view({ window: { ...window, opens: now + minute }, phase: 'window' }))).toContain('open at 20:01 UTC');
    expect(text(view({ pointOfNoReturn: now + 30 * minute }))).toContain('Point of no return: 20:30 UTC (in 30:00)');
    expect(text(view({ pointOfNoReturn: now - minute }))).toContain('passed at 19:59 UTC');
  });

  test('a failed step with what to do, and the end', () => {
    const { failure } = new NakatError('NO_WORKER', { values: { run: 'crm' }, vendor: 'gone' });
    const stages = [
      {
        name: 'preflight' as const,
        steps: [step('preflight.a', { state: 'failed', startedAt: now, endedAt: now, failure })],
      },
    ];
    const shown = text(view({ stages, outcome: 'stopped', reason: failure, endedAt: now }));
    expect(shown).toContain('✖ Preflight');
    expect(shown).toContain('NO_WORKER  No worker answers for run crm — gone');
    expect(shown).toContain('→ The run keeps its place');
    expect(shown).toContain('Outcome: stopped, production’s data untouched');
    expect(text(view({ outcome: 'stopped' }))).toContain('found nothing in the way');
  });

  test('the end of a restored run says what was, and gives no advice for that moment', () => {
    const reason = new NakatError('DRIFT', { values: { differences: 'core' } }).failure;
    const restored = text(view({ outcome: 'restored', reason }));
    expect(restored).toContain('When it failed (restored since):');
    expect(restored).not.toContain('→');
    expect(text(view({ outcome: 'stopped', reason }))).toContain('→');
  });

  test('a long stage is shown where it is', () => {
    const steps = [
      ...Array.from({ length: 30 }, (_, i) => step(`rehearsal.d${i}`, done)),
      step('rehearsal.now', running),
      ...Array.from({ length: 30 }, (_, i) => step(`rehearsal.w${i}`)),
    ];
    const shown = text(view({ stages: [{ name: 'rehearsal', steps }] }));
    expect(shown.split('\n').filter((line) => line.startsWith('    '))).toHaveLength(8);
    expect(shown).toContain('▶ Back up now');
  });

  test('bars stay in their frame', () => {
    for (const part of [-1, 0, 0.5, 1, 7]) expect(bar(part, plain).split(' ')[0]).toHaveLength(20);
  });
});

describe('before a prompt asks', () => {
  const failure = new NakatError('MERGE_CONFLICTS', {
    where: 'web1',
    values: { count: 1, files: 'profile.html', place: '/desk/merge-1' },
  }).failure;
  const failed = step('rehearsal.merge', { state: 'failed', failure });
  const stages = [{ name: 'rehearsal' as const, steps: [step('rehearsal.a', done), failed] }];
  const asked = (more: Partial<Decision>, language: 'en' | 'ru' = 'en'): string =>
    questionLines(decision({ evidence: [], ...more }), status({ stages }), reader(language)).join('\n');

  test.each(['failed:rehearsal.merge', 'failed:rehearsal.merge#2'])(
    'a failed step says what to do, and where: %s',
    (id) => {
      expect(asked({ id, kind: 'failed-step' })).toContain('/desk/merge-1/choices.yaml');
      expect(asked({ id, kind: 'failed-step' }, 'ru')).toContain('откройте /desk/merge-1/compare.html');
    },
  );

  test('of another step nothing is said', () => {
    expect(asked({ id: 'failed:rehearsal.a', kind: 'failed-step' })).toBe('');
  });

  test('choices in the reader’s language, with the word that commands take', () => {
    expect(['retry', 'stop', 'go-on', 'give-up'].map((one) => choiceLabel(one, 'ru'))).toEqual([
      'повторить (retry)',
      'остановить (stop)',
      'продолжить (go-on)',
      'прекратить (give-up)',
    ]);
    expect(['retry', 'go-on'].map((one) => choiceLabel(one, 'en'))).toEqual(['retry', 'go-on']);
  });
});

test('an error is shown as code, what, where, the vendor’s words, what to do; in the reader’s language', () => {
  const { failure } = new NakatError('CANNOT_CONNECT', { where: 'db:7233', vendor: 'refused\nby peer' });
  const [first, ...rest] = renderFailure(failure, { language: 'ru', paint: plain });
  expect(first).toBe('CANNOT_CONNECT  Нет связи с сервером Temporal db:7233 — refused');
  expect(rest.join('\n')).toMatch(/by peer[\s\S]*→ Начатые прогоны/);
});

test('the end of a run: what was given up does not look as if it went on', () => {
  const ended = view({ outcome: 'stopped', reason: new NakatError('RUN_CANCELLED').failure });
  const shown = renderView(ended, reader());
  expect(shown.find((line) => line.includes('Rehearsal'))).toMatch(/^■ /);
  expect(shown.join('\n')).not.toContain('●');
});

test('plain lines: a restore that took another way is told, once', () => {
  const { failure } = new NakatError('SNAPSHOT_DIFFERS', { where: 'crm', values: { database: 'crm' } });
  const after = view({ warnings: [failure] });
  expect(changeLines(view(), after, reader('ru'))).toEqual([expect.stringContaining('база восстановлена из копии')]);
  expect(changeLines(after, after, reader())).toEqual([]);
});

test('plain lines: each change once', () => {
  const before = view();
  const after = view({
    stages: [
      before.status.stages[0]!,
      {
        name: 'rehearsal',
        steps: [step('rehearsal.a', done), step('rehearsal.b', { ...done }), step('rehearsal.c', { state: 'skipped' })],
      },
      { name: 'production', steps: [step('production.a', running)] },
    ],
    decisions: [decision()],
  });
  expect(changeLines(before, after, reader())).toEqual([
    'Back up b: done in 1:00',
    'Back up c: skipped',
    'Stage: Production',
    'Back up a: started, about 2:00',
    'Waiting for a decision: Approve production',
    '  Rehearsed in 7 min',
    '  nakat decide crm approval-production approve --digest 5f0c1a2b3c4d',
    '  nakat decide crm approval-production reject --digest 5f0c1a2b3c4d',
  ]);
  expect(changeLines(after, after, reader())).toEqual([]);
  const taken = view({
    ...after.status,
    decisions: [
      decision({
        choice: 'reject',
        answers: [{ choice: 'reject', who: '', why: '', at: now, channel: 'deadline', digest: '' }],
      }),
    ],
  });
  expect(changeLines(after, taken, reader())).toEqual(['Decided: Approve production: reject (the deadline)']);
});
