// Bundles dist/workflows for the worker, and copies what the compiler leaves out. An unchanged build does not bundle again.
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const dist = fileURLToPath(new URL('../dist/', import.meta.url));
const source = fileURLToPath(new URL('../workers/', import.meta.url));
mkdirSync(join(dist, 'workers'), { recursive: true });
copyFileSync(join(source, 'failure-converter.cjs'), join(dist, 'workers/failure-converter.cjs'));

const bundle = join(dist, 'workflow-bundle.js');
const hashFile = `${bundle}.hash`;
const hash = createHash('sha256').update(createRequire(import.meta.url)('@temporalio/worker/package.json').version);
hash.update(readFileSync(fileURLToPath(import.meta.url)));
// All that a workflow may import of this project (design: workflows import runbook only).
for (const folder of ['workflows', 'runbook']) {
  const files = readdirSync(join(dist, folder), { recursive: true })
    .filter((name) => name.endsWith('.js'))
    .sort();
  for (const name of files) hash.update(name).update(readFileSync(join(dist, folder, name)));
}
const digest = hash.digest('hex');

if (!existsSync(bundle) || !existsSync(hashFile) || readFileSync(hashFile, 'utf8') !== digest) {
  const { bundleWorkflowCode, DefaultLogger } = await import('@temporalio/worker');
  const { code } = await bundleWorkflowCode({
    workflowsPath: join(dist, 'workflows/index.js'),
    logger: new DefaultLogger('WARN'),
    // The pure engine and its texts keep no state: one copy for all runs of a worker instead of one for each.
    preloadModules: ['update.js', 'report.js', 'decisions.js'].map((file) => join(dist, 'workflows', file)),
  });
  // Renamed into place, hash last: a build that was killed is made again.
  writeFileSync(`${bundle}.new`, code);
  renameSync(`${bundle}.new`, bundle);
  writeFileSync(hashFile, digest);
}
