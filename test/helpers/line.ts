/** A TCP line on loopback to a port of this machine, which does with every piece as a test likes. */
import { connect, createServer, type AddressInfo } from 'node:net';

/** `write` sends on; pieces of one way come in their order, each after what `pass` returned for the one before. */
type Pass = (piece: Buffer, way: 'there' | 'back', write: (piece: Buffer) => void) => void | Promise<void>;

export async function startLine(to: number, pass: Pass): Promise<{ readonly port: number; stop(): void }> {
  const server = createServer((client) => {
    const host = connect(to, '127.0.0.1');
    for (const [from, into, way] of [
      [client, host, 'there'],
      [host, client, 'back'],
    ] as const) {
      let before = Promise.resolve();
      from.setNoDelay(true);
      from.on('error', () => into.destroy());
      from.on('end', () => void before.then(() => into.end()));
      from.on('data', (piece: Buffer) => {
        before = before.then(() => pass(piece, way, (bytes) => void into.write(bytes)));
      });
    }
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return { port: (server.address() as AddressInfo).port, stop: () => void server.close() };
}
