import { expect, test } from 'vitest';
import { createStepContext } from '../../../activities/context.ts';
import { updateSteps } from '../../../activities/updates/steps.ts';

const compare = (before: Record<string, string | boolean>, now: Record<string, string | boolean>): Promise<null> =>
  updateSteps.checkUnchanged({ what: 'Телефония' }, { before, now }, createStepContext());

test('the same facts are unchanged', async () => {
  expect(await compare({ version: '1', safeMode: true }, { safeMode: true, version: '1' })).toBeNull();
});

test.each([
  [{ installed: true, version: '1' }, { installed: true, version: '2' }, 'Телефония, version: 1 → 2'],
  [
    { installed: true, version: '1' },
    { installed: false },
    'Телефония, installed: true → false; Телефония, version: 1 → —',
  ],
  [
    { installed: false },
    { installed: true, version: '1' },
    'Телефония, installed: false → true; Телефония, version: — → 1',
  ],
])('%j is not %j', async (before, now, differences) => {
  await expect(compare(before, now)).rejects.toMatchObject({
    code: 'DRIFT',
    failure: { values: { differences }, effect: 'not-done' },
  });
});
