/** Machines and secrets: what every other target is made of. */
import { z } from 'zod';

/** `{ env: NAME }` or `{ file: path }` (first line of the file). Resolved only inside the activity that uses it. */
export const secret = z.union(
  [z.strictObject({ env: z.string().min(1) }), z.strictObject({ file: z.string().min(1) })],
  {
    error: (issue) =>
      issue.code === 'invalid_union'
        ? 'expected { env: NAME } or { file: path }: a secret itself never stands in a plan'
        : undefined,
  },
);
export type SecretRef = z.infer<typeof secret>;

/** Folder names on the machine itself: `C:\nakat` or `/var/lib/nakat`. */
export const folder = z.string().min(1);

export const machine = z.discriminatedUnion('via', [
  z.strictObject({
    via: z.literal('local'),
    name: z.string().min(1),
    os: z.enum(['linux', 'windows']),
    work: folder.describe('Folder of nakat on that machine: jobs, backups in the making.'),
  }),
  z.strictObject({
    via: z.literal('ssh'),
    name: z.string().min(1),
    os: z.enum(['linux', 'windows']),
    host: z.string().min(1),
    port: z.int().min(1).max(65535),
    user: z.string().min(1),
    hostKeys: z
      .array(z.string().regex(/^SHA256:[A-Za-z0-9+/]{43}=?$/))
      .min(1)
      .describe('Pinned host keys, as `ssh-keygen -lf` prints them.'),
    auth: z.union([
      z.strictObject({ key: secret }),
      z.strictObject({ password: secret }),
      z.strictObject({ agent: z.literal(true) }),
    ]),
    work: folder,
    encoding: z.enum(['utf8', 'cp866', 'cp1251']).describe('Of the console output (Russian Windows under cmd: cp866).'),
  }),
]);
export type MachineTarget = z.infer<typeof machine>;
