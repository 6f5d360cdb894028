import { expect, test } from 'vitest';
import { runNameOf } from '../../workflows/messages.ts';

// Ids as the Temporal server gives them, made in the same millisecond: two systems that are updated at once on one machine.
test('runs that begin at the same moment have names of their own', () => {
  const names = ['01a1ff4b-3c5e-7d21-9a41-0c2f5b8e7a10', '01a1ff4b-3c5e-7d21-b3f0-77d1e4a90c52'].map(runNameOf);
  expect(names).toEqual(['5b8e7a10', 'e4a90c52']);
});
