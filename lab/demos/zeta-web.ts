import { startZetaGround, type ZetaBreakage, type ZetaGround } from '../zeta/ground.ts';
import { zetaWays, type ZetaWay } from '../zeta/reach.ts';
import type { Demo } from './demo.ts';

let ground: ZetaGround | undefined;

const plans: Readonly<Record<ZetaWay, string>> = {
  sftp: 'examples/zeta-web.yaml',
  ftp: 'examples/zeta-web-ftp.yaml',
  ftps: 'examples/zeta-web-ftp.yaml',
  manual: 'examples/zeta-web-manual.yaml',
};

function wayOf(wanted = 'sftp'): ZetaWay {
  const way = zetaWays.find((one) => one === wanted);
  if (!way) throw new Error(`LAB_WEB_FILES: expected one of ${zetaWays.join(', ')}`);
  return way;
}

export const demo: Demo = {
  plan: () => plans[wayOf(process.env['LAB_WEB_FILES'])],
  start: async ({ dir, cluster, break: what }) =>
    (ground = await startZetaGround({
      dir,
      cluster,
      break: what as ZetaBreakage | undefined,
      way: wayOf(process.env['LAB_WEB_FILES']),
      siteDatabase: process.env['LAB_WEB_DB_ENGINE'] === 'postgres' ? 'postgres' : 'mariadb',
    })),
  // The person at the host does what is asked before he says so.
  answer: async ({ id, choices }) => (choices.includes('done') && (await ground?.person.does(id)) ? 'done' : undefined),
};
