import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ssh2 from 'ssh2';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { createStepContext } from '../../../activities/context.ts';
import { closeAllMachines, machineFor } from '../../../activities/machines/pool.ts';
import { fingerprintOf, type SshTarget } from '../../../activities/machines/ssh-connection.ts';
import { sshTransport } from '../../../activities/machines/ssh.ts';
import { machineSteps } from '../../../activities/machines/steps.ts';
import { hide, readSecret } from '../../../activities/secrets.ts';
import { freePort } from '../../../lab/ports.ts';
import { newKey } from '../../../lab/windows/ssh.ts';
import { requireReal } from '../../helpers/real.ts';
import { sshdFound, startSshd, type Sshd } from '../../helpers/sshd.ts';

const stranger = `SHA256:${'A'.repeat(43)}`;

describe.skipIf(!requireReal('sshd', sshdFound))('a machine behind SSH', () => {
  let sshd: Sshd;
  const context = createStepContext();
  const opened: { close(): Promise<void> }[] = [];
  const open = (change: Partial<SshTarget> = {}, secret = readSecret) => {
    const transport = sshTransport({ ...sshd.target, ...change }, secret);
    opened.push(transport);
    return transport;
  };

  beforeAll(async () => {
    sshd = await startSshd();
  });
  afterEach(async () => {
    vi.useRealTimers();
    await closeAllMachines();
    for (const one of opened.splice(0)) await one.close();
  });
  afterAll(async () => {
    await sshd?.stop();
  });

  it('refuses an unknown host key before any secret is read', async () => {
    const secret = vi.fn(readSecret);
    const refused = open({ hostKeys: [stranger], auth: { password: { env: 'UNREAD' } } }, secret).exec('true');
    await expect(refused).rejects.toMatchObject({
      code: 'HOST_KEY_CHANGED',
      failure: {
        values: { offered: expect.stringContaining(sshd.hostKeys.ed25519), pinned: stranger },
        passing: false,
      },
    });
    expect(secret).not.toHaveBeenCalled();
  });

  it('accepts any of the pinned keys, of any type', async () => {
    expect((await open({ hostKeys: [stranger, sshd.hostKeys.rsa] }).exec('echo in')).stdout.toString()).toBe('in\n');
    expect((await open({ hostKeys: [`${sshd.hostKeys.ed25519}=`] }).exec('echo in')).stdout.toString()).toBe('in\n');
  });

  it('says that a log-in was refused, by key and by password, without the secret', async () => {
    const byKey = open({ auth: { key: { file: join(sshd.folder, 'stranger') } } }).exec('true');
    await expect(byKey).rejects.toMatchObject({ code: 'LOGIN_REFUSED', failure: { values: { method: 'key' } } });
    writeFileSync(join(sshd.folder, 'password'), 'not-the-password\nsecond line');
    const error: unknown = await open({ auth: { password: { file: join(sshd.folder, 'password') } } })
      .exec('true')
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'LOGIN_REFUSED', failure: { values: { method: 'password' } } });
    expect(JSON.stringify(error)).not.toContain('not-the-password');
  });

  it('says what is wrong with the credentials themselves', async () => {
    const key = (file: string) => open({ auth: { key: { file: join(sshd.folder, file) } } }).exec('true');
    await expect(key('missing')).rejects.toMatchObject({ code: 'SECRET_MISSING' });
    await expect(key('user.pub')).rejects.toMatchObject({ code: 'LOGIN_KEY_UNREADABLE' });
    await expect(key('sshd_config')).rejects.toMatchObject({ code: 'LOGIN_KEY_UNREADABLE' });
    vi.stubEnv('SSH_AUTH_SOCK', '');
    await expect(open({ auth: { agent: true } }).exec('true')).rejects.toMatchObject({ code: 'LOGIN_AGENT_MISSING' });
    vi.unstubAllEnvs();
  });

  it('says that nothing answers', async () => {
    const port = await freePort();
    await expect(open({ port }).exec('true')).rejects.toMatchObject({
      code: 'MACHINE_UNREACHABLE',
      failure: { passing: true, effect: 'not-done', values: { address: `127.0.0.1:${port}` } },
    });
  });

  it('takes many steps at once over one connection', async () => {
    const machines = await Promise.all(Array.from({ length: 3 }, () => machineFor(sshd.target, context)));
    expect(new Set(machines).size).toBe(1);
    for (let i = 0; i < 14; i++) expect((await machines[0]!.run(['echo', `${i}`])).stdout).toBe(`${i}\n`);
    const many = Array.from({ length: 30 }, (_, i) => machines[i % 3]!.run(['echo', `${i}`]));
    expect((await Promise.all(many)).map(({ stdout }) => stdout)).toEqual(many.map((_, i) => `${i}\n`));
    expect(sshd.connections()).toBe(1);
  });

  it('opens the connection again after it broke', async () => {
    const transport = open();
    const hanging = transport.exec('sleep 60', { label: 'sleep' });
    await vi.waitUntil(() => sshd.connections() === 1, 60_000);
    const sure = transport.exec('echo there');
    await sure;
    sshd.breakConnections();
    await expect(hanging).rejects.toMatchObject({
      code: 'CONNECTION_LOST',
      failure: { passing: true, effect: 'unknown', values: { doing: 'sleep' } },
    });
    const answers = await Promise.all([transport.exec('echo a'), transport.exec('echo b'), transport.stat('/')]);
    expect(answers[1].stdout.toString()).toBe('b\n');
    await vi.waitUntil(() => sshd.connections() === 1, 60_000);
  });

  it('does not leave a transfer waiting when the connection breaks', async () => {
    const transport = open();
    const file = join(sshd.folder, 'large');
    writeFileSync(file, Buffer.alloc(200_000_000));
    const upload = transport.upload(
      file,
      join(sshd.folder, 'half'),
      (done) => done > 1_000_000 && sshd.breakConnections(),
    );
    await expect(upload).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
  });

  it('closes an unused connection and opens it again when it is needed', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const transport = open();
    await transport.exec('true');
    vi.advanceTimersByTime(59_000);
    await transport.exec('true');
    vi.advanceTimersByTime(59_000);
    expect(sshd.connections()).toBe(1);
    vi.advanceTimersByTime(2_000);
    vi.useRealTimers();
    await vi.waitUntil(() => sshd.connections() === 0, 60_000);
    expect((await transport.exec('echo again')).stdout.toString()).toBe('again\n');
  });

  it('reaches a machine as a step', async () => {
    const facts = await machineSteps.reachMachine({ machine: sshd.target }, {}, context);
    expect(facts).toMatchObject({ machine: 'test-sshd', os: 'linux', free: expect.any(Number) });
  });

  it('has the secret in no command line while a command runs', async () => {
    const secret = 'p@ss "wörd" \n 1';
    hide(secret);
    const machine = await machineFor(sshd.target, context);
    const run = await machine.run(['sh', '-c', 'cat /proc/[0-9]*/cmdline | tr "\\0" " "; echo; printf %s "$TOKEN"'], {
      env: { TOKEN: secret },
    });
    expect(run.stdout.endsWith(secret)).toBe(true);
    expect(run.stdout.slice(0, -secret.length)).not.toContain('p@ss');
  });
});

