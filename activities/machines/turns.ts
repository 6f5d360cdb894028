import type { Socket } from 'node:net';

/**
 * From now on everything that is written to this connection in one turn of the event loop goes out in one go, at its end. ssh2 writes each
 * packet by itself, and every write costs a system call and wakes the other side: uploads took a seventh more processor time. What a
 * `destroy` finds waiting is dropped. No class of its own: `connect` puts a socket's `write` back to Node's.
 */
export function sendByTurns(socket: Socket): void {
  const write = socket.write.bind(socket) as (...given: unknown[]) => boolean;
  let gathering = false;
  socket.write = ((...given: unknown[]) => {
    if (!gathering) {
      gathering = true;
      socket.cork();
      setImmediate(() => {
        gathering = false;
        socket.uncork();
      });
    }
    return write(...given);
  }) as Socket['write'];
}
