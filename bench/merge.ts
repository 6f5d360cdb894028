/**
 * `npm run bench:merge -- make_tree.py`: `nakat merge` on three trees beside what people have for it, one after the other in turn, in
 * memory. Timed are whole processes, their start included. It fails when the conflicts are not git's, or another file is not as git has it.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { lines, met, surroundings, type Section } from './report.ts';
import { median, quiet } from './statistics.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string', default: '5' }, small: { type: 'string', default: '20000' } },
});
const [maker] = positionals;
if (maker === undefined || !existsSync(maker)) {
  console.error('npm run bench:merge -- path/to/make_tree.py [--rounds 5] [--small 20000]');
  process.exit(2);
}
const rounds = Number(values.rounds);
const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : realpathSync(tmpdir()), 'nakat-bench-merge-'));
const at = (name: string): string => join(folder, name);
const sides = ['base', 'ours', 'theirs'] as const;

/** Exit codes up to `worst` are answers: differences, conflicts. */
function command(program: string, argv: readonly string[], worst = 0, env: NodeJS.ProcessEnv = {}): string {
  const { status, stdout, stderr, error } = spawnSync(program, argv, {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 2 ** 30,
    env: { ...process.env, LC_ALL: 'C.UTF-8', ...env },
  });
  if (error) throw error;
  if (status === null || status > worst) throw new Error(`${program} ${argv[0]}: ${stderr}`);
  return stdout;
}

const cli = fileURLToPath(new URL('../client/main.js', import.meta.url));
function nakat(): string[] {
  const answer = command('node', [cli, 'merge', ...sides, '--out', 'merged', '--json'], 3);
  return (JSON.parse(answer) as { conflicts: { path: string }[] }).conflicts.map(({ path }) => path);
}

/** Answers which of the files that both changed are in conflict. */
function diffAndMergeFile(): string[] {
  const changed = (side: string): string[] =>
    [...command('diff', ['-rq', 'base', side], 1).matchAll(/^Files base\/(.*) and .* differ$/gm)].map(
      ([, path = '']) => path,
    );
  const theirs = new Set(changed('theirs'));
  const both = changed('ours').filter((path) => theirs.has(path));
  const script = both.map(
    (path) => `git merge-file -p -q 'ours/${path}' 'base/${path}' 'theirs/${path}'; echo $? >&3\n`,
  );
  writeFileSync(at('merge-files.sh'), script.join(''));
  command('sh', ['-c', 'sh merge-files.sh 3> verdicts > texts']);
  const verdicts = readFileSync(at('verdicts'), 'utf8').trim().split('\n');
  return both.filter((_, index) => verdicts[index] !== '0');
}

interface MergedByGit {
  readonly tree: string;
  readonly conflicts: string[];
}

function git(): MergedByGit {
  const identity = { GIT_AUTHOR_NAME: 'b', GIT_AUTHOR_EMAIL: 'b', GIT_COMMITTER_NAME: 'b', GIT_COMMITTER_EMAIL: 'b' };
  const run = (argv: string[], worst = 0, env: NodeJS.ProcessEnv = {}): string =>
    command('git', ['--git-dir', at('git'), ...argv], worst, { ...identity, ...env }).trim();
  run(['init', '-q', '--bare', at('git')]);
  let base: string[] = [];
  const commits = sides.map((side) => {
    const env = { GIT_INDEX_FILE: at(`git/index-${side}`) };
    run(['--work-tree', at(side), 'add', '-A', '--force', '.'], 0, env);
    const commit = run(['commit-tree', '-m', side, ...base, run(['write-tree'], 0, env)]);
    if (side === 'base') base = ['-p', commit];
    return commit;
  });
  const answer = run(['merge-tree', '--write-tree', '--name-only', '--no-messages', ...commits.slice(1)], 1);
  const [tree = '', ...conflicts] = answer.split('\n');
  return { tree, conflicts };
}

/** Paths that are not as git's merge has them, beside the conflicts. */
function different({ tree, conflicts }: MergedByGit): string[] {
  const open = new Set(conflicts);
  const listed = command('git', ['--git-dir', at('git'), 'ls-tree', '-r', '-z', tree])
    .split('\0')
    .filter(Boolean);
  const found = new Set(command('find', ['merged', '-type', 'f', '-printf', '%P\\0']).split('\0').filter(Boolean));
  const wrong = listed.flatMap((line) => {
    const [about = '', path = ''] = line.split('\t');
    if (!found.delete(path)) return [path];
    const content = readFileSync(at(`merged/${path}`));
    const digest = createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex');
    return open.has(path) || digest === about.split(' ')[2] ? [] : [path];
  });
  return [...wrong, ...found];
}

/** Of the processes that this one has started and seen end, in seconds; where the system tells. */
function processorSeconds(): number {
  if (!existsSync('/proc/self/stat')) return NaN;
  const fields = readFileSync('/proc/self/stat', 'latin1')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[13]) + Number(fields[14])) / 100;
}

const racers = [
  { name: 'nakat merge', run: nakat },
  { name: 'diff -rq twice, git merge-file', run: diffAndMergeFile },
  { name: 'git: import, merge-tree', run: git },
].map((racer) => ({ ...racer, seconds: [] as number[], processor: [] as number[] }));

console.error(surroundings());
let busy = 0;
const sets = new Map<string, string>();
let merged: MergedByGit | undefined;
try {
  execFileSync('python3', [maker, folder, '--threeway', '--small', values.small]);
  for (let round = 1; round <= rounds; round++) {
    for (const left of ['merged', 'git', 'texts', 'verdicts']) rmSync(at(left), { recursive: true, force: true });
    for (const racer of racers) {
      if (!(await quiet())) busy += 1;
      const [started, before] = [performance.now(), processorSeconds()];
      const answer = racer.run();
      racer.seconds.push((performance.now() - started) / 1000);
      racer.processor.push(processorSeconds() - before);
      if (!Array.isArray(answer)) merged = answer;
      const conflicts = Array.isArray(answer) ? answer : answer.conflicts;
      sets.set(racer.name, conflicts.sort().join('\n'));
      console.error(
        `${round} of ${rounds}: ${racer.name} ${racer.seconds.at(-1)?.toFixed(2)} s, ${conflicts.length} conflicts`,
      );
    }
    if (new Set(sets.values()).size > 1) throw new Error('the conflicts are not the same');
    const wrong = merged ? different(merged) : [];
    if (wrong.length > 0) throw new Error(`not as git has it: ${wrong.slice(0, 5).join(', ')} (${wrong.length})`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

const of = (index: number): number => median(racers[index]?.seconds ?? []);
const section: Section = {
  title: `Compare and merge three trees of ${values.small} files, ${rounds} rounds`,
  rows: racers.map(({ name }, index) => ({
    name,
    value: `${of(index).toFixed(2)} s`,
    ratio: `${(of(index) / of(0)).toFixed(2)} ×`,
  })),
  goals: [
    { what: 'nakat of diff and merge-file', measured: of(0) / of(1), limit: 0.8 },
    { what: 'nakat of git', measured: of(0) / of(2), limit: 0.15 },
  ],
  notes: [
    `processor seconds: ${racers.map(({ name, processor }) => `${name} ${median(processor).toFixed(2)}`).join(', ')}`,
    `the same ${sets.get('nakat merge')?.split('\n').length} conflicts in all; every other file as git has it`,
    ...(busy > 0 ? [`the machine was busy before ${busy} of ${rounds * racers.length} measurements`] : []),
  ],
};
console.log(lines(section).join('\n'));
process.exitCode = section.goals.every(met) ? 0 : 1;
