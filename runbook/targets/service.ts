/** A service of a machine, as its operating system knows it. Sites of IIS have a target and steps of their own (`site`). */
import { z } from 'zod';
import { machine } from './machine.ts';

const name = z.string().min(1);
const sudo = z
  .boolean()
  .describe('`sudo -n` before every command: for an account that is not root and needs no password for it.');

export const service = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('systemd'),
    name: name.describe('The unit: `kinto.service`.'),
    machine,
    systemctl: name,
    sudo,
  }),
  z.strictObject({
    kind: z.literal('windows'),
    name: name.describe('The short name, as `sc query` shows it (SERVICE_NAME).'),
    machine,
    sc: name,
  }),
  z.strictObject({
    kind: z.literal('script'),
    name,
    machine,
    script: name.describe(
      'Takes `start`, `stop` and `status`; `status` ends with 0 when it runs and with 1, 2 or 3 when it does not (Linux Standard Base).',
    ),
    sudo,
  }),
]);
export type ServiceTarget = z.infer<typeof service>;
