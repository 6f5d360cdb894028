/** A web server that says what a test wants, wrong things above all. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Hostile {
  readonly url: string;
  readonly host: string;
  readonly asked: { method: string; url: string; headers: IncomingMessage['headers']; body: string }[];
  /** What the next requests get. */
  answer: (request: IncomingMessage, response: ServerResponse) => void;
  stop(): Promise<void>;
}

export async function startHostile(): Promise<Hostile> {
  const hostile: { -readonly [K in keyof Hostile]: Hostile[K] } = {
    url: '',
    host: '',
    asked: [],
    answer: (_request, response) => void response.writeHead(404).end(),
    stop: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (part) => (body += String(part)));
    request.on('end', () => {
      hostile.asked.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers, body });
      hostile.answer(request, response);
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', () => done()));
  hostile.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  hostile.url = `http://${hostile.host}`;
  return hostile;
}

export const sends =
  (body: string | Buffer, headers: Record<string, string> = {}): Hostile['answer'] =>
  (_request, response) =>
    void response.writeHead(200, headers).end(body);
export const redirects =
  (to: string, status = 302): Hostile['answer'] =>
  (_request, response) =>
    void response.writeHead(status, { location: to }).end();
