/**
 * The practice ground of a customer's own edits: a site and its test copy on a machine behind a real OpenSSH (in-process SSH where none is installed), whose personal account the
 * customer has edited; the vendor's old and new version as archives; and the specialist who resolves a conflict. Every start makes a
 * fresh one in its folder.
 */
import { createWriteStream, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import yazl from 'yazl';
import { startWindowsHost } from '../windows/start.ts';
import { reachFiles, windowsKey } from '../zeta/reach.ts';
import { editedPages, editedProfile, newVersion, oldVersion, type Pages } from './pages.ts';
import { startPagesSite } from './site.ts';
import { openWindow } from '../window.ts';

/**
 * `conflict`: customer and vendor changed the same lines; a specialist resolves it. `undecided`: the same, and nobody does.
 * `page`: a page of the new version fails, in production alone. `edited`: somebody edits production after the rehearsal.
 */
export type CustomizationsBreakage = 'conflict' | 'undecided' | 'page' | 'edited';

export interface CustomizationsGroundOptions {
  /** Emptied at the start. */
  readonly dir: string;
  readonly break?: CustomizationsBreakage | undefined;
}

export interface CustomizationsGround {
  /** For the `${…}` of `examples/customizations.yaml`. */
  readonly variables: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, string>>;
  /** Real folders of the pages. */
  readonly pages: string;
  readonly testPages: string;
  /** Where half-made things could be left. */
  readonly folders: readonly string[];
  /** What a specialist does at the desk of the conflict that waits; false: it is none. */
  resolveConflict(): boolean;
  stop(): Promise<void>;
}

export async function startCustomizationsGround(options: CustomizationsGroundOptions): Promise<CustomizationsGround> {
  const started: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const end of started.splice(0).reverse()) await end();
  };
  try {
    return { ...(await openGround(options, started)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function openGround(
  { dir, break: what }: CustomizationsGroundOptions,
  started: (() => Promise<void>)[],
): Promise<Omit<CustomizationsGround, 'stop'>> {
  await rm(dir, { recursive: true, force: true });
  const reach = await reachFiles('sftp', {
    dir,
    cut: null,
    started,
    host: async () => {
      const host = await startWindowsHost({
        disk: join(dir, 'web01'),
        user: 'nakat',
        authorizedKeys: [windowsKey(dir).line],
        programs: {},
        runSite: () => Promise.reject(new Error('this machine serves no sites')),
      });
      started.push(() => host.stop());
      return host;
    },
  });
  const [live, copy] = [reach.real('site'), reach.real('test')];
  const [pages, testPages, desk] = [join(live, 'account'), join(copy, 'account'), join(dir, 'merges')];
  const edited =
    what === 'conflict' || what === 'undecided' ? { ...editedPages, 'profile.html': editedProfile } : editedPages;
  for (const folder of [pages, testPages])
    // What the running site writes is nobody's edit.
    await writePages(folder, { ...edited, 'cache/session': `of ${folder === pages ? 'production' : 'test'}` });
  await writeArchive(join(dir, 'account-1.0.0.zip'), oldVersion);
  await writeArchive(join(dir, 'account-2.0.0.zip'), newVersion);

  const site = await startPagesSite({
    folder: live,
    fails: (path, content) => what === 'page' && path.endsWith('list.html') && content.includes('version 2.0'),
    onServed: () => {},
  });
  started.push(site.stop);
  const test = await startPagesSite({
    folder: copy,
    fails: () => false,
    // The test copy has the new version: the rehearsal is nearly over.
    onServed: (path) => {
      if (what !== 'edited' || !path.endsWith('list.html')) return;
      const file = join(pages, 'index.html');
      writeFileSync(file, readFileSync(file, 'utf8').replace('our shop', 'our new shop'));
    },
  });
  started.push(test.stop);
  const store = join(dir, 'store');
  const separator = reach.variables['LAB_WEB_OS'] === 'windows' ? '\\' : '/';
  return {
    variables: {
      LAB_OLD: join(dir, 'account-1.0.0.zip'),
      LAB_NEW: join(dir, 'account-2.0.0.zip'),
      ...reach.variables,
      LAB_WORK: join(dir, 'work'),
      LAB_URL: site.url,
      LAB_TEST_URL: test.url,
      LAB_PAGES: `${reach.folder('site')}${separator}account`,
      LAB_TEST_PAGES: `${reach.folder('test')}${separator}account`,
      LAB_STORE: store,
      LAB_DESK: desk,
      LAB_REMEMBERED: join(dir, 'decided'),
      ...openWindow(),
      LAB_ANSWER: '5s',
      LAB_HEARTBEAT: '10s',
      LAB_RETRY: '1s',
      LAB_RESTORE_RETRY: '5s',
    },
    secrets: {},
    pages,
    testPages,
    folders: [live, copy, store, desk],
    resolveConflict: () => what === 'conflict' && resolveAt(desk),
  };
}

/** The company stays, in the vendor's new words: neither side alone would do. */
function resolveAt(desk: string): boolean {
  const place = readdirSync(desk).find((name) => name.startsWith('merge-'));
  if (place === undefined) return false;
  const form = join(desk, place, 'files', 'profile.html');
  const text = readFileSync(form, 'utf8').replace(
    /<<<<<<< [^]*?>>>>>>> [^\n]*\n/,
    '<label>Company, full name <input name="full-name" required></label>\n',
  );
  writeFileSync(form, text);
  const choices = join(desk, place, 'choices.yaml');
  writeFileSync(choices, readFileSync(choices, 'utf8').replace("by: ''", 'by: specialist'));
  return true;
}

async function writePages(folder: string, pages: Pages): Promise<void> {
  for (const [path, content] of Object.entries(pages)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content, { mode: 0o644 });
  }
}

async function writeArchive(file: string, pages: Pages): Promise<void> {
  const zip = new yazl.ZipFile();
  const written = pipeline(zip.outputStream, createWriteStream(file));
  zip.addBuffer(Buffer.from('What is new: see account/.\n'), 'README.txt');
  for (const [path, content] of Object.entries(pages)) zip.addBuffer(Buffer.from(content), `account/${path}`);
  zip.end();
  await written;
}
