/**
 * Ports of 127.0.0.1 for servers that start late, stop, or start again: free until then. Linux gives ports from 32768 on to
 * outgoing connections and to whoever asks for any, so these lie below; a listener on 127.0.0.2, kept as long as this process
 * lives, keeps the same number from others that ask here. macOS has no such address: there, only the range helps.
 */
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';

const range = [20_000, 32_768] as const;

export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(...range);
    const keeper = createServer().unref();
    if ((await listen(keeper, port, '127.0.0.2')) === 'taken') continue;
    const probe = createServer();
    if ((await listen(probe, port, '127.0.0.1')) === 'listens') {
      await new Promise((closed) => probe.close(closed));
      return port;
    }
    keeper.close();
  }
}

/** They differ. */
export const freePorts = (many: number): Promise<number[]> => Promise.all(Array.from({ length: many }, freePort));

async function listen(server: Server, port: number, host: string): Promise<'listens' | 'taken' | 'no address'> {
  try {
    await once(server.listen(port, host), 'listening');
    return 'listens';
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE') return 'taken';
    if (code === 'EADDRNOTAVAIL') return 'no address';
    throw error;
  }
}
