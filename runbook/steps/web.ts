import { z } from 'zod';
import { archive, folder, machine, webTree } from '../targets/index.ts';
import { defineStep } from './define.ts';

const hour = 3600;
const part = z.string().describe('Folder within the update that holds the site’s files, with `/`; empty: all of it.');

/** The files of web sites, over SFTP or FTP. A step that writes to the site takes no site that is reached by neither. */
export const webSteps = {
  /** Logs in, writes, renames and removes a file of its own, reads the list of files, and says what the server can and cannot. */
  checkTree: defineStep({
    title: { en: 'Check access to the files of {tree}', ru: 'Проверить доступ к файлам {tree}' },
    params: z.strictObject({ tree: webTree }),
    uses: {},
    returns: 'Facts',
    effect: 'reads',
    expected: 10,
    timeout: hour,
    onFailure: 'stop',
  }),
  /** Into a folder of nakat’s own, under its name only when whole; an archive that could write elsewhere is refused. */
  unpackUpdate: defineStep({
    title: { en: 'Unpack {package} {version}', ru: 'Распаковать {package} {version}' },
    params: z.strictObject({
      archive,
      into: z
        .strictObject({ machine, folder })
        .describe('A folder of nakat; the update gets a folder of its own in it.'),
    }),
    uses: {},
    returns: 'FileTree',
    effect: 'reads',
    expected: 30,
    timeout: 2 * hour,
    onFailure: 'stop',
  }),
  /** Every file with its rights, listed with size and SHA-256. */
  backUpTree: defineStep({
    title: { en: 'Back up the files of {tree}', ru: 'Сделать копию файлов {tree}' },
    params: z.strictObject({ tree: webTree }),
    uses: {},
    returns: 'Backup',
    effect: 'writes',
    leavesData: true,
    expected: 300,
    timeout: 12 * hour,
    onFailure: 'restore',
  }),
  /**
   * What differs from the update is sent beside, read back, and then renamed into place: no visitor gets half a file. Files that
   * only the old release (`owned`) had are removed, except where the customer changed them. What was neither the old release’s nor the
   * new one’s is named: it is overwritten, and only the backup has it.
   */
  uploadTree: defineStep({
    title: { en: 'Upload the files of {tree}', ru: 'Загрузить файлы {tree}' },
    params: z.strictObject({
      tree: webTree,
      part,
      editsIn: z
        .string()
        .optional()
        .describe(
          'Folder of the site whose edits are merged and put in place afterwards, with `/`: they are not told as overwritten.',
        ),
    }),
    uses: { update: 'FileTree', owned: 'FileTree?', backup: 'Backup' },
    returns: 'Uploaded',
    effect: 'writes',
    evidence: true,
    expected: 300,
    timeout: 12 * hour,
    onFailure: 'ask',
    noSkip: true,
  }),
  /** Exactly the files of the backup; what appeared since is kept beside the backup. */
  restoreTree: defineStep({
    title: { en: 'Restore the files of {tree}', ru: 'Восстановить файлы {tree}' },
    params: z.strictObject({ tree: webTree }),
    uses: { backup: 'Backup' },
    returns: 'Uploaded',
    effect: 'writes',
    expected: 300,
    timeout: 12 * hour,
    onFailure: 'ask',
  }),
  /** Every file, folder and link, read. */
  takeTreeFingerprint: defineStep({
    title: { en: 'Take a fingerprint of the files of {tree}', ru: 'Снять отпечаток файлов {tree}' },
    params: z.strictObject({ tree: webTree }),
    uses: {},
    returns: 'TreeFingerprint',
    effect: 'reads',
    expected: 120,
    timeout: 12 * hour,
    onFailure: 'stop',
  }),
  /** Fails unless the files are those of the backup, every one read. */
  proveTree: defineStep({
    title: {
      en: 'Prove that the files of {tree} are those of the backup',
      ru: 'Доказать, что файлы {tree} — те же, что в копии',
    },
    params: z.strictObject({ tree: webTree }),
    uses: { backup: 'Backup' },
    returns: 'Proof',
    effect: 'reads',
    expected: 120,
    timeout: 12 * hour,
    onFailure: 'ask',
  }),
  /** For a person to put in place: a zip of the site’s new files, and a list of those to remove. Said as findings for `askPerson`. */
  prepareArchive: defineStep({
    title: { en: 'Prepare an archive of the new files of {tree}', ru: 'Подготовить архив новых файлов {tree}' },
    params: z.strictObject({ tree: webTree, part }),
    uses: { update: 'FileTree', owned: 'FileTree?' },
    returns: 'Findings',
    effect: 'reads',
    expected: 30,
    timeout: hour,
    onFailure: 'stop',
  }),
  /** Loads files that anybody may load (styles, scripts, pictures) from the site’s address and compares them with the update. */
  checkServed: defineStep({
    title: { en: 'Check that {tree} serves the new files', ru: 'Проверить, что {tree} отдаёт новые файлы' },
    params: z.strictObject({
      tree: webTree,
      part,
      at: z.string().describe('Path of the site’s root within the address: `/` where the folder is what visitors see.'),
      files: z.int().min(1).describe('How many at most.'),
    }),
    uses: { update: 'FileTree' },
    returns: 'Facts',
    effect: 'reads',
    expected: 10,
    timeout: hour,
    onFailure: 'ask',
  }),
};
