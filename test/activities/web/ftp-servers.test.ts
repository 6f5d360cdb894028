/** The servers of most hosts, as they are: commands that come while a transfer is under way end it (Pure-FTPd) or are refused (ProFTPD). */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { startLine } from '../../helpers/line.ts';
import { otherFtpFound, otherFtpServers, startOtherFtp } from '../../helpers/other-ftp-servers.ts';
import { requireReal } from '../../helpers/real.ts';
import { ftpTree, layOut, newFolder, releases, removeFolder, run, treeOf, unpacked } from './fixture.ts';

const files = releases(150, 24_000_000);

describe.each(otherFtpServers)('%s', (kind) => {
  it.skipIf(!requireReal(kind, otherFtpFound(kind))).each([
    ['there and back again, small files beside large ones', false],
    ['there and back again, over a line that parts what is sent together', true],
  ])('%s', async (_name, parts) => {
    vi.stubEnv('NAKAT_TEST_FTP', 'secret-of-ftp');
    const folder = newFolder();
    const server = await startOtherFtp(kind);
    let parted = 0;
    const line = await startLine(server.port, async (piece, way, write) => {
      // A file's second transfer is asked for while its first is under way.
      const second = parts && way === 'there' ? piece.indexOf('EPSV', 4) : -1;
      if (second > 0) {
        parted += 1;
        write(piece.subarray(0, second));
        await sleep(5);
      }
      write(piece.subarray(Math.max(second, 0)));
    });
    try {
      const tree = ftpTree(folder, parts ? line.port : server.port, { user: 'web' });
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
      if (parts) expect(parted).toBeGreaterThan(0);
    } finally {
      line.stop();
      await server.stop();
      removeFolder(folder);
      vi.unstubAllEnvs();
    }
  });
});
