/** A small site for the tests, whose pages are what a test says. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Site {
  readonly url: string;
  /** By path; a function answers by itself. */
  readonly pages: Map<string, string | ((request: IncomingMessage, response: ServerResponse) => void)>;
  readonly asked: string[];
  close(): Promise<void>;
}

export const startSite = async (): Promise<Site> => {
  const pages: Site['pages'] = new Map();
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://site').pathname;
    asked.push(path);
    const page = pages.get(path);
    if (typeof page === 'function') return page(request, response);
    if (page === undefined) return void response.writeHead(404).end('nothing here');
    response.writeHead(200, { 'content-type': path.endsWith('.js') ? 'text/javascript' : 'text/html; charset=utf-8' });
    response.end(page);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    pages,
    asked,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
};

export const page = (body: string, head = ''): string =>
  `<!doctype html><html><head><meta charset="utf-8"><title>t</title><style>body{margin:0;font:20px sans-serif}</style>${head}</head><body>${body}</body></html>`;
