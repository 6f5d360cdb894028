/**
 * What a step runs, said before it runs: one list of lines per step of the catalogue, pure, from its parameters alone.
 * `web$ …` is a command on that machine, `crm@db:5432> …` a statement, `POST https://…` a call, `web: …` work on files.
 * Secrets are `<secret>`; what only the run or the server knows is in angle brackets too. Left out is what changes nothing and
 * decides nothing: settings of the connection, looks at how far an earlier attempt got.
 */
import type { ParamsOf, StepName } from '../steps/index.ts';
import type { MachineTarget } from '../targets/index.ts';

export interface DoingStep {
  readonly id: string;
  /** Step ids by the name of the result, as in a runbook's step. */
  readonly uses: Readonly<Record<string, string>>;
}
export type Does<N extends StepName> = (params: ParamsOf<N>, step: DoingStep) => string[];
export type DoesTable<N extends StepName> = { readonly [K in N]: Does<K> };

/** As `nameFor` of the activities makes it, the run's number left open. */
export const named = (step: DoingStep, prefix: string): string => `${prefix}-<run>-${step.id.replaceAll('.', '-')}`;

/** The place of a backup that an earlier step makes: only that step knows its folder. */
export const backupOf = (step: DoingStep): string => `<backup of ${step.uses['backup'] ?? '?'}>`;

export const joined = (machine: MachineTarget, ...parts: string[]): string =>
  machine.os === 'windows' ? parts.join('\\') : parts.join('/').replaceAll(/\/+/g, '/');

export const on = (machine: MachineTarget, ...argv: string[]): string => `${machine.name}$ ${argv.map(word).join(' ')}`;
export const filesOn = (machine: MachineTarget, text: string): string => `${machine.name}: ${text}`;

const word = (text: string): string => (text === '' || /[\s"]/.test(text) ? `"${text.replaceAll('"', '\\"')}"` : text);

/** A folder with everything in it, under its name only when it is whole. */
export const copied = (machine: MachineTarget, from: string, to: string): string[] =>
  machine.os === 'windows'
    ? [
        on(
          machine,
          'robocopy',
          from,
          `${to}.partial`,
          '/E',
          '/COPY:DATS',
          '/DCOPY:DAT',
          '/R:2',
          '/W:2',
          '/MT:8',
          '/NP',
          '/NFL',
          '/NDL',
        ),
        renamed(machine, `${to}.partial`, to),
      ]
    : [
        on(machine, 'cp', '-a', '--reflink=auto', '-T', '--', from, `${to}.partial`),
        renamed(machine, `${to}.partial`, to),
      ];

export const renamed = (machine: MachineTarget, from: string, to: string): string =>
  filesOn(machine, `rename ${from} → ${to}`);
export const removed = (machine: MachineTarget, path: string): string => filesOn(machine, `remove ${path}`);
export const written = (machine: MachineTarget, path: string): string => filesOn(machine, `write ${path}`);
export const hashed = (machine: MachineTarget, path: string): string =>
  filesOn(machine, `SHA-256 of every file in ${path}`);
/** What shows that an account can write there. */
export const probed = (machine: MachineTarget, path: string): string[] => [
  written(machine, path),
  removed(machine, path),
];
