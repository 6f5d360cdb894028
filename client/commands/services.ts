/** worker, server, demo: what runs for long. Their code is loaded only when they are wanted. */
import { Argument, Option } from 'commander';
import { demoChoices, type DemoName } from '../../lab/demos/choices.ts';
import { argumentTexts, cliTexts, commandTexts, optionTexts } from '../../runbook/messages/cli.ts';
import { stateFolder } from '../../workers/folders.ts';
import { announcer } from '../announcer.ts';
import type { DemoOptions } from '../demo.ts';
import { exitCodes } from '../exit-codes.ts';
import { untilInterrupted, usageError } from '../shell.ts';
import { positive } from './numbers.ts';
import type { Builder } from './builder.ts';

/** What BPMSoft's database may be on. */
const demoDatabases = ['postgres', 'sqlserver'] as const;

const names = Object.keys(demoChoices) as DemoName[];
const breakagesOf = (name: DemoName): string => `${name}: ${demoChoices[name].join(', ')}`;

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
      'nakat demo bpmsoft-connector --yes',
      'nakat demo --yes --break install',
      'nakat demo --yes --database sqlserver',
      'nakat demo --yes --json > report.json',
    ])
    .addArgument(new Argument('[system]', t(argumentTexts.demo)).choices(names).default(names[0]))
    .option('--yes', t(optionTexts.yes))
    .option('--html <file>', t(optionTexts.html))
    .addOption(
      new Option('--database <server>', t(optionTexts.demoDatabase, { choices: demoDatabases.join(', ') })).choices(
        demoDatabases,
      ),
    )
    .option('--break <where>', t(optionTexts.break, { choices: names.map(breakagesOf).join('; ') }));
  builder.act(demo, async (shell, options: DemoOptions, system: DemoName) => {
    const known: readonly string[] = demoChoices[system];
    if (options.break !== undefined && !known.includes(options.break))
      throw usageError('demo', `--break ${options.break}; ${breakagesOf(system)}`);
    const { runDemo } = await import('../demo.ts');
    return runDemo(shell, { ...options, system, yes: options.yes ?? false });
  });
}
