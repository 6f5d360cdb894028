import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { startComindwareGround, production, type ComindwareGround } from '../../../lab/comindware/ground.ts';
import { data, readOntology } from '../../../lab/comindware/product.ts';
import { readFlat } from '../../../lab/comindware/values.ts';
import { digestOfTree, halfMade } from '../look.ts';
import { everyKindAt } from '../faults.ts';
import type { FaultProduct, GroundState } from '../product.ts';

export const comindwareInstance: FaultProduct = {
  name: 'comindware-instance',
  plan: 'examples/comindware-instance.yaml',
  updated: { version: '4.7.2', database: '4.7.2', 'mail of the copy': '0', 'login page': 'true' },
  sample: everyKindAt(
    'rehearsal.back-up-running-instance',
    'rehearsal.create-instance',
    'production.back-up-for-4-2-0',
    'production.create-configuration-for-4-7-2',
    'production.start-with-4-7-2',
    'restore.restore-instance',
  ),
  answer: ({ choices }) => (choices.includes('copy') ? 'copy' : choices.includes('done') ? 'done' : undefined),
  ground: async ({ scenario, dir }) => {
    const ground = await startComindwareGround({
      dir,
      slowness: 300,
      // Users do not get in at the very end, when both versions are behind.
      breakages: scenario === 'restored' ? { publicLogin: '4.7.2' } : {},
    });
    return {
      variables: { ...ground.variables, LAB_PATIENCE: '6s' },
      secrets: ground.secrets,
      stop: () => ground.stop(),
      state: () => stateOf(ground),
    };
  },
};

async function stateOf(ground: ComindwareGround): Promise<GroundState> {
  const { real, counts } = ground;
  const folder = `${data}\\Instances\\${production}`;
  const main = `${data}\\configs\\instance\\${production}.yml`;
  const { sites, pools } = JSON.parse(await readFile(join(real('C:\\'), '..', 'iis.json'), 'utf8')) as {
    sites: { name: string; state: string; bindings: string[]; apps: unknown }[];
    pools: { name: string; state: string }[];
  };
  const page = await fetch(`${ground.variables['LAB_URL']}/login`).then(
    (reply) => reply.text(),
    () => '',
  );
  return {
    counts: Object.fromEntries([...counts].filter(([event]) => event.startsWith('upgrade '))),
    always: {
      site: JSON.stringify(sites.filter(({ name }) => name === production)),
      pools: JSON.stringify(
        pools
          .filter(({ name }) => name.startsWith(`Comindware ${production}`) && !name.includes('Test'))
          .map(({ name, state }) => [name, state]),
      ),
      theme: await digestOfTree(real(`${folder}\\Config\\theme`)),
      'uploaded files': await digestOfTree(real(`${folder}\\Streams`)),
    },
    data: {
      database: await digestOfTree(real(`${folder}\\Database`)),
      configuration: await configOf(real(`${folder}\\Config`)),
      'instance file': await readFile(real(main), 'utf8'),
    },
    updated: {
      version: String(readFlat(real(main))?.['version']),
      database: readOntology(real(`${folder}\\Database`)).version,
      'mail of the copy': String(counts.get('mail PortalTest') ?? 0),
      'login page': String(page.includes('login-form')),
    },
    leftovers: [
      ...(await halfMade([real('C:\\nakat'), real(data)])),
      ...(await readdir(real(folder))).filter((name) => name.endsWith('.nakat-free')),
    ],
  };
}

/** Files and links of the folder itself. */
async function configOf(folder: string): Promise<string> {
  const lines: string[] = [];
  for (const name of (await readdir(folder)).sort()) {
    const path = join(folder, name);
    const stat = await lstat(path);
    if (stat.isSymbolicLink()) lines.push(`${name} → ${(await readlink(path)).replace(/^.*\/CBAP\//, '')}`);
    else if (stat.isFile()) lines.push(`${name} ${await readFile(path, 'utf8')}`);
  }
  return lines.join('\n');
}
