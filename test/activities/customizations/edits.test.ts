import { expect, test } from 'vitest';
import { editsOf } from '../../../activities/customizations/edits.ts';

const merged = { place: '/desk/merge-1/files' };

test('what a person decided comes first, and a run keeps no more than it must', () => {
  const laid = Array.from({ length: 900 }, (_, index) => ({
    path: `${index}.html`,
    at: { base: `${index}.html`, ours: `${index}.html` },
    fate: 'edit-kept' as const,
    there: true,
  }));
  const resolution = { choice: 'ours', by: 'anna', at: '2026-11-20T13:00:00.000Z', remembered: false } as const;
  const decided = { path: 'z.html', at: {}, fate: 'resolved' as const, resolution, there: true };
  const edits = editsOf({ laid: [...laid, decided] }, merged);
  expect(edits).toMatchObject({ total: 901, place: '/desk/merge-1/merge.json' });
  expect(edits.files).toHaveLength(200);
  expect(edits.files[0]).toEqual({
    path: 'z.html',
    fate: 'resolved',
    decided: { choice: 'ours', by: 'anna', at: Date.UTC(2026, 10, 20, 13), remembered: false },
  });
});

test('what the vendor alone did is no edit; a move by the customer is one', () => {
  const { files } = editsOf(
    {
      laid: [
        { path: 'a', at: { base: 'a', ours: 'a', theirs: 'a' }, fate: 'new-version', there: true },
        { path: 'b', at: { base: 'a', ours: 'a', theirs: 'b' }, fate: 'new-version', there: true },
        { path: 'd', at: { base: 'c', ours: 'd', theirs: 'c' }, fate: 'new-version', there: true },
      ],
    },
    merged,
  );
  expect(files).toEqual([{ path: 'd', fate: 'moved', from: 'c' }]);
});
