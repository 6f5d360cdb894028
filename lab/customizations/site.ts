/** A web server of static pages: what a visitor of the account sees. Files are read at every request, as a web server does. */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';

export interface PagesSiteOptions {
  /** Real folder of the whole site; the account lies in `account` below it. */
  readonly folder: string;
  /** Instead of the page; null: the page is served. */
  readonly fails: (path: string, content: Buffer) => boolean;
  /** After a page was served. */
  readonly onServed: (path: string) => void;
}

export interface PagesSite {
  readonly url: string;
  stop(): Promise<void>;
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css',
  '.js': 'text/javascript',
  '.png': 'image/png',
};

export async function startPagesSite({ folder, fails, onServed }: PagesSiteOptions): Promise<PagesSite> {
  const server = createServer((request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname));
    void readFile(join(folder, path)).then(
      (content) => {
        if (fails(path, content)) return response.writeHead(500).end('HTTP 500: template error\n');
        response.writeHead(200, { 'content-type': types[extname(path)] ?? 'application/octet-stream' }).end(content);
        onServed(path);
        return response;
      },
      () => response.writeHead(404).end('HTTP 404\n'),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
