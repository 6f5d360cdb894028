/**
 * Nothing in between: the uploading worker is killed, or its connections are cut, at seeded moments. When the run has gone on there is
 * exactly the new tree, after a restore exactly the old one, and whoever reads the site meanwhile only ever gets whole files.
 */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Backup, FileTree } from '../../../runbook/results.ts';
import type { WebTree } from '../../../runbook/targets/index.ts';
import { compiled, type Compiled } from '../../helpers/compiled.ts';
import { cuttingProxy, random, type CuttingProxy } from '../../helpers/cutting-proxy.ts';
import { requireReal } from '../../helpers/real.ts';
import { sshdFound, startSshd, type Sshd } from '../../helpers/sshd.ts';
import { startVsftpd, vsftpdFound, type Vsftpd } from '../../helpers/vsftpd.ts';
import {
  digest,
  expectedAfter,
  ftpTree,
  layOut,
  newFolder,
  releases,
  removeFolder,
  run,
  scratch,
  sftpTree,
  treeOf,
  unpacked,
} from './fixture.ts';

const kills = 20;
const cutsWanted = 20;
const few = releases(16, 1_200_000);
/** So many that they go as one archive where the host unpacks it. */
const many = releases(260, 1_200_000);

interface Uses {
  readonly backup: Backup;
  readonly update: FileTree;
  readonly owned: FileTree;
}

/** Says a line for every progress that the step reports; the next order is waited for, so that a start costs no time in between. */
const worker = `
import { createInterface } from 'node:readline';
import { webSteps } from './activities/web/steps.js';
import { createStepContext } from './activities/context.js';
console.log('ready');
for await (const line of createInterface({ input: process.stdin })) {
  const { name, params, uses, options } = JSON.parse(line);
  await webSteps[name](params, uses, createStepContext({ ...options, progress: () => console.log('.') })).then(
    () => console.log('done'),
    (error) => console.log(error.code),
  );
}
`;

class Worker {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  constructor(entry: string) {
    this.#child = spawn(process.execPath, [entry], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#lines = createInterface({ input: this.#child.stdout! })[Symbol.asyncIterator]();
  }

