/** The recipe of one's own in `examples/own-recipe`: loaded from its plan, compiled, carried out and undone; and what is said of wrong ones. */
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createStepContext } from '../../activities/context.ts';
import { allSteps } from '../../activities/index.ts';
import { compilePlanFile, PlanMistakes } from '../../client/compile.ts';
import { renderPlan } from '../../client/plan-view.ts';
import { isNakatError } from '../../runbook/errors/index.ts';
import type { Json, Runbook, StageName } from '../../runbook/types.ts';

const example = fileURLToPath(new URL('../../examples/own-recipe', import.meta.url));
let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'nakat-own-'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe('the example', () => {
  test('its file and digest are a part of the runbook, and shown', async () => {
    const { runbook, digest } = await compilePlanFile(join(example, 'plan.yaml'), {});
    expect(runbook.recipe).toEqual({
      name: 'web-folder',
      version: 1,
      file: './recipe.js',
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
    });
    expect(runbook.stages.flatMap((stage) => stage.steps.map((step) => step.id))).toContain('restore.prove-state');
    const paint = { bold: String, dim: String, red: String, green: String, yellow: String, cyan: String };
    expect(renderPlan({ runbook, digest }, { language: 'en', paint: paint as never }, false).join('\n')).toContain(
      `./recipe.js, sha256 ${runbook.recipe.sha256?.slice(0, 12)}`,
    );
  });

  test('production and restore do what it says', async () => {
    const www = join(dir, 'www');
    mkdirSync(www);
    mkdirSync(join(dir, 'new'));
    writeFileSync(join(www, 'index.html'), 'old');
    writeFileSync(join(dir, 'new', 'index.html'), 'new');
    const server = createServer((_request, answer) =>
      answer.end(existsSync(www) ? readFileSync(join(www, 'index.html')) : ''),
    ).listen(0, '127.0.0.1');
    try {
      await once(server, 'listening');
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
      const variables = {
        WWW: www,
        WWW_NEW: join(dir, 'new'),
        WWW_WORK: join(dir, 'work'),
        WWW_BACKUPS: join(dir, 'backups'),
        WWW_URL: url,
      };
      const { runbook } = await compilePlanFile(join(example, 'plan.yaml'), variables);
      const results: Record<string, Json> = {};
      for (const stage of ['preflight', 'production', 'acceptance'] as const) await carryOut(runbook, stage, results);
      expect(await (await fetch(url)).text()).toBe('new');
      await carryOut(runbook, 'restore', results);
      expect(await (await fetch(url)).text()).toBe('old');
      expect(results['restore.prove-state']).toMatchObject({ lines: [{ equal: true }] });
    } finally {
      server.close();
    }
  });
});

async function carryOut(runbook: Runbook, name: StageName, results: Record<string, Json>): Promise<void> {
  for (const step of runbook.stages.find((stage) => stage.name === name)?.steps ?? []) {
    const context = createStepContext({ run: '0badf00d', step: step.id });
    const uses = Object.fromEntries(Object.entries(step.uses).map(([as, from]) => [as, results[from]]));
    const code = allSteps[step.activity as keyof typeof allSteps] as (
      params: unknown,
      uses: unknown,
      context: unknown,
    ) => Promise<Json>;
    results[step.id] = await code(step.params, uses, context).finally(() => context.end());
  }
}

