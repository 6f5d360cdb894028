/** What ssh2's SFTP gives and hides, with a server that knows no extension and answers as the test wants. */
import ssh2, { type SFTPWrapper } from 'ssh2';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dial, fingerprintOf, type SshTarget } from '../../../activities/machines/ssh-connection.ts';
import { sftpSession, status, type SftpSession } from '../../../activities/web/sftp-session.ts';
import { freePort } from '../../../lab/ports.ts';
import { newKey } from '../../../lab/windows/ssh.ts';

const key = newKey();
const content = Buffer.from(Array.from({ length: 300 }, (_, index) => index % 251));
const attributes = { mode: 0o100640, uid: 1000, gid: 33, size: 300, atime: 5, mtime: 7 };

/** Not in its types. */
const plumbing = (sftp: SFTPWrapper) =>
  sftp as unknown as { _protocol: { channelEOF(id: number): void }; outgoing: { id: number } };

let end: () => void;
let server: ssh2.Server;
let session: SftpSession;
let opened: string[];
let most: number;

beforeEach(async () => {
  opened = [];
  most = 0;
  const names = [[{ filename: 'модуль.php', longname: '', attrs: attributes }]];
  const answer = (sftp: SFTPWrapper): void => {
    const open = new Set<string>();
    const handle = (id: number, path: string): void => {
      if (path === 'denied') return sftp.status(id, status.denied, 'not for you');
      opened.push(path);
      open.add(`${path} ${opened.length}`);
      most = Math.max(most, open.size);
      // Later, so that many can be asked for meanwhile.
      const named = Buffer.from(`${path} ${opened.length}`);
      setImmediate(() => sftp.handle(id, named));
    };
    sftp.on('OPEN', (id, path) => handle(id, path));
    sftp.on('OPENDIR', (id, path) => handle(id, path));
    sftp.on('CLOSE', (id, file) => {
      open.delete(file.toString());
      sftp.status(id, 0);
    });
    sftp.on('READ', (id, file, at, length) => {
      const piece = content.subarray(at, Math.min(at + length, at + 200));
      if (file.toString().startsWith('silent')) return;
      if (piece.length === 0) sftp.status(id, status.end);
      else sftp.data(id, piece);
    });
    sftp.on('READDIR', (id) => {
      const some = names.shift();
      if (some) sftp.name(id, some as Parameters<SFTPWrapper['name']>[1]);
      else sftp.status(id, status.end);
    });
    sftp.on('LSTAT', (id, path) => {
      // The end of all answers, some time before the end of the channel.
      if (path === 'end') plumbing(sftp)._protocol.channelEOF(plumbing(sftp).outgoing.id);
      else if (path === 'absent') sftp.status(id, status.noSuchFile);
      else sftp.attrs(id, attributes);
    });
  };
  server = new ssh2.Server({ hostKeys: [key] }, (client) => {
    end = () => client.end();
    client.on('error', () => {});
    client.on('authentication', (auth) => auth.accept());
    client.on('session', (accept) => accept().on('sftp', (acceptSftp) => answer(acceptSftp())));
  });
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', () => resolve()));
  const parsed = ssh2.utils.parseKey(key);
  if (parsed instanceof Error) throw parsed;
  const target: SshTarget = {
    via: 'ssh',
    name: 'plain',
    os: 'linux',
    host: '127.0.0.1',
    port,
    user: 'admin',
    hostKeys: [fingerprintOf(parsed.getPublicSSH())],
    auth: { password: { env: 'NAKAT_TEST_LOGIN' } },
    work: '/tmp',
    encoding: 'utf8',
  };
  session = await sftpSession(
    await dial(target, () => Promise.resolve('right')),
    (cause) => new Error('lost', { cause }),
  );
});
afterEach(async () => {
  end();
  await new Promise((resolve) => server.close(resolve));
});

describe('a session', () => {
  it('gives content, fewer bytes than asked for, and none at the end', async () => {
    const file = await session.open('a', 'r');
    const [first, rest, none] = await Promise.all([0, 200, 300].map((at) => session.read(file, at, Buffer.alloc(250))));
    expect(Buffer.concat([first!, rest!]).equals(content)).toBe(true);
    expect(none).toHaveLength(0);
  });

  it('gives attributes and names as they are, and null after the last name', async () => {
    expect(await session.look('a')).toMatchObject({ mode: 0o100640, uid: 1000, gid: 33, size: 300, mtime: 7 });
    const folder = await session.openFolder('.');
    expect(await session.readFolder(folder)).toMatchObject([{ filename: 'модуль.php', attrs: { size: 300 } }]);
    expect(await session.readFolder(folder)).toBeNull();
  });

  it('says what the server refused, and which extension it does not have', async () => {
    await expect(session.look('absent')).rejects.toMatchObject({ code: status.noSuchFile });
    await expect(session.open('denied', 'r')).rejects.toMatchObject({ code: status.denied, message: 'not for you' });
    const file = await session.open('a', 'r');
    for (const refused of [session.sync(file), session.replace('a', 'b'), session.room('/')])
      await expect(refused).rejects.toMatchObject({ code: status.unsupported });
  });

  it('has no more open than a server allows that does not say how much', async () => {
    const all = Array.from({ length: 200 }, async (_, one) => {
      // A refusal opens nothing.
      await session.open('denied', 'r').catch(() => {});
      const file = await session.open(`f${one}`, 'r');
      await session.read(file, 0, Buffer.alloc(10));
      await session.close(file);
    });
    await Promise.all(all);
    expect(new Set(opened).size).toBe(200);
    expect(most).toBeLessThanOrEqual(64);
    expect(most).toBeGreaterThan(32);
  });

  it('tells all who wait when its answers end, and everybody who asks before the channel does', async () => {
    const file = await session.open('silent', 'r');
    const waiting = session.read(file, 0, Buffer.alloc(10)).catch(() => session.look('a'));
    const last = session.look('end');
    await expect(last).rejects.toThrow('lost');
    await expect(waiting).rejects.toThrow('lost');
  });

  it('tells all who wait when the connection ends, and everybody who asks afterwards', async () => {
    const file = await session.open('silent', 'r');
    const waiting = expect(session.read(file, 0, Buffer.alloc(10))).rejects.toThrow('lost');
    end();
    await waiting;
    await expect(session.look('a')).rejects.toThrow('lost');
  });
});
