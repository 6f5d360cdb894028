import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { stopEarlier } from '../../../lab/postgres/earlier.ts';

/** A process that is taken for the server of this data folder. */
const running = async () => {
  const data = mkdtempSync(join(tmpdir(), 'nakat-earlier-'));
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)', 'postgres', data], { stdio: 'ignore' });
  await once(child, 'spawn');
  onTestFinished(() => {
    child.kill('SIGKILL');
    rmSync(data, { recursive: true });
  });
  const file = join(data, 'postmaster.pid');
  writeFileSync(file, `${child.pid}\n`);
  return { data, file, child };
};

it('goes on when the server ended by itself before it could be stopped', async () => {
  const { data, file, child } = await running();
  await stopEarlier(data, async () => {
    child.kill('SIGKILL');
    await once(child, 'exit');
    throw new Error('no such process');
  });
  expect(existsSync(file)).toBe(false);
});

it('does not go on beside a server that cannot be stopped', async () => {
  const { data, file } = await running();
  const refused = stopEarlier(data, () => Promise.reject(new Error('server does not shut down')));
  await expect(refused).rejects.toThrow('server does not shut down');
  expect(existsSync(file)).toBe(true);
});
