/** Packets and messages of TDS (MS-TDS 2.2.3): 8 bytes of header, then data; the last packet of a message carries the EOM bit. */
import type { Socket } from 'node:net';

export const messageType = {
  batch: 0x01,
  rpc: 0x03,
  response: 0x04,
  attention: 0x06,
  transaction: 0x0e,
  login: 0x10,
  prelogin: 0x12,
} as const;
const endOfMessage = 0x01;
const headerBytes = 8;
const packetBytes = 4096;

/** Yields whole messages until the peer closes. */
export async function* readMessages(socket: Socket): AsyncGenerator<{ type: number; data: Buffer }> {
  let buffer: Buffer = Buffer.alloc(0);
  let parts: Buffer[] = [];
  for await (const chunk of socket) {
    buffer = Buffer.concat([buffer, chunk as Buffer]);
    while (buffer.length >= headerBytes && buffer.length >= buffer.readUInt16BE(2)) {
      const length = buffer.readUInt16BE(2);
      parts.push(buffer.subarray(headerBytes, length));
      const [type, status] = [buffer.readUInt8(0), buffer.readUInt8(1)];
      buffer = buffer.subarray(length);
      if (status & endOfMessage) {
        yield { type, data: Buffer.concat(parts) };
        parts = [];
      }
    }
  }
}

/** One response: tokens are gathered, sent early by `flush` (messages of a long statement) and ended by `end`. */
export interface Response {
  write(token: Buffer): void;
  flush(): void;
  end(): void;
}

export function openResponse(socket: Socket, spid: number): Response {
  let waiting: Buffer = Buffer.alloc(0);
  let id = 1;
  const send = (data: Buffer, last: boolean): void => {
    const header = Buffer.alloc(headerBytes);
    header.writeUInt8(messageType.response, 0);
    header.writeUInt8(last ? endOfMessage : 0, 1);
    header.writeUInt16BE(headerBytes + data.length, 2);
    header.writeUInt16BE(spid & 0xffff, 4);
    header.writeUInt8(id++ & 0xff, 6);
    if (!socket.destroyed) socket.write(Buffer.concat([header, data]));
  };
  const drain = (keep: number): void => {
    while (waiting.length > keep) {
      send(waiting.subarray(0, packetBytes - headerBytes), false);
      waiting = waiting.subarray(packetBytes - headerBytes);
    }
  };
  return {
    write(token) {
      waiting = Buffer.concat([waiting, token]);
      drain(packetBytes - headerBytes);
    },
    flush: () => drain(0),
    end() {
      drain(packetBytes - headerBytes);
      send(waiting, true);
      waiting = Buffer.alloc(0);
    },
  };
}
