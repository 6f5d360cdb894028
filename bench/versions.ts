/** How long a way over 10,000 releases takes to be found, and to be found missing. */
import { hopPath, type Release } from '../runbook/versions.ts';
import type { Section } from './report.ts';
import { median } from './statistics.ts';

const count = 10_000;
const version = (number: number): string => `3.${Math.floor(number / 100)}.${number % 100}`;
const last = version(count - 1);

const shapes: Readonly<Record<string, (number: number) => string[]>> = {
  'each over the one before': (number) => [version(number - 1)],
  'each over a list of 30': (number) =>
    Array.from({ length: Math.min(number, 30) }, (_, at) => version(number - 1 - at)),
  'each over all before': (number) => [`>=3.0 <${version(number)}`],
};

export function measureVersions(rounds: number): Section {
  const rows = Object.entries(shapes).flatMap(([name, from]) => {
    const releases: Release[] = Array.from({ length: count }, (_, number) => ({
      version: version(number),
      from: number === 0 ? [] : from(number),
    }));
    // Its own predecessors gone, nothing leads to the last one.
    const cut = releases.map((one) => (one.version === last ? { ...one, from: ['2.*'] } : one));
    return [
      { name: `${name}: found`, seconds: seconds(rounds, releases) },
      { name: `${name}: none`, seconds: seconds(rounds, cut) },
    ];
  });
  return {
    title: `The shortest way over ${count} releases`,
    rows: rows.map((row) => ({ name: row.name, value: `${(row.seconds * 1000).toFixed(0)} ms` })),
    goals: [{ what: 'slowest, seconds', measured: Math.max(...rows.map((row) => row.seconds)), limit: 1 }],
    notes: [],
  };
}

const seconds = (rounds: number, releases: readonly Release[]): number =>
  median(
    Array.from({ length: rounds }, () => {
      const begin = performance.now();
      hopPath(releases, version(0), last);
      return (performance.now() - begin) / 1000;
    }),
  );
