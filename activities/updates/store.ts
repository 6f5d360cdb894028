/**
 * Fetches an update into the worker’s own store: under the name of its SHA-256, and only when everything that was announced is
 * true of it. What is not whole or not right never gets a name.
 */
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open as openFile, readdir, rename, rm, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { NakatError } from '../../runbook/errors/index.ts';
import type { UpdateService } from '../../runbook/plan/watch.ts';
import type { Found, Release } from '../../runbook/watch/state.ts';
import { adapterOf } from './ask.ts';
import { open } from './http.ts';
import { inFolder } from './services/manifest.ts';
import type { Io } from './services/service.ts';

const endings = ['.cfe', '.cfu', '.cf', '.epf', '.zip', '.gz', '.deb', '.tar', '.tgz'];

/**
 * @param folder the store; made when it is not there.
 * @throws NakatError UPDATE_UNCHECKED, UPDATE_TOO_BIG, UPDATE_SIZE_WRONG, UPDATE_HASH_WRONG, UPDATE_NO_FILE, UPDATE_NOT_STORED, and
 * what opening the address throws.
 */
export async function fetchUpdate(
  service: UpdateService,
  release: Release,
  folder: string,
  io: Io & { readonly progress?: (done: number, total: number | null) => void },
): Promise<Found> {
  const { version, checksum } = release;
  const values = { service: service.name, version };
  if (checksum === null && !service.unchecked) throw new NakatError('UPDATE_UNCHECKED', { values });
  const tooBig = (): NakatError => new NakatError('UPDATE_TOO_BIG', { values: { ...values, limit: service.largest } });
  if ((release.size ?? 0) > service.largest) throw tooBig();
  await mkdir(folder, { recursive: true, mode: 0o700 }).catch(notStored(folder, version));
  await removeStale(folder);
  // An attempt that was given up may still be writing: each has a file of its own.
  const partial = join(folder, `${randomUUID()}.partial`);
  try {
    const { sha256, told, bytes } = await receive(service, release, partial, tooBig, io);
    if (release.size !== null && bytes !== release.size)
      throw new NakatError('UPDATE_SIZE_WRONG', { values: { ...values, found: bytes, expected: release.size } });
    if (checksum && told !== checksum.value)
      throw new NakatError('UPDATE_HASH_WRONG', {
        values: { ...values, algorithm: checksum.algorithm, found: told, expected: checksum.value },
      });
    const path = join(folder, `${sha256}${endingOf(release.file)}`);
    await rename(partial, path).catch(notStored(folder, version));
    return {
      service: service.name,
      version,
      changes: release.changes,
      path,
      sha256,
      bytes,
      checkedBy: checksum?.algorithm ?? null,
    };
  } finally {
    await rm(partial, { force: true });
  }
}

async function receive(
  service: UpdateService,
  release: Release,
  to: string,
  tooBig: () => NakatError,
  io: Parameters<typeof fetchUpdate>[3],
): Promise<{ sha256: string; told: string; bytes: number }> {
  const sha256 = createHash('sha256');
  const other = createHash(release.checksum?.algorithm ?? 'sha256');
  const file = await openFile(to, 'wx', 0o600).catch(notStored(to, release.version));
  let bytes = 0;
  try {
    for await (const chunk of chunksOf(service, release, tooBig, io)) {
      if (bytes === 0) refusePage(service, release, chunk);
      sha256.update(chunk);
      other.update(chunk);
      await file.writeFile(chunk).catch(notStored(to, release.version));
      bytes += chunk.byteLength;
      io.progress?.(bytes, release.size);
    }
    await file.sync();
  } finally {
    await file.close();
  }
  if (bytes === 0)
    throw new NakatError('UPDATE_NO_FILE', {
      values: { service: service.name, version: release.version, problem: 'it is empty' },
    });
  return { sha256: sha256.digest('hex'), told: other.digest('hex'), bytes };
}

const day = 86_400_000;

/** What workers that were killed have left. */
async function removeStale(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const found = name.endsWith('.partial') ? await stat(path).catch(() => null) : null;
    if (found && found.mtimeMs < Date.now() - day) await rm(path, { force: true });
  }
}

/** No more bytes than announced, or than the plan allows, are ever read. */
async function* chunksOf(
  service: UpdateService,
  release: Release,
  tooBig: () => NakatError,
  io: Io,
): AsyncGenerator<Uint8Array> {
  const limit = release.size ?? service.largest;
  const tooMany = (found: number): NakatError =>
    release.size === null
      ? tooBig()
      : new NakatError('UPDATE_SIZE_WRONG', {
          values: { service: service.name, version: release.version, found, expected: release.size },
        });
  if (service.kind === 'folder') {
    const path = await inFolder(service, release.file);
    const { size } = await stat(path);
    if (size > limit) throw tooMany(size);
    yield* createReadStream(path, { signal: io.signal }) as AsyncIterable<Uint8Array>;
    return;
  }
  const login = adapterOf(service).login?.(service);
  const answer = await open(service, { url: new URL(release.file), ...(login ? { login } : {}) }, io.secret, io.signal);
  if (answer.length !== null && answer.length > limit) throw tooMany(answer.length);
  yield* answer.chunks(limit, () => tooMany(limit + 1));
}

/** A log-in form or a proxy’s message in place of the file, saved as if it were it: the commonest of all bad downloads. */
function refusePage(service: UpdateService, release: Release, chunk: Uint8Array): void {
  const head = Buffer.from(chunk.subarray(0, 200)).toString('latin1').replace(/^ï»¿/, '').trimStart().toLowerCase();
  if (/^(<!doctype html|<html|<head|<script)/.test(head))
    throw new NakatError('UPDATE_NO_FILE', {
      values: { service: service.name, version: release.version, problem: 'a web page' },
    });
}

/** Of the name that the service gives, nothing but a known ending is kept. */
function endingOf(file: string): string {
  const path = URL.canParse(file) ? new URL(file).pathname : file;
  const ending = extname(path).toLowerCase();
  return endings.includes(ending) ? ending : '.bin';
}

const notStored =
  (place: string, version: string) =>
  (error: unknown): never => {
    throw new NakatError('UPDATE_NOT_STORED', {
      values: { version, place },
      vendor: (error as Error).message,
      cause: error,
    });
  };
