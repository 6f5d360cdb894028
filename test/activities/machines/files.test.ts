/** A file appears under its name only when it is whole, also while a killed worker's last requests still arrive. */
import { expect, test } from 'vitest';
import { machineFiles } from '../../../activities/machines/files.ts';
import type { Transport } from '../../../activities/machines/transport.ts';
import { NakatError } from '../../../runbook/errors/index.ts';

/** Files in memory; `before` is called ahead of every rename. */
function memory(before: (files: Map<string, string>) => void): { files: Map<string, string>; transport: Transport } {
  const files = new Map<string, string>();
  const missing = (path: string): NakatError => new NakatError('FILE_NOT_FOUND', { values: { path }, where: 'memory' });
  const transport = {
    name: 'memory',
    stat: async (path: string) => (files.has(path) ? { kind: 'file', size: 1, modified: 0 } : null),
    write: async (path: string, content: Buffer) => {
      if (!path.startsWith('/there/')) throw missing(path);
      files.set(path, content.toString());
    },
    rename: async (from: string, to: string) => {
      before(files);
      const content = files.get(from);
      if (content === undefined) throw missing(from);
      files.delete(from);
      files.set(to, content);
    },
    unlink: async (path: string) => void files.delete(path),
  };
  return { files, transport: transport as unknown as Transport };
}
const parent = (path: string): string => path.slice(0, path.lastIndexOf('/'));

test('what another has renamed meanwhile is written again', async () => {
  let first = true;
  const { files, transport } = memory((all) => {
    if (!first) return;
    first = false;
    all.delete('/there/a.nakat-new');
    all.set('/there/a', 'of the killed one');
  });
  await machineFiles(transport, parent).writeFile('/there/a', 'mine');
  expect([...files]).toEqual([['/there/a', 'mine']]);
});

test('a folder that is missing stays an error', async () => {
  const { files, transport } = memory(() => {});
  await expect(machineFiles(transport, parent).writeFile('/nowhere/a', 'mine')).rejects.toMatchObject({
    code: 'FILE_NOT_FOUND',
  });
  expect(files.size).toBe(0);
});
