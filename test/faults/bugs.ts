/**
 * Is the matrix able to fail? Copies of the build, each with one bug that such programs really had, and the cells that must
 * turn red with it. A bug whose code is not found any more is an error: it has to move with the code.
 */
import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from './lane.ts';
import { runMatrix } from './matrix.ts';
import type { FaultKind } from './faults.ts';
import { bpmsoftConnector } from './products/bpmsoft-connector.ts';

interface Edit {
  /** Below `dist/`. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

export interface SeededBug {
  readonly name: string;
  readonly edits: readonly Edit[];
  /** Where it shows: in at least one of these; nothing: already in a run that nobody disturbs. */
  readonly cells?: { readonly steps: readonly string[]; readonly kind: FaultKind };
}

export const seededBugs: readonly SeededBug[] = [
  {
    name: 'backup not awaited',
    edits: [
      {
        file: 'activities/postgres/backup.js',
        find: "const result = await tools.job(job, 'pg_dump', args, work, total);",
        replace:
          "tools.job(job, 'pg_dump', args, work, total).catch(() => {}); const result = { code: 0, stdout: '', stderr: '' };",
      },
    ],
  },
  {
    name: 'job started again instead of followed',
    edits: [
      {
        file: 'activities/machines/windows/jobs.js',
        find: `'mkdir "%~dp0started" 2>nul || exit /b 75',`,
        replace: `'mkdir "%~dp0started" 2>nul',`,
      },
      { file: 'activities/machines/windows/jobs.js', find: `if (await has(name, 'started'))`, replace: `if (false)` },
    ],
    // Which of them is struck while its job works, and not before or after it, is a matter of milliseconds.
    cells: {
      steps: [
        'rehearsal.back-up-infobase',
        'rehearsal.restore-infobase',
        'rehearsal.create-site',
        'production.back-up-infobase',
        'production.back-up-files',
      ],
      kind: 'worker-inside',
    },
  },
  {
    name: 'restore of one database left out',
    edits: [
      {
        file: 'activities/onec/steps.js',
        find: '(await connectInfobase(infobase, context)).restore(',
        replace: "context.step.startsWith('restore.') || await (await connectInfobase(infobase, context)).restore(",
      },
    ],
  },
  {
    name: 'lock cleared on start',
    edits: [
      {
        file: 'activities/onec/cluster-lock.js',
        find: 'const before = mark?.before ?? switches(info);',
        replace: 'const before = switches(info);',
      },
      {
        file: 'activities/onec/cluster-lock.js',
        find: "mark === null ? writeMark(context.run, info) : info['denied-parameter']",
        replace: 'writeMark(context.run, info)',
      },
    ],
    cells: { steps: ['production.lock-infobase'], kind: 'answer-lost' },
  },
  {
    name: 'exit code swallowed',
    edits: [{ file: 'activities/onec/ibcmd.js', find: 'if (result.code === 0)', replace: 'if (true)' }],
  },
  {
    name: 'partial file taken for a backup',
    edits: [
      {
        file: 'activities/postgres/backup.js',
        find: 'if (await machine.stat(place)) {',
        replace:
          'if (await machine.stat(partial)) { await machine.rename(partial, place); } if (await machine.stat(place)) {',
      },
    ],
    cells: { steps: ['rehearsal.back-up-database'], kind: 'worker-inside' },
  },
];

/** Edits whose code has moved on: a bug that cannot be seeded is not seen by anybody. */
export async function lostEdits(bugs: readonly SeededBug[] = seededBugs): Promise<string[]> {
  const lost: string[] = [];
  for (const { name, edits } of bugs)
    for (const { file, find } of edits)
      if ((await readFile(join(root, 'dist', file), 'utf8')).split(find).length !== 2)
        lost.push(`seeded bug "${name}": ${file} does not hold this once: ${find}`);
  return lost;
}

/** What turned red, or null: the matrix did not see the bug. */
export async function seen(bug: SeededBug): Promise<string | null> {
  const lost = await lostEdits([bug]);
  if (lost.length > 0) throw new Error(lost.join('; '));
  const product = join(root, '.nakat/bugs', bug.name.replaceAll(' ', '-'));
  await rm(product, { recursive: true, force: true });
  await cp(join(root, 'dist'), product, { recursive: true });
  try {
    for (const { file, find, replace } of bug.edits) {
      const path = join(product, file);
      const before = await readFile(path, 'utf8');
      await writeFile(
        path,
        before.replace(find, () => replace),
      );
    }
    const { cells } = bug;
    const results = await runMatrix({
      seed: 1,
      lanes: 1,
      together: 1,
      of: bpmsoftConnector,
      product,
      choose: (all) => all.filter(({ fault }) => cells?.kind === fault.kind && cells.steps.includes(fault.step)),
    }).catch((error: unknown) => {
      if (error instanceof Error && error.message.startsWith('the clean run')) return error.message;
      throw error;
    });
    if (typeof results === 'string') return results;
    // A fault that did not happen is the harness's trouble, not a bug that was seen.
    return results.flatMap((one) => one.wrong).find((one) => !one.startsWith('the fault did not happen')) ?? null;
  } finally {
    await rm(product, { recursive: true, force: true });
  }
}
