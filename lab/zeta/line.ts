/** A line to a server that can be cut: every connection ends, and for a while none is let through. */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { once } from 'node:events';

export interface LineOptions {
  /** Where it leads. */
  readonly port: number;
  /** Asked after each piece that goes to the server: cut now? */
  readonly cuts: (sent: number) => boolean;
  /** Asked at each connection after the cut, which is refused until this holds; then the line is whole again, for good. */
  readonly mended: () => boolean;
}

export async function startLine({ port, cuts, mended }: LineOptions): Promise<{ port: number; stop(): Promise<void> }> {
  const open = new Set<Socket>();
  let state: 'whole' | 'cut' | 'mended' = 'whole';
  let sent = 0;
  const end = (): void => {
    for (const socket of open) socket.destroy();
    open.clear();
  };
  const server = createServer((client) => {
    client.on('error', () => undefined);
    if (state === 'cut') {
      if (!mended()) return void client.destroy();
      state = 'mended';
    }
    const there = connect(port, '127.0.0.1');
    there.on('error', () => client.destroy());
    for (const socket of [client, there]) {
      open.add(socket);
      socket.setNoDelay(true);
      socket.once('close', () => open.delete(socket));
    }
    client.once('close', () => there.destroy());
    there.once('close', () => client.destroy());
    client.on('data', (piece) => {
      sent += piece.length;
      if (state === 'whole' && cuts(sent)) {
        state = 'cut';
        end();
      }
    });
    client.pipe(there).pipe(client);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      end();
      await closed;
    },
  };
}
