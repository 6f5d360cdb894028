/** A Comindware instance: one site in IIS, its application pools, its folders. */
import { z } from 'zod';
import { folder, machine } from './machine.ts';

const path = z.string().min(1);

export const instance = z.strictObject({
  name: z.string().min(1).describe('Name of the instance.'),
  machine,
  url: z
    .url()
    .describe('Where nakat opens the login page: the public address, or the maintenance one while users are kept out.'),
  appcmd: path,
  site: z.string().min(1).describe('Name of its IIS site.'),
  pools: z
    .array(z.string().min(1))
    .min(1)
    .describe('Its application pools, in the order in which they are started; stopped the other way round.'),
  idle: z
    .array(z.string().min(1))
    .describe(
      'Pools of these that are never started: a test copy’s adapter host would act on mailboxes and other systems.',
    ),
  binding: z.string().min(1).describe('As appcmd writes it: `http/*:80:bpm.example.com`.'),
  maintenanceBinding: z.string().min(1).describe('The only binding while users are kept out.'),
  binaries: folder.describe('Each version of the product lies in a folder of its name below it.'),
  templates: z
    .string()
    .describe(
      'Folder below a version’s binaries with the new configuration files; empty: the old files go on with the new version in them.',
    ),
  main: path.describe('The instance’s own YAML file.'),
  config: folder.describe('Configuration files and links to the binaries.'),
  database: folder,
  streams: folder.optional().describe('Files that users have uploaded; left out: there are none on this disk.'),
  logs: folder,
  backups: folder.describe('On the machine, outside the instance’s folders.'),
  success: z
    .array(z.strictObject({ file: z.string().min(1), line: z.string().min(1) }))
    .describe(
      'The product’s own words for an upgrade that went well: `file` (with `*`) in the folder of logs, `line` its last line.',
    ),
  problem: z.string().describe('Regular expression of a log line that speaks of a failure; empty: none.'),
  login: z.string().min(1).describe('Text that only the login page has.'),
  health: z.string().describe('Path that answers 200 when the node is well; empty: not asked.'),
});
export type InstanceTarget = z.infer<typeof instance>;
