/** A TCP proxy on loopback that cuts everything after so many bytes. It knows FTP well enough to stand before data connections too. */
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

export interface CuttingProxy {
  readonly port: number;
  /** After so many more bytes, in both directions together, all connections are reset; then it lets everything through again. */
  cutAfter(bytes: number): void;
  /** How often it did. */
  cuts(): number;
  stop(): Promise<void>;
}

export async function cuttingProxy(to: number): Promise<CuttingProxy> {
  const sockets = new Set<Socket>();
  const servers = new Set<Server>();
  let [left, cuts] = [Infinity, 0];
  const count = (bytes: number): boolean => {
    left -= bytes;
    if (left > 0) return true;
    left = Infinity;
    cuts += 1;
    for (const socket of sockets) socket.resetAndDestroy();
    return false;
  };
  const listen = (target: number, once: boolean): Promise<number> =>
    new Promise((resolve) => {
      const server = createServer((client) => {
        if (once) server.close();
        const upstream = connect(target, '127.0.0.1');
        for (const [one, other] of [
          [client, upstream],
          [upstream, client],
        ] as const) {
          sockets.add(one);
          one.setNoDelay(true);
          one.on('error', () => other.destroy());
          one.on('close', () => {
            sockets.delete(one);
            other.destroySoon();
          });
          one.on('end', () => other.end());
        }
        client.on('data', (bytes: Buffer) => count(bytes.length) && upstream.write(bytes));
        // In order, although a line that names a data port waits for the listener that stands for it.
        let before = Promise.resolve();
        upstream.on('data', (bytes: Buffer) => {
          if (!count(bytes.length)) return;
          before = before.then(async () => void client.write(once ? bytes : await withOwnPort(bytes)));
        });
      });
      servers.add(server);
      server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
    });
  const withOwnPort = async (bytes: Buffer): Promise<Buffer> => {
    const port = /^229 .*\(\|\|\|(\d+)\|\)/m.exec(bytes.toString('latin1'))?.[1];
    if (port === undefined) return bytes;
    const own = await listen(Number(port), true);
    return Buffer.from(bytes.toString('latin1').replace(`|||${port}|`, `|||${own}|`), 'latin1');
  };
  const port = await listen(to, false);
  return {
    port,
    cutAfter: (bytes) => void (left = bytes),
    cuts: () => cuts,
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      await Promise.all([...servers].map((server) => new Promise((resolve) => server.close(resolve))));
    },
  };
}

/** The same numbers for the same seed, from 0 (included) to 1 (mulberry32, public domain). */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
