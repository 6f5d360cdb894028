/** The servers of most hosts, as they are: commands that come while a transfer is under way end it (Pure-FTPd) or are refused (ProFTPD). */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { otherFtpFound, otherFtpServers, startOtherFtp } from '../../helpers/other-ftp-servers.ts';
import { requireReal } from '../../helpers/real.ts';
import { ftpTree, layOut, newFolder, releases, removeFolder, run, treeOf, unpacked } from './fixture.ts';

const files = releases(150, 6_000_000);

describe.each(otherFtpServers)('%s', (kind) => {
  it.skipIf(!requireReal(kind, otherFtpFound(kind)))(
    'there and back again, small files beside large ones',
    async () => {
      vi.stubEnv('NAKAT_TEST_FTP', 'secret-of-ftp');
      const folder = newFolder();
      const server = await startOtherFtp(kind);
      try {
        const tree = ftpTree(folder, server.port, { user: 'web' });
        const site = join(server.root, 'site');
        layOut(site, files.old);
        // Their listings do not say where a link leads.
        rmSync(join(site, 'local/link.php'));
        server.own();
        expect(await run.check(tree)).toMatchObject({ russianNames: true, rightsKept: true });
        const before = treeOf(site);
        const uses = {
          backup: await run.backUp(tree),
          update: await unpacked(join(folder, 'updates'), 'new', files.new),
          owned: await unpacked(join(folder, 'updates'), 'old', files.old),
        };
        await run.upload(tree, uses);
        for (const [path, content] of Object.entries(files.new))
          expect(readFileSync(join(site, path)).equals(content)).toBe(true);
        await run.restore(tree, uses.backup);
        expect(treeOf(site)).toEqual(before);
        expect((await run.prove(tree, uses.backup)).lines[0]?.equal).toBe(true);
      } finally {
        await server.stop();
        removeFolder(folder);
        vi.unstubAllEnvs();
      }
    },
  );
});
