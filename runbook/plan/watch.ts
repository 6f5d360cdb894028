/** The `watch` of a plan: which update services are asked, when, and what happens when one has something newer. */
import { z } from 'zod';
import { secret } from '../targets/index.ts';
import { duration, timeOfDay, timeZone } from './common.ts';

const text = z.string().min(1);
const name = text.max(60);
const hosts = z
  .array(z.string().regex(/^[A-Za-z0-9.-]+(:\d+)?$/, 'expected a host name'))
  .default([])
  .describe(
    'Other hosts that files may come from and redirects may lead to; those of the service’s own addresses always may.',
  );

const isPlainAddress = (url: string): boolean => {
  const { username, password } = new URL(url);
  return username === '' && password === '';
};
/** What a person may ask for by it; who asks is never written into it. */
const address = z
  .url({ protocol: /^https?$/, error: 'expected an address that begins with https:// or http://', abort: true })
  .refine(isPlainAddress, 'expected an address without name and password: they belong under `authentication`');

const authentication = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('none') }),
  z.strictObject({ kind: z.literal('basic'), user: text, password: secret }),
  z.strictObject({ kind: z.literal('bearer'), token: secret }),
  z.strictObject({ kind: z.literal('header'), header: z.string().regex(/^[A-Za-z0-9-]+$/), value: secret }),
]);
export type Authentication = z.infer<typeof authentication>;

const overHttp = {
  name,
  url: address,
  authentication: authentication
    .default({ kind: 'none' })
    .describe('Sent to the service itself alone, never to another host.'),
  plain: z.boolean().default(false).describe('HTTP without TLS is allowed: only inside a network that you trust.'),
  hosts,
  timeout: duration.default(60).describe('For one answer; a file may take longer.'),
};

/** What is said of every file, whoever offers it. */
const ofFile = {
  largest: z
    .int()
    .min(1)
    .default(2 * 1024 ** 3)
    .describe('Bytes; a larger file is refused.'),
  unchecked: z
    .boolean()
    .default(false)
    .describe('The vendor publishes no checksum, and the file is taken all the same; the approver sees that.'),
};

/** Never shown: sent as it is read. */
const field = z.union([z.string(), secret]);

export const updateService = z.discriminatedUnion('kind', [
  /** The release delivery of a licensing system: asked with the installed version, answers `modules` with files and MD5. */
  z.strictObject({
    kind: z.literal('release-api'),
    ...overHttp,
    ...ofFile,
    method: z.enum(['POST', 'GET']).default('POST'),
    encoding: z.enum(['json', 'form']).default('json').describe('Of the fields; with GET they are in the address.'),
    fields: z
      .record(z.string(), field)
      .describe('As the vendor’s description names them; `{installed}` stands for the installed version.'),
    module: z
      .strictObject({ by: z.enum(['uniqid', 'name', 'lic_product_id']), is: text })
      .describe('Which of the answered modules is ours.'),
    ending: text.default('.cfe').describe('Of the wanted file’s name, where a release has several.'),
  }),
  /** 1C’s `UpdInfo.txt` in a folder of the vendor’s server. No checksum is published. */
  z.strictObject({
    kind: z.literal('upd-info'),
    ...overHttp,
    ...ofFile,
    file: text.describe('Beside `UpdInfo.txt`: `v8upd11.zip`, `1cv8.cfu`; `{version}` stands for 3_0_195_36.'),
  }),
  /** 1C’s list of all updates, `v8cscdsc.lst`. No checksum is published. */
  z.strictObject({
    kind: z.literal('catalogue'),
    ...overHttp,
    ...ofFile,
    files: address.describe('What paths of the list are relative to.'),
    configuration: text.describe('Its name, as the list writes it.'),
    vendor: z.string().optional(),
  }),
  /** 1C’s update-api, which computes the next hop itself. */
  z.strictObject({
    kind: z.literal('update-api'),
    ...overHttp,
    url: overHttp.url.default('https://update-api.1c.ru'),
    ...ofFile,
    program: text.describe('`Accounting`, `HRM`.'),
    platform: text.describe('Version of the platform in use.'),
    login: text,
    password: secret,
    files: address
      .default('https://downloads.v8.1c.ru')
      .describe('Where files come from; login and password are told there too.'),
  }),
  /** A JSON file of one’s own, on a web server. */
  z.strictObject({ kind: z.literal('manifest'), ...overHttp, ...ofFile, product: text }),
  /** The same file in a folder on the machine of the worker: `manifest.json`, files beside it. */
  z.strictObject({ kind: z.literal('folder'), name, folder: text, ...ofFile, product: text }),
]);
export type UpdateService = z.infer<typeof updateService>;
export type WebService = Exclude<UpdateService, { kind: 'folder' }>;

/** Without TLS a service is asked only where the plan says so: it would be refused at every look. */
const overTls = (service: UpdateService, context: z.RefinementCtx): void => {
  if (service.kind === 'folder' || service.plain) return;
  for (const key of ['url', 'files'] as const) {
    const at = key === 'url' ? service.url : 'files' in service ? service.files : '';
    if (at.startsWith('http:'))
      context.addIssue({
        code: 'custom',
        path: [key],
        message: 'expected https://, or `plain: true` inside a network that you trust',
      });
  }
};

export const watch = z
  .strictObject({
    services: z
      .array(updateService.superRefine(overTls))
      .min(1)
      .max(20)
      .superRefine((all, context) => {
        for (const [at, { name }] of all.entries())
          if (all.findIndex((one) => one.name === name) < at)
            context.addIssue({ code: 'custom', path: [at, 'name'], message: `the name "${name}" is used twice` });
      }),
    every: duration
      .refine((seconds) => seconds >= 60, 'expected one minute or longer')
      .default(86_400)
      .describe('How often they are asked; instead of it: `at`.'),
    at: z.array(timeOfDay).min(1).optional().describe('Times of day in `timeZone`.'),
    days: z.array(z.int().min(1).max(7)).min(1).optional().describe('ISO weekdays, with `at`; 1 = Monday.'),
    timeZone: timeZone.default('UTC'),
    jitter: duration.default(600).describe('Asked up to so much later, so that not everybody asks at once.'),
    catchUp: duration.default(600).describe('A look missed while the server was down is made up for so long.'),
    rehearse: z
      .boolean()
      .default(false)
      .describe(
        'True: the rehearsal runs at once, and the approval of production is the question. False: the question comes first.',
      ),
  })
  .superRefine(({ at, days }, context) => {
    if (days !== undefined && at === undefined)
      context.addIssue({ code: 'custom', path: ['days'], message: 'expected `at` as well: the times of these days' });
  });
export type WatchPlan = z.infer<typeof watch>;
