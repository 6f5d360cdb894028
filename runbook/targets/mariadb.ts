import { z } from 'zod';
import { folder, machine, secret } from './machine.ts';

/** A database of a MariaDB or MySQL server. */
export const mariadb = z.strictObject({
  engine: z.literal('mariadb').describe('MariaDB 10.6 or later, or MySQL 8.'),
  host: z.string().min(1),
  port: z.int(),
  name: z.string().min(1),
  user: z.string().min(1),
  password: secret.optional(),
  tls: z.enum(['off', 'on', 'trust']).describe('`trust`: encrypted, any certificate.'),
  machine: machine.describe('Where the client programs run (Linux); the backup folder is on it.'),
  tools: z
    .string()
    .describe('Folder of mariadb-dump and mariadb (or mysqldump and mysql) on that machine; empty: found by PATH.'),
  backups: folder,
  jobs: z
    .int()
    .min(1)
    .describe('More than 1: tables are dumped and loaded side by side, where mydumper and myloader are installed.'),
});
export type MariaDbTarget = z.infer<typeof mariadb>;
