/** Where the files of a web site lie, and how nakat reaches them. */
import { z } from 'zod';
import { folder, machine, secret } from './machine.ts';

const name = z.string().min(1).describe('How people call the site: `www.example.com`.');
const url = z.url().optional().describe('Where visitors reach it; files that anybody may load are compared there.');
/** Below the site’s folder, with `/`. */
const below = z
  .string()
  .regex(/^(?!\/)(?!.*(^|\/)\.{0,2}(\/|$)).+$/, 'expected a path below the site’s folder, without `..`');
const common = {
  name,
  url,
  keep: z
    .array(below)
    .describe(
      'Files and folders of the running site (`upload`, `cache`): neither backed up, nor compared, nor touched.',
    ),
  store: z
    .strictObject({ machine, folder })
    .describe(
      'Where the previous files are kept: on the machine where the worker runs (`via: local`), outside the site.',
    ),
};

export const webTree = z.discriminatedUnion('via', [
  /** SFTP where that machine is reached by SSH; the worker’s own disk where it is local. */
  z.strictObject({ via: z.literal('machine'), machine, folder, ...common }),
  z.strictObject({
    via: z.literal('ftp'),
    host: z.string().min(1),
    port: z.int().min(1).max(65535),
    user: z.string().min(1),
    password: secret,
    security: z
      .enum(['none', 'explicit', 'implicit'])
      .describe('TLS: none (the password travels readable), by `AUTH TLS`, or from the first byte (port 990).'),
    certificate: z
      .union([z.literal('checked'), z.string().regex(/^[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){31}$/)])
      .describe(
        '`checked`: by the authorities that the worker knows; else the SHA-256 fingerprint of the server’s own certificate.',
      ),
    folder: folder.describe('As the server shows it after the log-in: `/` or `/www/site`.'),
    connections: z.int().min(1).max(16).describe('At once; hosts allow few for one account.'),
    ...common,
  }),
  /** Reached by neither: a person puts an archive in place that nakat made. */
  z.strictObject({ via: z.literal('manual'), ...common }),
]);
export type WebTree = z.infer<typeof webTree>;