describe('a module that is no recipe is said so, where the plan names it', () => {
  const cases: [string, string, RegExp][] = [
    ['no default export', 'export const recipe = {};', /no default export/],
    ['no function', 'export default 7;', /a default export that is number/],
    ['nothing returned', 'export default () => {};', /returned undefined/],
    ['no plan', "export default () => ({ product: 'x' });", /`plan` is not a zod schema/],
    [
      'no runbook',
      "export default ({ z }) => ({ product: 'x', plan: z.any(), files: () => ({}), mistakes: () => [] });",
      /`runbook` is not a function/,
    ],
    ['a product of nakat', "export default ({ z }) => ({ product: 'custom', plan: z.any() });", /"custom" is nakat's/],
    ['throws', "export default () => { throw new Error('no luck'); };", /cannot be loaded: no luck/],
    ['throws over several lines', "throw new Error('no\\nluck');", /cannot be loaded: no luck$/],
    ['is no JavaScript', 'export default (', /cannot be loaded: ./],
  ];
  test.each(cases)('%s', async (_name, code, message) => {
    writeFileSync(join(dir, 'wrong.js'), code);
    writeFileSync(join(dir, 'plan.yaml'), 'nakat: 1\nrecipes: [./wrong.js]\nproduct: x\n');
    expect(await mistakesOf()).toMatchObject([
      { line: 2, column: 11, path: 'recipes.0', message: expect.stringMatching(message) as string },
    ]);
  });

  test('no file, no list', async () => {
    writeFileSync(join(dir, 'plan.yaml'), 'nakat: 1\nrecipes: [./missing.js]\nproduct: x\n');
    expect(await mistakesOf()).toMatchObject([
      { line: 2, column: 11, message: expect.stringContaining('no such file') as string },
    ]);
    writeFileSync(join(dir, 'plan.yaml'), 'nakat: 1\nrecipes: ./missing.js\nproduct: x\n');
    expect(await mistakesOf()).toMatchObject([
      { line: 2, column: 1, message: expect.stringContaining('expected a list') as string },
    ]);
  });

  test('a device, a module without end, two modules for one product', async () => {
    const first = `export default ({ z }) => ({ product: 'x', plan: z.any(), files: () => ({}), mistakes: () => [], runbook: () => ({}) });`;
    symlinkSync('/dev/zero', join(dir, 'zero.js'));
    writeFileSync(join(dir, 'long.js'), `//${'x'.repeat(17 * 1024 * 1024)}`);
    writeFileSync(join(dir, 'first.js'), first);
    writeFileSync(join(dir, 'second.js'), first);
    const files = ['./zero.js', './long.js', './first.js', './second.js'];
    writeFileSync(join(dir, 'plan.yaml'), `nakat: 1\nrecipes: [${files.join(', ')}]\nproduct: x\n`);
    expect(await mistakesOf()).toMatchObject([
      { path: 'recipes.0', message: expect.stringMatching(/^no such file/) as string },
      { path: 'recipes.1', message: expect.stringMatching(/^larger than/) as string },
      { path: 'recipes.3', message: '"x" is already the recipe of ./first.js' },
    ]);
  });

  test('a changed module is read anew; what it throws later names it; its mistakes stand in the plan', async () => {
    cpSync(example, join(dir, 'own'), { recursive: true });
    const recipe = join(dir, 'own', 'recipe.js');
    const plan = join(dir, 'own', 'plan.yaml');
    const text = readFileSync(recipe, 'utf8');
    const first = await compilePlanFile(plan, {});
    writeFileSync(recipe, `${text}\n// changed\n`);
    expect((await compilePlanFile(plan, {})).digest).not.toBe(first.digest);
    await expect(compilePlanFile(plan, { WWW_BACKUPS: '/srv/www/backups' })).rejects.toMatchObject({
      mistakes: [{ path: 'site.backups', message: 'expected a place outside the folder' }],
    });
    writeFileSync(
      recipe,
      text.replace('runbook: ({ system', 'runbook: () => { throw new Error("no luck"); }, unused: ({ system'),
    );
    await expect(compilePlanFile(plan, {})).rejects.toSatisfy(
      (error) => isNakatError(error) && error.code === 'RECIPE_FAILED' && error.message.includes('no luck'),
    );
    writeFileSync(recipe, text.replace("{ undoes: ['production.copy-files'], uses: { backup", '{ uses: { backup'));
    await expect(compilePlanFile(plan, {})).rejects.toMatchObject({ code: 'RUNBOOK_INVALID' });
  });
});

const mistakesOf = async (): Promise<PlanMistakes['mistakes']> => {
  const error: unknown = await compilePlanFile(join(dir, 'plan.yaml'), {}).catch((thrown: unknown) => thrown);
  if (error instanceof PlanMistakes) return error.mistakes;
  throw error;
};
