/** Commands of the administrator's own: once, however often they are attempted, and judged by more than their exit code. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createStepContext, type ContextOptions } from '../../../activities/context.ts';
import { checkCommand, runCommand } from '../../../activities/generic/command.ts';
import { closeAllMachines } from '../../../activities/machines/pool.ts';
import { genericSteps } from '../../../runbook/steps/generic.ts';
import type { ParamsOf } from '../../../runbook/steps/index.ts';

let dir: string;
let number = 0;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'nakat-command-'));
});
afterAll(async () => {
  await closeAllMachines();
  rmSync(dir, { recursive: true, force: true });
});
const machine = () => ({ via: 'local', os: 'linux', name: 'app', work: join(dir, 'work') }) as const;
const command = (text: string, more: Record<string, unknown> = {}): ParamsOf<'runCommand'> =>
  genericSteps.runCommand.params.parse({ machine: machine(), argv: ['/bin/sh', '-c', text], ...more });
const context = (options: ContextOptions = {}) => createStepContext({ step: `production.c${++number}`, ...options });
const starts = (name: string): number =>
  existsSync(join(dir, name)) ? readFileSync(join(dir, name), 'utf8').length : 0;

test('no shell reads the arguments', async () => {
  const argv = ['printf', '%s|', '$HOME', '*', "it's", 'a  b', ''];
  expect(await runCommand(command('', { argv }), {}, context())).toEqual({ code: 0, says: "$HOME|*|it's|a  b||" });
});

test('once: a second attempt finds the result of the first', async () => {
  const step = { step: 'production.once' };
  const once = command(`printf x >>'${dir}/once'; echo done`);
  expect(await runCommand(once, {}, createStepContext(step))).toEqual({ code: 0, says: 'done' });
  expect(await runCommand(once, {}, createStepContext({ ...step, attempt: 2 }))).toEqual({ code: 0, says: 'done' });
  expect(await runCommand(once, {}, createStepContext(step))).toEqual({ code: 0, says: 'done' });
  expect(starts('once')).toBe(1);
});

test('what a dying worker leaves running is followed, not started again', async () => {
  const step = { step: 'production.followed' };
  const long = command(`printf x >>'${dir}/followed'; while [ ! -e '${dir}/go' ]; do sleep 0.05; done; echo over`);
  const dying = new AbortController();
  const first = runCommand(long, {}, createStepContext({ ...step, signal: dying.signal, stopping: () => true }));
  await expect.poll(() => starts('followed')).toBe(1);
  dying.abort();
  await expect(first).rejects.toMatchObject({ code: 'JOB_LEFT_RUNNING' });
  const second = runCommand(long, {}, createStepContext({ ...step, attempt: 2 }));
  writeFileSync(join(dir, 'go'), '');
  expect(await second).toEqual({ code: 0, says: 'over' });
  expect(starts('followed')).toBe(1);
});

test('what failed is not started again by another attempt, but by the next try that a person wants', async () => {
  const step = { step: 'production.tried' };
  const failing = command(`printf x >>'${dir}/tried'; [ -e '${dir}/mended' ] || { echo no luck >&2; exit 3; }`);
  await expect(runCommand(failing, {}, createStepContext(step))).rejects.toMatchObject({
    code: 'COMMAND_NOT_SUCCESSFUL',
    message: expect.stringMatching(/exit code 3 — no luck/) as string,
    failure: { effect: 'unknown', passing: false },
  });
  await expect(runCommand(failing, {}, createStepContext({ ...step, attempt: 2 }))).rejects.toMatchObject({
    code: 'COMMAND_NOT_SUCCESSFUL',
  });
  expect(starts('tried')).toBe(1);
  writeFileSync(join(dir, 'mended'), '');
  expect(await runCommand(failing, {}, createStepContext(step))).toMatchObject({ code: 0 });
  expect(starts('tried')).toBe(2);
});

test('folder, environment, secrets: given to the program, not to the result', async () => {
  process.env['NAKAT_TEST_COMMAND'] = 'top-secret-7';
  const run = command(`[ "$TOKEN" = top-secret-7 ] && [ "$PLAIN" = "it's" ] && pwd && echo "$TOKEN"`, {
    folder: dir,
    env: { TOKEN: { env: 'NAKAT_TEST_COMMAND' }, PLAIN: "it's" },
  });
  const result = await runCommand(run, {}, context());
  expect(JSON.stringify(result)).not.toContain('top-secret-7');
  expect(result).toEqual({ code: 0, says: '•••' });
});

describe('success', () => {
  const cases: [string, string, Record<string, unknown>, RegExp | null][] = [
    ['another exit code', 'exit 2', { codes: [0, 2] }, null],
    ['the code is none of them', 'exit 1', { codes: [0, 2] }, /exit code 1/],
    ['output as wanted', 'echo one; echo all done', { output: '^all done$' }, null],
    ['output not as wanted', 'echo one', { output: 'done' }, /output without \/done\//],
    ['a word of failure', 'echo ERROR 42 >&2', { notOutput: 'ERROR' }, /output with \/ERROR\//],
    ['a file', `touch '\${dir}/made'`, { file: '${dir}/made' }, null],
    ['no file', 'true', { file: '${dir}/never' }, /no .*never/],
    ['a file that must be gone', 'true', { noFile: '${dir}' }, /is there/],
  ];
  test.each(cases)('%s', async (_name, text, success, problem) => {
    const here = (value: unknown): unknown => (typeof value === 'string' ? value.replace('${dir}', dir) : value);
    const run = command(String(here(text)), {
      success: Object.fromEntries(Object.entries(success).map(([key, value]) => [key, here(value)])),
    });
    const done = runCommand(run, {}, context());
    await (problem
      ? expect(done).rejects.toMatchObject({ message: expect.stringMatching(problem) as string })
      : expect(done).resolves.toMatchObject({}));
  });
});

test('a command that only looks is asked anew each time', async () => {
  const step = { step: 'preflight.look' };
  const look = command(`printf x >>'${dir}/looked'`);
  await checkCommand(look, {}, createStepContext(step));
  await checkCommand(look, {}, createStepContext({ ...step, attempt: 2 }));
  expect(starts('looked')).toBe(2);
});
