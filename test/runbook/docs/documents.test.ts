import { describe, expect, test } from 'vitest';
import { documents } from '../../../runbook/docs/documents.ts';

/** Red: run `npm run docs`, which is this test with the permission to write. */
describe.each(Object.entries(documents()))('docs/%s', (name, text) => {
  test('is as the code says', async () => {
    await expect(text).toMatchFileSnapshot(`../../../docs/${name}`);
  });

  test('says something everywhere', () => {
    expect(text).not.toMatch(/undefined|\[object Object\]/);
  });
});
