/** watch: a plan's system looked after, and what can be said to the watch. */
import { randomUUID } from 'node:crypto';
import { argumentTexts, optionTexts } from '../../runbook/messages/cli.ts';
import { watchCliTexts, watchCommandTexts, watchOptionTexts } from '../../runbook/messages/watch-cli.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import { personOf, rows, untilInterrupted, withNakat, type Shell } from '../shell.ts';
import { memoryLines, watchLines } from '../watch-view.ts';
import { listWatches, lookNow, pauseWatch, registerWatch, removeWatch, resumeWatch, viewWatch } from '../watches.ts';
import { positive } from './numbers.ts';
import type { Builder } from './builder.ts';

export function addWatch(builder: Builder): void {
  const { t } = builder;
  const watch = builder
    .command('watch', watchCommandTexts.watch, [
      'nakat watch extension.yaml',
      'nakat watch list',
      'nakat watch run-now trade --again',
      'nakat watch pause trade --why "holidays"',
    ])
    .argument('<file>', t(argumentTexts.planFile))
    .option('--as <name>', t(optionTexts.as));
  builder.act(watch, (shell, options: { as?: string }, file: string) =>
    withNakat(shell, async (nakat) => {
      const { view, made } = await registerWatch(nakat, file, personOf(shell.env, options.as));
      shell.document(view);
      const { system } = view;
      if (!shell.json)
        shell.say([
          shell.text(made ? watchCliTexts.made : watchCliTexts.changed, { system }),
          ...rows(shell, watchLines(view, shell)),
        ]);
      return exitCodes.ok;
    }),
  );

  const list = builder.command('list', watchCommandTexts.list, ['nakat watch list', 'nakat watch list --json'], watch);
  builder.act(list, (shell) =>
    withNakat(shell, async (nakat) => {
      const views = await listWatches(nakat);
      shell.document(views);
      if (!shell.json)
        shell.say(
          views.length === 0
            ? shell.text(watchCliTexts.none)
            : views.flatMap((one) => rows(shell, watchLines(one, shell))),
        );
      return exitCodes.ok;
    }),
  );

  const said = (name: 'pause' | 'resume' | 'remove') =>
    builder
      .command(name, watchCommandTexts[name], [`nakat watch ${name} trade`], watch)
      .argument('<system>', t(watchOptionTexts.system));
  builder.act(
    said('pause').option('--as <name>', t(optionTexts.as)).option('--why <text>', t(optionTexts.why)),
    (shell, options: { as?: string; why?: string }, system: string) =>
      withNakat(shell, async (nakat) => {
        // The parser gives `--as` to the outer command, which has it too.
        const as = options.as ?? watch.opts<{ as?: string }>().as;
        const note = [personOf(shell.env, as), options.why].filter(Boolean).join(': ');
        await pauseWatch(nakat, system, note);
        return show(shell, await viewWatch(nakat, system));
      }),
  );
  builder.act(said('resume'), (shell, _options: object, system: string) =>
    withNakat(shell, async (nakat) => {
      await resumeWatch(nakat, system);
      return show(shell, await viewWatch(nakat, system));
    }),
  );
  builder.act(said('remove'), (shell, _options: object, system: string) =>
    withNakat(shell, async (nakat) => {
      await removeWatch(nakat, system);
      shell.document({ removed: system });
      if (!shell.json) shell.say(shell.text(watchCliTexts.removed, { system }));
      return exitCodes.ok;
    }),
  );

  const now = builder
    .command(
      'run-now',
      watchCommandTexts['run-now'],
      ['nakat watch run-now trade', 'nakat watch run-now trade --again'],
      watch,
    )
    .argument('<system>', t(watchOptionTexts.system))
    .option('--again', t(watchOptionTexts.again))
    .option('--timeout <seconds>', t(watchOptionTexts.timeout), positive, 600);
  builder.act(now, (shell, options: { again?: boolean; timeout: number }, system: string) =>
    withNakat(shell, async (nakat) => {
      const memory = await untilInterrupted((signal) =>
        lookNow(nakat, system, { timeout: options.timeout, signal, ...(options.again ? { again: randomUUID() } : {}) }),
      );
      shell.document(memory);
      if (memory === null) {
        shell.say(shell.text(watchCliTexts.stillLooking));
        return exitCodes.waiting;
      }
      if (!shell.json) shell.say([shell.paint.bold(system), ...rows(shell, memoryLines(memory, system, shell))]);
      return memory.failure || memory.looks.some((one) => one.failure) ? exitCodes.stopped : exitCodes.ok;
    }),
  );
}

function show(shell: Shell, view: Awaited<ReturnType<typeof viewWatch>>): ExitCode {
  shell.document(view);
  if (!shell.json) shell.say(rows(shell, watchLines(view, shell)));
  return exitCodes.ok;
}
