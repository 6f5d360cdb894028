/** A folder for each test in which three trees are laid out and merged at a desk. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import { prepare, type MergeRecord } from '../../../activities/customizations/desk.ts';
import { openMemory } from '../../../activities/customizations/memory.ts';
import { scanFolder, type Trees } from '../../../activities/customizations/trees.ts';

export type Files = Record<string, string>;
export type Three = readonly [base: Files, ours: Files, theirs: Files];

/** What is in every tree besides, and in no answer of `filesIn`: a side without any file is refused. */
const always = { always: '1' };

export const filesIn = (root: string): Files =>
  Object.fromEntries(
    readdirSync(root, { recursive: true, encoding: 'utf8' })
      .filter((path) => !(path in always) && statSync(join(root, path)).isFile())
      .sort()
      .map((path) => [path, readFileSync(join(root, path), 'utf8')]),
  );

export function workbench() {
  let folder = '';
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'nakat-merge-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const inside = (...parts: string[]): string => join(folder, ...parts);
  function put(at: string, files: Files): string {
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(inside(at, path)), { recursive: true });
      writeFileSync(inside(at, path), content);
    }
    return inside(at);
  }
  /** Where they lie. */
  const layOut = ([base, ours, theirs]: Three) => ({
    base: put('base', { ...always, ...base }),
    ours: put('ours', { ...always, ...ours }),
    theirs: put('theirs', { ...always, ...theirs }),
  });
  return {
    inside,
    put,
    layOut,
    opened: async (three: Three): Promise<Trees> => {
      const at = layOut(three);
      const [base, ours, theirs] = [
        scanFolder('base', at.base),
        scanFolder('ours', at.ours),
        scanFolder('theirs', at.theirs),
      ];
      return { base: await base, ours: await ours, theirs: await theirs };
    },
    atDesk: async (trees: Trees, place = 'desk'): Promise<MergeRecord> =>
      prepare(trees, inside(place), {
        legacy: 'windows-1251',
        memory: await openMemory(inside('memory')),
        inputs: 'one',
        where: 'worker',
        time: () => new Date('2026-05-01T10:00:00Z'),
      }),
    choose: (path: string, choice: string): void =>
      writeFileSync(inside('desk/choices.yaml'), JSON.stringify({ by: 'Anna', files: { [path]: choice } })),
  };
}
