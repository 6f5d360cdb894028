/**
 * Kinto (kinto-storage.org, Apache 2.0): a JSON storage service with data in PostgreSQL, written by others. Two of its releases, whose
 * storage schemas are 22 and 26, are installed from PyPI as an administrator would: a virtual environment each, once, in the cache.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

export const oldRelease = { version: '20.0.0', schema: '22' } as const;
export const newRelease = { version: '26.5.0', schema: '26' } as const;
export type Release = typeof oldRelease | typeof newRelease;

/** All that both need, at the versions that were tried together. */
const requirements = [
  'attrs==26.1.0',
  'bcrypt==5.0.0',
  'certifi==2026.10.18',
  'charset-normalizer==3.5.2',
  'colander==2.0',
  'colorama==0.4.6',
  'dockerflow==2026.3.4',
  'hupper==1.12.1',
  'idna==3.20',
  'iso8601==2.1.0',
  'jsonpatch==1.47',
  'jsonpointer==3.12',
  'jsonschema==4.26.0',
  'jsonschema-specifications==2025.9.1',
  'logging-color-formatter==1.1.0',
  'packaging==26.3',
  'PasteDeploy==3.1.0',
  'plaster==1.1.2',
  'plaster-pastedeploy==1.0.1',
  'psycopg2-binary==2.9.13',
  'pyramid==2.1',
  'pyramid_multiauth==1.1.0',
  'pyramid_tm==2.6',
  'python-dateutil==4.0.0',
  'python-rapidjson==1.25',
  'referencing==0.37.0',
  'requests==2.34.2',
  'rpds-py==2026.9.1',
  'SQLAlchemy==2.0.58',
  'transaction==5.1',
  'translationstring==1.4',
  'typing_extensions==4.16.0',
  'tzdata==2026.6',
  'urllib3==2.8.0',
  'venusian==3.1.1',
  'waitress==3.0.2',
  'WebOb==1.8.11',
  'zope.deprecation==6.0',
  'zope.interface==8.7',
  'zope.sqlalchemy==4.1',
];
const more: Readonly<Record<Release['version'], readonly string[]>> = {
  '20.0.0': [],
  '26.5.0': ['PyJWT==2.15.1', 'cryptography==50.0.2', 'cffi==2.1.1', 'pycparser==3.12'],
};

const run = promisify(execFile);

const cache = (): string => join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'nakat', 'kinto');

/** Folder of the release's programs (`kinto`, `python`). Installed at the first call; throws Error with pip's own words where that fails. */
export async function installedRelease({ version }: Release): Promise<string> {
  const packages = [`kinto==${version}`, ...requirements, ...more[version]];
  const digest = createHash('sha256').update(packages.join('\n')).digest('hex').slice(0, 8);
  const folder = join(cache(), `${version}-${digest}`);
  const whole = join(folder, '.whole');
  const lock = `${folder}.lock`;
  await mkdir(cache(), { recursive: true });
  // A virtual environment cannot be moved, so it is made in its place; whoever comes second waits.
  for (let waited = 0; !existsSync(whole); waited++) {
    if (!(await claimed(lock, waited))) {
      await sleep(1000);
      continue;
    }
    try {
      if (existsSync(whole)) break;
      process.stderr.write(`Kinto ${version}: pip install …\n`);
      await rm(folder, { recursive: true, force: true });
      await run('python3', ['-m', 'venv', folder]);
      await run(join(folder, 'bin', 'pip'), ['install', '--quiet', ...packages], {
        timeout: 600_000,
      });
      await writeFile(`${whole}.new`, '');
      await rename(`${whole}.new`, whole);
    } catch (error) {
      const { stderr = '', message } = error as { stderr?: string; message: string };
      throw new Error(
        `Kinto ${version} cannot be installed (python3 with venv, and PyPI, are needed): ${stderr.trim().slice(-1000) || message}`,
        { cause: error },
      );
    } finally {
      await rm(lock, { recursive: true, force: true });
    }
  }
  return join(folder, 'bin');
}

/** Whoever is killed while installing leaves the lock: after ten minutes it counts as left. */
async function claimed(lock: string, waited: number): Promise<boolean> {
  if (waited > 600) await rm(lock, { recursive: true, force: true });
  return mkdir(lock).then(
    () => true,
    () => false,
  );
}

/** Null, or why the releases cannot be had here. */
export const releasesMissing = async (): Promise<string | null> => {
  try {
    await installedRelease(oldRelease);
    await installedRelease(newRelease);
    return null;
  } catch (error) {
    return (error as Error).message;
  }
};
