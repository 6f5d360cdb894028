/** Uploads side by side: each racer in turn, round by round, on a site that is laid out anew, and what it left is looked at. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Section } from '../report.ts';
import { median, quiet, timed } from '../statistics.ts';

export interface Racer {
  readonly name: string;
  /** Somebody else's tool: that it leaves another site than the new release is told, and no reason to stop. */
  readonly peer?: boolean;
  /** What is not timed. */
  prepare?(from: string, to: string, run: string): Promise<void>;
  /** Uploads `from` to the site `to`, a folder that holds the old release or nothing. `run`: a name of its own for each time. */
  run(from: string, to: string, run: string): Promise<void>;
}

export interface Course {
  readonly title: string;
  readonly racers: readonly Racer[];
  readonly rounds: number;
  /** What is uploaded, and what lies on the site before. */
  readonly fresh: string;
  readonly old?: string;
  /** The site, and what is done with it before each upload. */
  readonly site: string;
  readonly ready?: (site: string) => void;
  /** Where nakat keeps the previous files. */
  readonly store: string;
  readonly notes: readonly string[];
  /** Names of racers: the one of the other. */
  readonly goals: readonly (readonly [of: string, to: string, limit: number])[];
}

let count = 0;

export async function race(course: Course): Promise<Section> {
  const { title, racers, rounds, fresh, site, notes } = course;
  const wanted = treeDigest(fresh);
  const seconds = new Map<string, number[]>(racers.map(({ name }) => [name, []]));
  const incomplete = new Set<string>();
  let busy = 0;
  for (let round = 0; round <= rounds; round++) {
    for (const racer of racers) {
      rmSync(site, { recursive: true, force: true });
      if (course.old === undefined) mkdirSync(site);
      else cpSync(course.old, site, { recursive: true, preserveTimestamps: true });
      course.ready?.(site);
      const run = `bench${++count}`;
      await racer.prepare?.(fresh, site, run);
      if (!(await quiet()) && round > 0) busy += 1;
      const took = await timed(() => racer.run(fresh, site, run));
      // The first round is for warming up: a worker has uploaded the same files to the test site when it comes to production.
      if (round > 0) seconds.get(racer.name)?.push(took);
      console.error(`${title}, ${round} of ${rounds}: ${racer.name} ${took.toFixed(2)} s`);
      if (treeDigest(site) !== wanted) {
        if (!racer.peer) throw new Error(`${racer.name}: the site is not the new release`);
        incomplete.add(racer.name);
      }
      rmSync(course.store, { recursive: true, force: true });
    }
  }
  const of = (name: string): number => median(seconds.get(name) ?? []);
  const first = of(racers[0]?.name ?? '');
  const ran = (name: string): boolean => seconds.has(name);
  return {
    title,
    rows: racers.map(({ name }) => ({
      name,
      value: `${of(name).toFixed(2)} s`,
      ratio: `${(of(name) / first).toFixed(2)} ×`,
    })),
    goals: course.goals
      .filter(([mine, other]) => ran(mine) && ran(other))
      .map(([mine, other, limit]) => ({ what: `${mine} of ${other}`, measured: of(mine) / of(other), limit })),
    notes: [
      ...notes,
      ...[...incomplete].map((name) => `${name} left a site that is not the new release`),
      ...(busy > 0 ? [`the machine was busy before ${busy} of ${rounds * racers.length} measurements`] : []),
    ],
  };
}

/** Of all files with their paths. */
const treeDigest = (place: string): string =>
  execFileSync(
    'sh',
    ['-c', 'cd "$1" && find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum', 'sh', place],
    { encoding: 'utf8' },
  );

/** `make_tree.py`: the old release, and the new one with 60 changed files, 10 of them with size and time kept. */
export function makeReleases(
  maker: string,
  folder: string,
  small: string,
  big: string,
): { old: string; fresh: string } {
  const [old, fresh] = [join(folder, `old-${small}`), join(folder, `new-${small}`)];
  const make = (...argv: string[]): void => void execFileSync('python3', [maker, ...argv], { stdio: 'ignore' });
  make(old, '--small', small, '--big', big);
  cpSync(old, fresh, { recursive: true, preserveTimestamps: true });
  make(fresh, '--small', small, '--change', '50');
  make(fresh, '--small', small, '--stealth', '10');
  return { old, fresh };
}
