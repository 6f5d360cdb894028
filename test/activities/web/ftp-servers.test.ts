/** The servers of most hosts, as they are: commands that come while a transfer is under way end it (Pure-FTPd) or are refused (ProFTPD). */
import { readFileSync, rmSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { otherFtpFound, otherFtpServers, startOtherFtp } from '../../helpers/other-ftp-servers.ts';
import { requireReal } from '../../helpers/real.ts';
import { ftpTree, layOut, newFolder, releases, removeFolder, run, treeOf, unpacked } from './fixture.ts';

const files = releases(150, 6_000_000);

/** To a server, with what is sent together coming in two pieces: the second transfer of a file is asked for while the first is under way. */
async function partingLine(to: number): Promise<{ readonly port: number; parted(): number; stop(): void }> {
  let parted = 0;
  const line = createServer((client) => {
    const server = connect(to, '127.0.0.1');
    for (const [from, into] of [
      [client, server],
      [server, client],
    ] as const) {
      from.setNoDelay(true);
      from.on('error', () => into.destroy());
      from.on('end', () => into.end());
    }
    server.on('data', (bytes: Buffer) => client.write(bytes));
    let before = Promise.resolve();
    client.on('data', (bytes: Buffer) => {
      const second = bytes.indexOf('EPSV', 4);
      before = before.then(async () => {
        if (second > 0) {
          parted += 1;
          server.write(bytes.subarray(0, second));
          await sleep(15);
        }
        server.write(bytes.subarray(Math.max(second, 0)));
      });
    });
  });
  await new Promise<void>((listening) => line.listen(0, '127.0.0.1', listening));
  return { port: (line.address() as AddressInfo).port, parted: () => parted, stop: () => void line.close() };
}

describe.each(otherFtpServers)('%s', (kind) => {
  it.skipIf(!requireReal(kind, otherFtpFound(kind))).each([
    ['there and back again, small files beside large ones', false],
    ['there and back again, over a line that parts what is sent together', true],
  ])('%s', async (_name, parts) => {
    vi.stubEnv('NAKAT_TEST_FTP', 'secret-of-ftp');
    const folder = newFolder();
    const server = await startOtherFtp(kind);
    const line = parts ? await partingLine(server.port) : undefined;
    try {
      const tree = ftpTree(folder, line?.port ?? server.port, { user: 'web' });
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
      if (line) expect(line.parted()).toBeGreaterThan(0);
    } finally {
      line?.stop();
      await server.stop();
      removeFolder(folder);
      vi.unstubAllEnvs();
    }
  });
});
