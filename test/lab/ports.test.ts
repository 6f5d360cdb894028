import * as crypto from 'node:crypto';
import { once } from 'node:events';
import { createServer, Server, type AddressInfo } from 'node:net';
import { expect, it, onTestFinished, vi } from 'vitest';
import { freePort, freePorts } from '../../lab/ports.ts';

vi.mock('node:crypto', async (original) => {
  const real = await original<typeof crypto>();
  return { ...real, randomInt: vi.fn(real.randomInt) };
});
const random = vi.mocked(crypto.randomInt as (from: number, to: number) => number);

const listen = async (port: number): Promise<number> => {
  const server = createServer().listen(port, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
};

it('gives ports that differ, and that no outgoing connection is given', async () => {
  const ports = await freePorts(300);
  expect(new Set(ports).size).toBe(300);
  for (const port of ports) expect(port).toBeLessThan(32_768);
});

it('gives a port to listen on, and keeps it from others until somebody does', async () => {
  const port = await freePort();
  random.mockReturnValueOnce(port);
  expect(await freePort()).not.toBe(port);
  await listen(port);
});

it('gives no port on which somebody listens already', async () => {
  const port = await listen(0);
  random.mockReturnValueOnce(port);
  expect(await freePort()).not.toBe(port);
});

it('gives ports where the second address does not exist', async () => {
  const real = Server.prototype.listen as (...args: unknown[]) => Server;
  const without = vi.spyOn(Server.prototype, 'listen').mockImplementation(function (this: Server, ...args: unknown[]) {
    return real.apply(this, args.includes('127.0.0.2') ? [args[0], '192.0.2.1'] : args);
  });
  onTestFinished(() => without.mockRestore());
  await listen(await freePort());
});
