import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { sendByTurns } from '../../../activities/machines/turns.ts';

test('what is written in one turn waits for its end and goes out together, in order; an end sends it at once', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const accepted = once(server, 'connection');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  await once(socket, 'connect');
  sendByTurns(socket);
  const arrived = buffer((await accepted)[0]);
  const said: string[] = [];
  socket.write('one ');
  socket.write(Buffer.from('two '), () => said.push('two'));
  expect([socket.writableLength, said]).toEqual([8, []]);
  await turn();
  expect(socket.writableLength).toBe(0);
  socket.write('three ', 'latin1');
  expect(socket.writableLength).toBe(6);
  socket.end('four');
  expect((await arrived).toString()).toBe('one two three four');
  expect(said).toEqual(['two']);
  server.close();
});
