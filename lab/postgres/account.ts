/** Database servers refuse to run as root, so under root (a container) their programs run as another account. */
import { spawn } from 'node:child_process';
import { chmod, readFile, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** The account for the server's programs: `own`, that of its package, else `nobody`; null: our own. */
export const serverAccount = async (own = 'postgres'): Promise<Account | null> => {
  if (process.getuid?.() !== 0) return null;
  const lines = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'));
  for (const name of [own, 'nobody']) {
    const found = lines.find((fields) => fields[0] === name);
    if (found) return { uid: Number(found[2]), gid: Number(found[3]) };
  }
  throw new Error(
    `The server does not run as root, and there is neither an account \`${own}\` nor \`nobody\` to run it as.`,
  );
};

/**
 * The account must be able to get to its folder. Temporary folders are opened for passing through; others are the user's,
 * so it is said what is missing.
 */
export const openPath = async (account: Account | null, dir: string): Promise<void> => {
  if (!account) return;
  for (let folder = dirname(dir); folder !== dirname(folder); folder = dirname(folder)) {
    const { mode, uid } = await stat(folder);
    if ((mode & 0o001) !== 0 || uid === account.uid) continue;
    if (!folder.startsWith(join(tmpdir(), '/')))
      throw new Error(
        `The database server does not run as root, and its account may not pass through ${folder}: chmod o+x, or choose another folder.`,
      );
    await chmod(folder, (mode & 0o777) | 0o001);
  }
};

/** Runs a program to its end, its temporary files in `cwd`; throws with its own words. */
export const runAs = async (
  account: Account | null,
  program: string,
  args: readonly string[],
  cwd: string,
): Promise<void> => {
  const child = spawn(program, args, {
    ...account,
    cwd,
    env: { ...process.env, LC_ALL: 'C', LC_MESSAGES: 'C', TMPDIR: cwd },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  child.stdout.on('data', (data: Buffer) => (said += data.toString()));
  child.stderr.on('data', (data: Buffer) => (said += data.toString()));
  // `exit`, not `close`: a server started by the program may inherit the pipes and keep them open.
  const code = await new Promise<number | null>((resolve, reject) => child.once('error', reject).once('exit', resolve));
  if (code !== 0) throw new Error(`${program} ended with ${code}: ${said.trim().slice(-2000)}`);
};