  async ready(): Promise<void> {
    expect((await this.#lines.next()).value).toBe('ready');
  }

  /** Kills it after so many signs of progress and milliseconds; false when the step had ended by then. */
  async killedWhile(order: object, signs: number, after: number): Promise<boolean> {
    this.#child.stdin!.write(`${JSON.stringify(order)}\n`);
    for (let seen = 0; seen < signs; seen++) {
      const { value, done } = await this.#lines.next();
      if (done || value === 'done') break;
    }
    await sleep(after);
    await this.kill();
    const last: string[] = [];
    for (let next = await this.#lines.next(); !next.done; next = await this.#lines.next()) last.push(next.value);
    return !last.includes('done');
  }

  /** Stops it after so many signs of progress, as a machine that is put to sleep; false when the step had ended by then. */
  async frozenWhile(order: object, signs: number): Promise<boolean> {
    this.#child.stdin!.write(`${JSON.stringify(order)}\n`);
    for (let seen = 0; seen < signs; seen++) if ((await this.#lines.next()).value === 'done') return false;
    return this.#child.kill('SIGSTOP');
  }

  /** Wakes it up, and waits until it has ended, one way or the other. */
  async thawed(): Promise<void> {
    const ended = once(this.#child, 'exit');
    this.#child.stdin!.end();
    this.#child.kill('SIGCONT');
    for (let next = await this.#lines.next(); !next.done; next = await this.#lines.next());
    await ended;
  }

  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
  }
}

let sshd: Sshd;
let ftp: Vsftpd;
const overSftp = (name: string, files: typeof few, options: readonly string[]) => ({
  name,
  files,
  found: requireReal('sshd', sshdFound),
  start: async () => {
    sshd = await startSshd(options);
    return sshd.port;
  },
  stop: () => sshd.stop(),
  place: (folder: string) => join(folder, 'site'),
  tree: (folder: string, port: number): WebTree => sftpTree(folder, join(folder, 'site'), { ...sshd.target, port }),
  modes: true,
});
const ways = [
  overSftp('SFTP alone', few, ['ForceCommand internal-sftp']),
  overSftp('SFTP, commands allowed', few, []),
  overSftp('an archive', many, []),
  {
    name: 'FTP',
    files: few,
    found: requireReal('vsftpd', vsftpdFound),
    start: async () => {
      ftp = await startVsftpd({ below: scratch });
      return ftp.port;
    },
    stop: () => ftp.stop(),
    place: () => join(ftp.root, 'site'),
    tree: (folder: string, port: number): WebTree => ftpTree(folder, port),
    modes: false,
  },
];

/** Stripping the types takes longer than one test. */
let program: Compiled;
afterAll(() => program?.remove());

describe.each(ways.filter((way) => way.found))('an upload by $name', (way) => {
  const { files } = way;
  let folder: string;
  let place: string;
  let proxy: CuttingProxy;
  let tree: WebTree;
  let uses: Uses;
  let before: Record<string, string>;
  let after: Record<string, string>;
  const seen = () => treeOf(place, way.modes);

  beforeAll(async () => {
    vi.stubEnv('NAKAT_TEST_FTP', 'somebody@example.com');
    program ??= compiled(['runbook', 'activities'], worker);
    folder = newFolder();
    proxy = await cuttingProxy(await way.start());
    tree = way.tree(folder, proxy.port);
    place = way.place(folder);
    rmSync(place, { recursive: true, force: true });
    mkdirSync(place);
    layOut(place, files.old);
    if (!way.modes) execFileSync('chown', ['-R', '-h', 'ftp', place]);
    before = seen();
    after = expectedAfter(treeOf(place), files.old, files.new);
    if (!way.modes)
      for (const [path, text] of Object.entries(after)) after[path] = text.replace(/^(file|folder) \d*/, '$1 ');
    uses = {
      backup: await run.backUp(tree),
      update: await unpacked(join(folder, 'updates'), 'new', files.new),
      owned: await unpacked(join(folder, 'updates'), 'old', files.old),
    };
  });
  afterAll(async () => {
    await proxy.stop();
    await way.stop();
    removeFolder(folder);
    vi.unstubAllEnvs();
  });

  /** Reads the files that both releases have until it is told to stop, as visitors do. */
  function visitor(): { stop(): Promise<{ reads: number; torn: string[] }> } {
    const paths = Object.keys(files.new).filter((path) => path in files.old);
    const allowed = new Map(paths.map((path) => [path, [digest(files.old[path]!), digest(files.new[path]!)]]));
    const torn: string[] = [];
    let [reads, on] = [0, true];
    const loop = (async () => {
      for (; on; reads++) {
        const path = paths[reads % paths.length] ?? '';
        let content = 'nothing there';
        try {
          content = digest(readFileSync(join(place, path)));
        } catch {
          // Told below.
        }
        if (!allowed.get(path)?.includes(content)) torn.push(`${path}: ${content}`);
        await sleep(1);
      }
    })();
    return {
      stop: async () => {
        on = false;
        await loop;
        return { reads, torn };
      },
    };
  }

  it(`is whole after ${kills} kills of the worker`, async () => {
    const dice = random(20261121);
    const watching = visitor();
    let [next, killed] = [new Worker(program.entry), 0];
    // Everything sent, read back and put in place says so once; some moments are after the last of them.
    const signs = 3.3 * Object.keys(files.new).length;
    for (let at = 0; killed < kills; at++) {
      const options = { run: `run-${at}` };
      const current = next;
      next = new Worker(program.entry);
      await current.ready();
      const restoreToo = at % 4 === 3;
      const order = restoreToo
        ? { name: 'restoreTree', params: { tree }, uses, options: { ...options, step: 'restore.restore-tree' } }
        : {
            name: 'uploadTree',
            params: { tree, part: '' },
            uses,
            options: { ...options, step: 'production.upload-tree' },
          };
      if (restoreToo) await run.upload(tree, uses, options);
      if (await current.killedWhile(order, Math.floor(dice() * signs), Math.floor(dice() * 25))) killed += 1;
      if (at % 4 === 0 || at % 4 === 2) {
        await run.upload(tree, uses, { ...options, attempt: 2 });
        expect(seen(), `killed at ${at}, gone on`).toEqual(after);
      }
      await run.restore(tree, uses.backup, options);
      expect(seen(), `killed at ${at}, restored`).toEqual(before);
      expect(at).toBeLessThan(2 * kills);
    }
    await next.kill();
    const { reads, torn } = await watching.stop();
    expect(torn).toEqual([]);
    expect(reads).toBeGreaterThan(500);
    expect((await run.prove(tree, uses.backup)).lines).toMatchObject([{ equal: true }]);
  });

  it(`is whole after ${cutsWanted} cuts of its connections`, async () => {
    const dice = random(42);
    const watching = visitor();
    const bytes = Object.values(files.new).reduce((sum, content) => sum + content.length, 0);
    for (let at = 0; proxy.cuts() < cutsWanted; at++) {
      const options = { run: `cut-${at}` };
      proxy.cutAfter(Math.floor(dice() * bytes * 1.3));
      await run.upload(tree, uses, options);
      expect(seen(), `cut at ${at}, gone on`).toEqual(after);
      proxy.cutAfter(Math.floor(dice() * bytes * 1.3));
      await run.restore(tree, uses.backup, options);
      expect(seen(), `cut at ${at}, restored`).toEqual(before);
      expect(at).toBeLessThan(2 * cutsWanted);
    }
    proxy.cutAfter(Infinity);
    expect((await watching.stop()).torn).toEqual([]);
  });

  it('is not disturbed by a worker that was frozen and wakes up when another has put the old files back', async () => {
    const dice = random(7);
    for (let at = 0; at < 4; at++) {
      const options = { run: `ice-${at}` };
      const frozen = new Worker(program.entry);
      await frozen.ready();
      const order = {
        name: 'uploadTree',
        params: { tree, part: '' },
        uses,
        options: { ...options, step: 'production.upload-tree' },
      };
      // While it sends, reads back, and puts in place.
      if (await frozen.frozenWhile(order, 3 + Math.floor((at + dice()) * 10))) {
        await run.restore(tree, uses.backup, options);
        expect(seen(), `frozen at ${at}, restored`).toEqual(before);
      }
      await frozen.thawed();
      await run.restore(tree, uses.backup, { ...options, step: 'restore.again' });
      expect(seen(), `frozen at ${at}, awake`).toEqual(before);
    }
  });
});
