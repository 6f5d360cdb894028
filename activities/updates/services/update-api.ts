/**
 * 1C’s update-api, as its own internet support uses it: `…/programs/update/info` tells the newest version and the way to it,
 * `…/programs/update/` the files of that way in their order, each with size and check sum. The program that asks is named in
 * the header `User-Agent`.
 */
import { z } from 'zod';
import type { Release } from '../../../runbook/watch/state.ts';
import { ask } from '../http.ts';
import { checksumOf, plain, sizeOf, unreadable, versionOf } from '../text.ts';
import { answerLimit, type Adapter, type Io, type Of } from './service.ts';

const info = z.object({
  errorName: z.string().nullish(),
  errorMessage: z.string().nullish(),
  configurationUpdateResponse: z
    .object({
      configurationVersion: z.string().nullish(),
      programVersionUin: z.string().nullish(),
      upgradeSequence: z.array(z.string()).max(1000).nullish(),
    })
    .nullish(),
});
const files = z.object({
  errorName: z.string().nullish(),
  errorMessage: z.string().nullish(),
  configurationUpdateDataList: z
    .array(
      z.object({
        templatePath: z.string().nullish(),
        updateFileUrl: z.string(),
        size: z.unknown().optional(),
        hashSum: z.string().nullish(),
      }),
    )
    .max(1000)
    .nullish(),
});

export const updateApi: Adapter<Of<'update-api'>> = {
  login: (service) => ({
    as: { kind: 'basic', user: service.login, password: service.password },
    at: new URL(service.files).origin,
  }),
  releases: async (service, installed, io) => {
    const base = service.url.replace(/\/+$/, '');
    const told = await post(service, `${base}/update-platform/programs/update/info`, info, io, {
      programName: service.program,
      versionNumber: installed,
      platformVersion: service.platform,
      updateType: 'NewConfigurationAndOrPlatform',
    });
    const newest = told.configurationUpdateResponse;
    if (!newest?.configurationVersion) return [];
    const list = await post(service, `${base}/update-platform/programs/update/`, files, io, {
      programVersionUin: newest.programVersionUin ?? '',
      upgradeSequence: newest.upgradeSequence ?? [],
      login: service.login,
      password: await io.secret(service.password),
    });
    const way = list.configurationUpdateDataList ?? [];
    const last = versionOf(newest.configurationVersion, service.name);
    // Over which version a file goes, only its place in the sequence says: the first over what is installed.
    let from = installed;
    return way.map((one, at): Release => {
      const version = at === way.length - 1 ? last : versionOf(versionIn(one.templatePath ?? ''), service.name);
      if (one.updateFileUrl === '' || !URL.canParse(one.updateFileUrl, base))
        throw unreadable(service.name, `"${plain(one.updateFileUrl, 100)}" is no address`);
      const release: Release = {
        version,
        changes: '',
        file: new URL(one.updateFileUrl, base).href,
        size: sizeOf(one.size, service.name),
        checksum: checksumOf(one.hashSum, service.name),
        from: from === '' ? [] : [from],
      };
      from = version;
      return release;
    });
  },
};

/** `1c/Accounting/3_0_195_36` → `3.0.195.36`. */
const versionIn = (path: string): string => (/(\d+(?:_\d+)+)[\\/]*$/.exec(path)?.[1] ?? '').replaceAll('_', '.');

async function post<T extends { errorName?: string | null | undefined; errorMessage?: string | null | undefined }>(
  service: Of<'update-api'>,
  address: string,
  shape: z.ZodType<T>,
  { secret, signal }: Io,
  body: unknown,
): Promise<T> {
  const text = await ask(
    service,
    {
      url: new URL(address),
      method: 'POST',
      type: 'application/json',
      accept: 'application/json',
      body: JSON.stringify(body),
    },
    answerLimit,
    secret,
    signal,
  );
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw unreadable(service.name, 'no JSON');
  }
  const parsed = shape.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw unreadable(service.name, `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`);
  }
  if (parsed.data.errorName)
    throw unreadable(service.name, `${parsed.data.errorName} ${parsed.data.errorMessage ?? ''}`);
  return parsed.data;
}
