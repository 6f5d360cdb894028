/**
 * Two update services over HTTP, strict, with real files. The licensed one follows the public description of MIKO's release
 * delivery for developers (fields INSTALLED_VERSION, TYPE, CONF, KEY; `modules[{uniqid, name, version, changelog, size, files[{name,
 * size, url, md5}]}]`, 400 with `error`); its path and token are this lab's own, since the vendor publishes neither. The other is a
 * manifest with SHA-256. Files lie on a third address, as a vendor's do.
 */
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { compareVersions, isVersion } from '../../runbook/versions.ts';

export interface LabRelease {
  readonly version: string;
  readonly changes: string;
  readonly content: Buffer;
}

export interface UpdateServicesOptions {
  readonly product: string;
  /** Distribution id that the licensed service knows. */
  readonly type: string;
  readonly token: string;
  readonly key: string;
  readonly releases: readonly LabRelease[];
  /** May be changed while the services stand. */
  readonly breakages?: { lies?: boolean };
  /** Told of every request: `releases`, `manifest`, `file 4.2.0`. */
  readonly count?: (event: string) => void;
}

export interface UpdateServices {
  /** Of the licensed service. */
  readonly api: string;
  readonly manifest: string;
  /** Host and port of the files. */
  readonly files: string;
  stop(): Promise<void>;
}

export async function startUpdateServices(options: UpdateServicesOptions): Promise<UpdateServices> {
  const { releases, breakages = {}, count = () => undefined } = options;
  const fileOf = ({ version }: LabRelease): string =>
    `${options.type.toLowerCase()}_${version.replaceAll('.', '_')}.cfe`;
  /** What is served where a service lies: as long as the true file, and not it. */
  const served = ({ content }: LabRelease): Buffer =>
    breakages.lies ? Buffer.from(content.map((byte, at) => (at === content.length >> 1 ? byte ^ 1 : byte))) : content;

  const files = await listen((request, response) => {
    const release = releases.find((one) => request.url === `/${fileOf(one)}`);
    if (!release || request.method !== 'GET') return answer(response, 404, { error: 'not found' });
    // Who fetches a file from here has no business to tell the service's token.
    if (request.headers.authorization !== undefined) return answer(response, 400, { error: 'unexpected credentials' });
    count(`file ${release.version}`);
    const body = served(release);
    response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': body.length });
    response.end(body);
  });
  const place = (release: LabRelease): string => `${addressOf(files)}/${fileOf(release)}`;

  const api = await listen(async (request, response) => {
    if (request.url !== '/api/releases' || request.method !== 'POST')
      return answer(response, 404, { error: 'not found' });
    if (request.headers.authorization !== `Bearer ${options.token}`) return answer(response, 401, { error: 'token' });
    const asked = await bodyOf(request);
    count('releases');
    const installed = asked?.['INSTALLED_VERSION'];
    if (typeof installed !== 'string' || (installed !== '' && !isVersion(installed)))
      return answer(response, 400, { error: 'INSTALLED_VERSION' });
    if (asked?.['TYPE'] !== options.type) return answer(response, 400, { error: 'TYPE' });
    if (asked['KEY'] !== options.key) return answer(response, 400, { error: 'KEY' });
    const newer = releases.filter(({ version }) => installed === '' || compareVersions(version, installed) > 0);
    answer(response, 200, {
      result: 'SUCCESS',
      modules: newer.map((release) => ({
        release_id: release.version,
        uniqid: options.type,
        version: release.version,
        name: options.product,
        changelog: release.changes,
        size: release.content.length,
        download_link: place(release),
        files: [
          {
            name: fileOf(release),
            size: release.content.length,
            url: place(release),
            md5: digest('md5', release.content),
          },
        ],
      })),
    });
  });

  const manifest = await listen((request, response) => {
    if (request.url !== '/manifest.json' || request.method !== 'GET')
      return answer(response, 404, { error: 'not found' });
    count('manifest');
    answer(response, 200, {
      nakat: 1,
      product: options.product,
      releases: releases.map((release) => ({
        version: release.version,
        file: place(release),
        size: release.content.length,
        sha256: digest('sha256', release.content),
        changes: release.changes,
      })),
    });
  });

  return {
    api: `${addressOf(api)}/api/releases`,
    manifest: `${addressOf(manifest)}/manifest.json`,
    files: new URL(addressOf(files)).host,
    stop: async () => void (await Promise.all([files, api, manifest].map(close))),
  };
}

const digest = (algorithm: string, content: Buffer): string => createHash(algorithm).update(content).digest('hex');

function listen(handle: (request: IncomingMessage, response: ServerResponse) => void | Promise<void>): Promise<Server> {
  const server = createServer((request, response) => {
    Promise.resolve(handle(request, response)).catch(() => response.destroy());
  });
  return new Promise((done) => server.listen(0, '127.0.0.1', () => done(server)));
}

const addressOf = (server: Server): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

const close = (server: Server): Promise<void> =>
  new Promise((done) => {
    server.close(() => done());
    server.closeAllConnections();
  });

function answer(response: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
}

async function bodyOf(request: IncomingMessage): Promise<Record<string, unknown> | null> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  try {
    return JSON.parse(Buffer.concat(parts).toString('utf8')) as Record<string, unknown>;
  } catch {
    return null;
  }
}
