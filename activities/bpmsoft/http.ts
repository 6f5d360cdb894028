/**
 * One HTTP exchange, redirects not followed. On `node:http` rather than `fetch`, because `fetch` gives up after five
 * minutes without a header and an installation answers only when it has ended.
 */
import http from 'node:http';
import https from 'node:https';

export interface HttpReply {
  readonly status: number;
  readonly location: string | undefined;
  readonly cookies: readonly string[];
  readonly body: string;
  /** The same, for what is no UTF-8. */
  readonly bytes: Buffer;
}

export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer | string;
  /** Milliseconds without a byte; undefined: no limit of its own. */
  readonly timeout?: number;
  readonly signal: AbortSignal;
}

const largestReply = 64 * 2 ** 20;

export interface HttpConnections {
  send(url: URL, request: HttpRequest): Promise<HttpReply>;
  close(): void;
}

export function httpConnections(): HttpConnections {
  // No connection is kept: one that the site closed in the meantime would fail a request that must not be sent twice.
  const agents = { 'http:': new http.Agent({ keepAlive: false }), 'https:': new https.Agent({ keepAlive: false }) };
  return {
    send: (url, { method, headers, body, timeout, signal }) =>
      new Promise((resolve, reject) => {
        const secure = url.protocol === 'https:';
        const options = {
          method,
          agent: agents[secure ? 'https:' : 'http:'],
          signal,
          headers: { ...headers, 'content-length': String(Buffer.byteLength(body ?? '')) },
        };
        const request = (secure ? https : http).request(url, options, (response) => {
          const parts: Buffer[] = [];
          let bytes = 0;
          response.on('data', (part: Buffer) => {
            parts.push(part);
            if ((bytes += part.length) > largestReply) request.destroy(new Error('the reply is too large'));
          });
          response.on('error', reject);
          response.on('end', () => {
            const whole = Buffer.concat(parts);
            resolve({
              status: response.statusCode ?? 0,
              location: response.headers.location,
              cookies: response.headers['set-cookie'] ?? [],
              body: whole.toString('utf8'),
              bytes: whole,
            });
          });
        });
        request.on('error', reject);
        if (timeout !== undefined)
          request.setTimeout(timeout, () =>
            request.destroy(new Error(`no answer for ${Math.round(timeout / 1000)} s`)),
          );
        request.end(body);
      }),
    close() {
      for (const agent of Object.values(agents)) agent.destroy();
    },
  };
}
