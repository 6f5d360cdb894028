/**
 * The release delivery of a vendor’s licensing system. Its description for developers names the fields of request and answer
 * (INSTALLED_VERSION, TYPE, CONF, CONF_VERSION, KEY; `modules[{uniqid, name, version, changelog, size, download_link,
 * files[{name, size, url, md5}]}]`, HTTP 400 with `error`); the path and the log-in are not public, so the plan says them.
 */
import { z } from 'zod';
import { NakatError } from '../../../runbook/errors/index.ts';
import type { Release } from '../../../runbook/watch/state.ts';
import { ask } from '../http.ts';
import { checksumOf, plain, sizeOf, unreadable, versionOf } from '../text.ts';
import { answerLimit, type Adapter, type Io, type Of } from './service.ts';

const text = z
  .union([z.string(), z.number()])
  .nullish()
  .transform((value) => (value === null || value === undefined ? '' : String(value)));
const module = z.object({
  uniqid: text,
  name: text,
  lic_product_id: text,
  version: z.string(),
  description: text,
  changelog: text,
  size: z.unknown().optional(),
  download_link: text,
  files: z
    .array(z.object({ name: z.string(), size: z.unknown().optional(), url: z.string(), md5: z.string().nullish() }))
    .max(200)
    .nullish(),
});
const reply = z.object({ modules: z.array(module).max(1000).nullish() });

export const releaseApi: Adapter<Of<'release-api'>> = {
  releases: async (service, installed, io) => {
    const text = await ask(service, await request(service, installed, io), answerLimit, io.secret, io.signal);
    let json: unknown;
    try {
      json = JSON.parse(text);
    } catch {
      throw unreadable(service.name, 'no JSON');
    }
    const parsed = reply.safeParse(json);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      throw unreadable(service.name, `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`);
    }
    const all = parsed.data.modules ?? [];
    const { by, is } = service.module;
    const ours = all.filter((one) => one[by] === is);
    if (all.length > 0 && ours.length === 0)
      throw new NakatError('SERVICE_OTHER_PRODUCT', {
        values: { service: service.name, offered: plain(all.map((one) => one[by]).join(', '), 100), wanted: is },
      });
    return ours.map((one) => releaseOf(one, service));
  },
};

async function request(
  service: Of<'release-api'>,
  installed: string,
  { secret }: Io,
): Promise<Parameters<typeof ask>[1]> {
  const fields: Record<string, string> = {};
  for (const [name, value] of Object.entries(service.fields))
    fields[name] = typeof value === 'string' ? value.replaceAll('{installed}', installed) : await secret(value);
  const url = new URL(service.url);
  const accept = 'application/json';
  if (service.method === 'GET') {
    for (const [name, value] of Object.entries(fields)) url.searchParams.set(name, value);
    return { url, accept };
  }
  return service.encoding === 'json'
    ? { url, accept, method: 'POST', type: 'application/json', body: JSON.stringify(fields) }
    : {
        url,
        accept,
        method: 'POST',
        type: 'application/x-www-form-urlencoded',
        body: new URLSearchParams(fields).toString(),
      };
}

function releaseOf(one: z.infer<typeof module>, service: Of<'release-api'>): Release {
  const { name } = service;
  const fitting = (one.files ?? []).filter((file) => file.name.toLowerCase().endsWith(service.ending.toLowerCase()));
  if (fitting.length > 1) throw unreadable(name, `several files end in ${service.ending}`);
  const [file] = fitting;
  const link = file?.url ?? one.download_link;
  if (link === '' || !URL.canParse(link, service.url))
    throw unreadable(name, `no file for version ${plain(one.version, 40)}`);
  return {
    version: versionOf(one.version, name),
    changes: plain(one.changelog || one.description),
    file: new URL(link, service.url).href,
    size: sizeOf(file ? file.size : one.size, name),
    checksum: checksumOf(file?.md5, name, 'md5'),
    from: [],
  };
}
