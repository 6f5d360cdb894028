/** What Temporal alone costs: a worker as the SDK makes it, one ssh2 connection without Nagle, and nothing else. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { NativeConnection, Runtime, Worker } from '@temporalio/worker';
import ssh2 from 'ssh2';
import type { SshTarget } from '../../activities/machines/ssh-connection.ts';
import { serve } from '../children.ts';

/** The address of the server, and the machine when there are steps to run. */
const [address, target] = process.argv.slice(2);

const connect = (): Promise<ssh2.Client> =>
  new Promise((resolve, reject) => {
    const {
      host,
      port,
      user: username,
      auth,
    } = JSON.parse(target ?? '') as SshTarget & { auth: { key: { file: string } } };
    const client: ssh2.Client = new ssh2.Client();
    client.once('ready', () => resolve(client.setNoDelay(true))).once('error', reject);
    client.connect({ host, port, username, privateKey: readFileSync(auth.key.file) });
  });
let connected: Promise<ssh2.Client> | undefined;

const command = async (): Promise<number> => {
  const client = await (connected ??= connect());
  return new Promise((resolve, reject) => {
    client.exec('/bin/true', (error, channel) => {
      if (error) return reject(error);
      channel.on('close', (code: number) => resolve(code));
      channel.resume();
    });
  });
};

Runtime.install({ telemetryOptions: { logging: { forward: {}, filter: 'ERROR' } } });
const connection = await NativeConnection.connect({ address: address ?? '' });
const worker = await Worker.create({
  connection,
  taskQueue: 'bare',
  workflowsPath: fileURLToPath(new URL('./workflows.js', import.meta.url)),
  activities: { command },
});
const running = worker.run().finally(async () => {
  (await connected)?.end();
  await connection.close();
});
await serve(running, () => worker.shutdown());
