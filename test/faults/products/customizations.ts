import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startCustomizationsGround, type CustomizationsGround } from '../../../lab/customizations/ground.ts';
import { digestOfTree, halfMade } from '../look.ts';
import { everyKindAt } from '../faults.ts';
import type { FaultProduct, GroundState } from '../product.ts';

export const customizations: FaultProduct = {
  name: 'customizations',
  plan: 'examples/customizations.yaml',
  updated: { edit: 'true', version: 'true', conflict: 'false' },
  sample: everyKindAt(
    'rehearsal.capture-customizations',
    'rehearsal.merge-customizations',
    'rehearsal.apply-customizations',
    'production.apply-customizations',
    'restore.restore-tree',
  ),
  answer: ({ choices }) => (choices.includes('go-on') ? 'go-on' : undefined),
  ground: async ({ scenario, dir }) => {
    const ground = await startCustomizationsGround({ dir, ...(scenario === 'restored' ? { break: 'page' } : {}) });
    const { variables, secrets } = ground;
    return { variables, secrets, stop: () => ground.stop(), state: () => stateOf(ground) };
  },
};

async function stateOf(ground: CustomizationsGround): Promise<GroundState> {
  const { pages } = ground;
  const read = (path: string): Promise<string> => readFile(join(pages, path), 'utf8').catch(() => '');
  const [index, list] = [await read('index.html'), await read('orders/list.html')];
  return {
    // Whole files are put in place: how often does not show in them.
    counts: {},
    always: { 'what the site writes itself': await read('cache/session') },
    data: { pages: await digestOfTree(pages) },
    updated: {
      edit: String(index.includes('Welcome to our shop')),
      version: String(index.includes('version 2.0') && list.includes('version 2.0')),
      conflict: String(index.includes('<<<<<<<')),
    },
    leftovers: [
      ...(await halfMade(ground.folders)),
      ...(await readdir(pages)).filter((name) => name.startsWith('.nakat-')),
    ],
  };
}
