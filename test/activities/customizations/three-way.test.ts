import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { numbered, threeWay } from '../../../activities/customizations/three-way.ts';
import { triples, type Triple } from './triples.ts';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'nakat-merge-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const textOf = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');

/** Null: a conflict. */
function merged({ base, ours, theirs }: Triple): string | null {
  const [b, o, t] = numbered(base, ours, theirs);
  if (!b || !o || !t) throw new Error('three texts');
  const regions = threeWay(b, o, t);
  if (regions.some(({ kind }) => kind === 'conflict')) return null;
  return textOf(
    regions.flatMap((one) =>
      one.kind === 'theirs' ? theirs.slice(one.theirs.from, one.theirs.to) : ours.slice(one.ours.from, one.ours.to),
    ),
  );
}

/** One process for each, so a few thousand are the most that a test has time for. Null: a conflict. */
function mergedByGit(cases: readonly Triple[]): (string | null)[] {
  const script = cases.map((one, at) => {
    for (const side of ['base', 'ours', 'theirs'] as const)
      writeFileSync(join(folder, `${at}.${side}`), textOf(one[side]));
    return `git merge-file -p -q ${at}.ours ${at}.base ${at}.theirs > ${at}.git; echo $?\n`;
  });
  writeFileSync(join(folder, 'run.sh'), script.join(''));
  const codes = execFileSync('sh', ['run.sh'], { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  return codes
    .trim()
    .split('\n')
    .map((code, at) => (code === '0' ? readFileSync(join(folder, `${at}.git`), 'utf8') : null));
}

test('2,000 triples: the same verdict and, where there is no conflict, the same text as git merge-file', () => {
  const cases = triples(1, 2000);
  const git = mergedByGit(cases);
  expect(cases.flatMap((one, at) => (merged(one) === git[at] ? [] : [at]))).toEqual([]);
  // Else nothing was compared.
  const clean = git.filter((text) => text !== null).length;
  expect(clean).toBeGreaterThan(800);
  expect(clean).toBeLessThan(1800);
});

// It compares lines by git's "histogram", merge-file by Myers: git is not always of one mind with itself.
test('10,000 triples: the same conflicts and texts as one git merge-tree, or else as git merge-file', () => {
  const cases = triples(2, 10_000);
  const git = (args: string[], input = ''): Buffer =>
    execFileSync('git', args, { cwd: folder, input, maxBuffer: 2 ** 30, stdio: ['pipe', 'pipe', 'pipe'] });
  git(['init', '-q', '--bare']);
  const commit = (side: keyof Triple, parent: string): string => {
    const files = cases.map((one, at) => {
      const text = textOf(one[side]);
      return `M 100644 inline ${at}\ndata ${Buffer.byteLength(text)}\n${text}\n`;
    });
    return `commit refs/heads/${side}\ncommitter t <t> 0 +0000\ndata 0\n${parent}${files.join('')}\n`;
  };
  const from = 'from refs/heads/base\n';
  git(['fast-import', '--quiet'], commit('base', '') + commit('ours', from) + commit('theirs', from));
  let answer = '';
  try {
    answer = git(['merge-tree', '--write-tree', '--name-only', '--no-messages', 'ours', 'theirs']).toString();
  } catch (error) {
    // 1: there are conflicts, as there should be.
    answer = (error as { stdout: Buffer }).stdout.toString();
  }
  const [tree = '', ...names] = answer.trim().split('\n');
  const conflicts = new Set(names);
  const listed = git(['ls-tree', tree]).toString().trim().split('\n');
  const blobs = new Map(listed.map((line) => [line.split('\t')[1] ?? '', line.split(/[ \t]/)[2] ?? '']));
  const wanted = cases.map((_, at) => String(at)).filter((name) => !conflicts.has(name));
  const batch = git(['cat-file', '--batch'], wanted.map((name) => `${blobs.get(name)}\n`).join(''));
  const texts = new Map<string, string>();
  let at = 0;
  for (const name of wanted) {
    const end = batch.indexOf('\n', at);
    const size = Number(batch.toString('latin1', at, end).split(' ')[2]);
    texts.set(name, batch.toString('utf8', end + 1, end + 1 + size));
    at = end + 1 + size + 1;
  }
  expect(conflicts.size).toBeGreaterThan(1000);
  expect(wanted.length).toBeGreaterThan(4000);
  const different = cases.flatMap((one, index) => (merged(one) === (texts.get(String(index)) ?? null) ? [] : [one]));
  expect(different.length).toBeLessThan(200);
  expect(different.map(merged)).toEqual(mergedByGit(different));
});

test('two texts that have nothing in common are given up on in time, as one changed piece', () => {
  const lines = (prefix: string): string[] =>
    Array.from({ length: 60_000 }, (_, at) => `${prefix} ${(at * 7919) % 251}`);
  const base = lines('x');
  const started = Date.now();
  const mixed = [...base].sort();
  const [b, o, t] = numbered(base, mixed, base);
  if (!b || !o || !t) throw new Error('three texts');
  const regions = threeWay(b, o, t);
  expect(regions.every(({ kind }) => kind === 'same' || kind === 'ours')).toBe(true);
  const result = regions.flatMap((one) => mixed.slice(one.ours.from, one.ours.to));
  expect(result).toEqual(mixed);
  expect(Date.now() - started).toBeLessThan(10_000);
});
