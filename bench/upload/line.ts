/** A slow line as a process of its own, so that it takes no time from whoever uses it: `line.js PORT DELAY RATE`. Says its own port. */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** `delay`: milliseconds each way; `rate`: bytes per second each way, shared by all connections. */
const [port = 0, delay = 0, rate = 0] = process.argv.slice(2).map(Number);
/** Milliseconds of data that may wait for the line. */
const queue = 50;

/** One way: everything in order, no faster than the line, and each piece so much later than it was sent. */
function direction(): (from: Socket, to: Socket) => void {
  let free = 0;
  return (from, to) => {
    from.on('data', (piece: Buffer) => {
      const now = performance.now();
      free = Math.max(now, free) + (piece.length / rate) * 1000;
      setTimeout(() => to.destroyed || to.write(piece), free + delay - now);
      if (free - now < queue) return;
      from.pause();
      setTimeout(() => from.resume(), free - now - queue / 2);
    });
    from.on('end', () => setTimeout(() => to.end(), Math.max(free - performance.now(), 0) + delay + 1));
    from.on('error', () => to.destroy());
    from.on('close', () => setTimeout(() => to.destroy(), Math.max(free - performance.now(), 0) + delay + 2));
  };
}

const [there, back] = [direction(), direction()];
const server = createServer((client) => {
  const upstream = connect({ host: '127.0.0.1', port, noDelay: true });
  client.setNoDelay(true);
  there(client, upstream);
  back(upstream, client);
});
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
process.once('disconnect', () => process.exit());
