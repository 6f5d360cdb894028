/** worker, server, demo: what runs for long. Their code is loaded only when they are wanted. */
import { Option } from 'commander';
import { createLogUpdate } from 'log-update';
import { cliTexts, commandTexts, optionTexts } from '../../runbook/messages/cli.ts';
import { stateFolder } from '../../workers/folders.ts';
import type { FindOptions } from '../../workers/temporal-binary.ts';
import { exitCodes } from '../exit-codes.ts';
import { untilInterrupted, type Shell } from '../shell.ts';
import { positive } from './numbers.ts';
import type { Builder } from './program.ts';

export const breakable = ['compile', 'install', 'integrations', 'settings', 'restore-once'] as const;

/** What BPMSoft's database may be on. */
const demoDatabases = ['postgres', 'sqlserver'] as const;

export interface DemoOptions {
  readonly yes: boolean;
  readonly database?: (typeof demoDatabases)[number];
  readonly break?: (typeof breakable)[number];
  readonly html?: string;
}

export function addServices(builder: Builder): void {
  const { t } = builder;
  const worker = builder.command('worker', commandTexts.worker, [
    'nakat worker',
    'TEMPORAL_ADDRESS=temporal.example.com:7233 nakat worker',
  ]);
  builder.act(worker, async (shell) => {
    const { runWorker } = await import('../../workers/worker.ts');
    await runWorker(shell.where);
    return exitCodes.ok;
  });

  const server = builder
    .command('server', commandTexts.server, [
      'nakat server',
      'nakat server --state /var/lib/nakat --port 7233 --ui-port 8080',
    ])
    .option('--port <number>', t(optionTexts.port), positive)
    .option('--ui-port <number>', t(optionTexts.uiPort), positive, 8233);
  builder.act(server, async (shell, options: { port?: number; uiPort: number }) => {
    const { startServer } = await import('../../workers/server.ts');
    const started = await startServer({
      stateDir: shell.where.stateDir ?? stateFolder(shell.env),
      port: options.port,
      uiPort: options.uiPort,
      announce: announcer(shell),
    });
    shell.document({ address: started.address, uiAddress: started.uiAddress, pid: started.pid });
    shell.say([
      shell.text(cliTexts.serverReady, { address: started.address }),
      shell.text(cliTexts.serverPage, { address: started.uiAddress ?? '' }),
      shell.text(cliTexts.serverStop),
    ]);
    const interrupted = await untilInterrupted((signal) =>
      Promise.race([
        started.ended.then(() => false),
        new Promise<boolean>((done) => signal.addEventListener('abort', () => done(true), { once: true })),
      ]),
    );
    await started.stop();
    return interrupted ? exitCodes.ok : exitCodes.unreachable;
  });

  const demo = builder
    .command('demo', commandTexts.demo, [
      'nakat demo',
      'nakat demo --yes --break install',
      'nakat demo --yes --database sqlserver',
      'nakat demo --yes --json > report.json',
    ])
    .option('--yes', t(optionTexts.yes))
    .option('--html <file>', t(optionTexts.html))
    .addOption(
      new Option('--database <server>', t(optionTexts.demoDatabase, { choices: demoDatabases.join(', ') })).choices(
        demoDatabases,
      ),
    )
    .addOption(
      new Option('--break <where>', t(optionTexts.break, { choices: breakable.join(', ') })).choices(breakable),
    );
  builder.act(demo, async (shell, options: DemoOptions) => {
    const { runDemo } = await import('../demo.ts');
    return runDemo(shell, { ...options, yes: options.yes ?? false });
  });
}

/** One line that counts the seconds, on stderr; where there is no terminal, once. */
export function announcer(shell: Shell): NonNullable<FindOptions['announce']> {
  const live = shell.stderr.isTTY ? createLogUpdate(shell.stderr as NodeJS.WriteStream) : null;
  return (what, seconds) => {
    const line = shell.text(what === 'download' ? cliTexts.downloading : cliTexts.building, { seconds });
    if (live) live(line);
    else if (seconds === 0) shell.stderr.write(`${line}\n`);
  };
}
