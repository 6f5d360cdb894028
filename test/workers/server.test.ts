import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { connectionSettings } from '../../workers/connection.ts';
import { commandLine } from '../../workers/processes.ts';
import { runningServer, startServer, type Server } from '../../workers/server.ts';

let stateDir: string;
const started: Server[] = [];

beforeEach(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'nakat-server-'));
});
afterEach(async () => {
  await Promise.all(started.splice(0).map((server) => server.stop()));
  await rm(stateDir, { recursive: true, force: true });
});

const start = async (): Promise<Server> => {
  const server = await startServer({ stateDir });
  started.push(server);
  return server;
};

const withClient = async <T>(address: string, use: (client: Client) => Promise<T>): Promise<T> => {
  const connection = await Connection.connect({ address });
  try {
    return await use(new Client({ connection }));
  } finally {
    await connection.close();
  }
};

test('a killed server goes on with its database, at the same address', async () => {
  const first = await start();
  await withClient(first.address, (client) =>
    client.workflow.start('anything', {
      workflowId: 'nakat-kept',
      taskQueue: 'nobody',
      args: [],
    }),
  );
  process.kill(first.pid, 'SIGKILL');
  await first.ended;
  expect(runningServer(stateDir)).toBeNull();

  const second = await start();
  expect(second.address).toBe(first.address);
  const description = await withClient(second.address, (client) => client.workflow.getHandle('nakat-kept').describe());
  expect(description.status.name).toBe('RUNNING');
});

test('a server that its starter left behind is ended by the next start', async () => {
  const first = await start();
  const file = join(stateDir, 'server.json');
  const record = JSON.parse(await readFile(file, 'utf8')) as { owner: object };
  // As if a starter with this pid had been killed: no process has that command line.
  await writeFile(file, JSON.stringify({ ...record, owner: { pid: 2 ** 22 + 1, command: 'nakat server' } }));
  const second = await start();
  expect(await first.ended).not.toBeUndefined();
  expect(commandLine(first.pid)).toBeNull();
  expect(runningServer(stateDir)?.pid).toBe(second.pid);
});

test('a server whose starter lives is left alone', async () => {
  await start();
  const file = join(stateDir, 'server.json');
  const record = JSON.parse(await readFile(file, 'utf8')) as { owner: object };
  await writeFile(
    file,
    JSON.stringify({ ...record, owner: { pid: process.ppid, command: commandLine(process.ppid) } }),
  );
  await expect(startServer({ stateDir })).rejects.toMatchObject({ code: 'SERVER_IN_USE' });
});

test('another program that got the pid is never ended', async () => {
  await writeFile(
    join(stateDir, 'server.json'),
    JSON.stringify({ pid: process.pid, address: '127.0.0.1:1', owner: { pid: 1, command: '' } }),
  );
  expect(runningServer(stateDir)).toBeNull();
  const server = await start();
  expect(server.pid).not.toBe(process.pid);
});

test('commands find the runs of a server that stands apart', async () => {
  const server = await startServer({ stateDir, apart: true });
  started.push(server);
  expect(connectionSettings({ stateDir })).toMatchObject({ address: server.address, namespace: server.namespace });
  await server.stop();
  await start();
  expect(connectionSettings({ stateDir }).namespace).toBe('default');
});

test('stop leaves no process and no record', async () => {
  const server = await start();
  await server.stop();
  expect(commandLine(server.pid)).toBeNull();
  expect(runningServer(stateDir)).toBeNull();
});

test('a port where another server answers is not taken for its own', async () => {
  const { address } = await start();
  const other = await mkdtemp(join(tmpdir(), 'nakat-other-'));
  await expect(startServer({ stateDir: other, port: Number(address.split(':')[1]) })).rejects.toMatchObject({
    code: 'SERVER_NOT_STARTED',
  });
  expect(runningServer(other)).toBeNull();
  await rm(other, { recursive: true });
});

test('a server that cannot start says why', async () => {
  await writeFile(join(stateDir, 'temporal.db'), 'this is no database, and long enough to be taken for one'.repeat(50));
  await expect(startServer({ stateDir })).rejects.toMatchObject({
    code: 'SERVER_NOT_STARTED',
    failure: { vendor: expect.stringMatching(/database/) as string },
  });
});
