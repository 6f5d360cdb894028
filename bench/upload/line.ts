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
    const onTheWay: { readonly due: number; readonly arrive: () => void }[] = [];
    /** One timer for all: several could overtake each other. */
    const wait = (): void => {
      const next = onTheWay[0];
      if (next)
        setTimeout(
          () => {
            for (const now = performance.now(); onTheWay[0] && onTheWay[0].due <= now;) onTheWay.shift()?.arrive();
            wait();
          },
          Math.max(next.due - performance.now(), 0),
        );
    };
    const send = (due: number, arrive: () => void): void => {
      onTheWay.push({ due, arrive });
      if (onTheWay.length === 1) wait();
    };
    from.on('data', (piece: Buffer) => {
      const now = performance.now();
      free = Math.max(now, free) + (piece.length / rate) * 1000;
      send(free + delay, () => to.write(piece));
      if (free - now < queue) return;
      from.pause();
      setTimeout(() => from.resume(), free - now - queue / 2);
    });
    const last = (): number => Math.max(onTheWay.at(-1)?.due ?? 0, performance.now() + delay);
    from.on('end', () => send(last(), () => to.end()));
    from.on('error', () => to.destroy());
    from.on('close', () => send(last(), () => to.destroySoon()));
  };
}

const [there, back] = [direction(), direction()];
const server = createServer((client) => {
  const upstream = connect({ host: '127.0.0.1', port, noDelay: true });
  client.setNoDelay(true);
  for (const socket of [client, upstream]) socket.on('error', () => {});
  there(client, upstream);
  back(upstream, client);
});
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
process.once('disconnect', () => process.exit());