describe('log-in by password', () => {
  const key = newKey();
  const parsed = ssh2.utils.parseKey(key);
  if (parsed instanceof Error) throw parsed;
  const asked: string[] = [];

  /** A server that takes one kind of password log-in and answers each command with `in`. */
  const serve = async (method: 'password' | 'keyboard-interactive') => {
    const server = new ssh2.Server({ hostKeys: [key] }, (client) => {
      client.on('error', () => {});
      client.on('authentication', (auth) => {
        asked.push(auth.method);
        if (auth.method !== method) return auth.reject([method]);
        if (auth.method === 'password') return auth.password === 'right' ? auth.accept() : auth.reject([method]);
        if (auth.method === 'keyboard-interactive') {
          auth.prompt([{ prompt: 'Password: ', echo: false }], (answers) =>
            answers[0] === 'right' ? auth.accept() : auth.reject([method]),
          );
        }
      });
      client.on('session', (accept) => {
        accept().on('exec', (acceptExec) => {
          const channel = acceptExec();
          channel.write('in');
          channel.exit(0);
          channel.end();
        });
      });
    });
    const port = await freePort();
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', () => resolve()));
    const target: SshTarget = {
      via: 'ssh',
      name: 'password-only',
      os: 'linux',
      host: '127.0.0.1',
      port,
      user: 'admin',
      hostKeys: [fingerprintOf(parsed.getPublicSSH())],
      auth: { password: { env: 'NAKAT_TEST_LOGIN' } },
      work: '/tmp',
      encoding: 'utf8',
    };
    return { server, transport: sshTransport(target, readSecret) };
  };

  it.each(['password', 'keyboard-interactive'] as const)('%s: accepted, refused, missing', async (method) => {
    const { server, transport } = await serve(method);
    try {
      vi.stubEnv('NAKAT_TEST_LOGIN', 'right');
      expect((await transport.exec('any')).stdout.toString()).toBe('in');
      await transport.close();
      vi.stubEnv('NAKAT_TEST_LOGIN', 'wrong');
      asked.length = 0;
      await expect(transport.exec('any')).rejects.toMatchObject({ code: 'LOGIN_REFUSED' });
      // Each wrong try brings the account nearer to its lock.
      expect(asked.filter((one) => one === method)).toHaveLength(1);
      vi.stubEnv('NAKAT_TEST_LOGIN', '');
      await expect(transport.exec('any')).rejects.toMatchObject({ code: 'SECRET_MISSING' });
    } finally {
      vi.unstubAllEnvs();
      await transport.close();
      server.close();
    }
  });
});
