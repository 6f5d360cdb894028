/**
 * Ports of 127.0.0.1 for servers that start late, stop, or start again: free until then. Linux gives ports from 32768 on to
 * outgoing connections and to whoever asks for any, so these lie below; a listener on 127.0.0.2, kept as long as this process
 * lives, keeps the same number from others that ask here.
 */
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';

const range = [20_000, 32_768] as const;

export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(...range);
    const kept = await listen(port, '127.0.0.2');
    if (!kept) continue;
    kept.unref();
    const probe = await listen(port, '127.0.0.1');
    if (probe) {
      await new Promise((closed) => probe.close(closed));
      return port;
    }
    kept.close();
  }
}

/** They differ. */
export const freePorts = (many: number): Promise<number[]> => Promise.all(Array.from({ length: many }, freePort));

/** Null when somebody listens there. */
async function listen(port: number, host: string): Promise<Server | null> {
  const server = createServer().listen(port, host);
  try {
    await once(server, 'listening');
    return server;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return null;
    throw error;
  }
}
