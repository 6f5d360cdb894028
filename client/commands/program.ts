/** The command line as a whole: its commands, its help in the reader's language, and what happens when it is misused. */
import { Command, CommanderError, Help, Option } from 'commander';
import { cliTexts, commandTexts, optionTexts, usageTexts } from '../../runbook/messages/cli.ts';
import { languageOf, tell, type Language } from '../../runbook/messages/say.ts';
import type { Text } from '../../runbook/types.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import { openShell, showError, usageError, type GlobalOptions, type Streams } from '../shell.ts';
import { version } from '../../workers/version.ts';
import type { Builder } from './builder.ts';

/** Commands by the module that has them. */
const modules: readonly {
  readonly names: readonly string[];
  readonly add: () => Promise<(builder: Builder) => void>;
}[] = [
  { names: ['init'], add: async () => (await import('./init.ts')).addInit },
  { names: ['plan', 'check', 'run'], add: async () => (await import('./plans.ts')).addPlans },
  { names: ['list', 'status', 'follow'], add: async () => (await import('./looks.ts')).addLooks },
  { names: ['approve', 'reject', 'decide', 'cancel'], add: async () => (await import('./answers.ts')).addAnswers },
  { names: ['report'], add: async () => (await import('./report.ts')).addReport },
  { names: ['watch'], add: async () => (await import('./watch.ts')).addWatch },
  { names: ['worker', 'server', 'demo'], add: async () => (await import('./services.ts')).addServices },
  { names: ['steps'], add: async () => (await import('./steps.ts')).addSteps },
  { names: ['merge'], add: async () => (await import('./merge.ts')).addMerge },
];

/** Runs one command line (without `node` and the script) and answers the exit code; never throws, never exits. */
export async function runCommand(argv: readonly string[], streams: Streams): Promise<ExitCode> {
  const language = languageGiven(argv) ?? languageOf(streams.env);
  let code: ExitCode = exitCodes.ok;
  // Loading is most of what a start costs: where a command stands first, only its module is needed.
  const needed = modules.filter(({ names }) => names.includes(argv[0] ?? ''));
  const adds = await Promise.all((needed.length > 0 ? needed : modules).map(({ add }) => add()));
  const program = buildProgram(language, streams, adds, (ended) => (code = ended));
  try {
    await program.parseAsync(argv, { from: 'user' });
    return code;
  } catch (error) {
    const shell = openShell(streams, {
      ...program.opts<GlobalOptions>(),
      lang: language,
      json: argv.includes('--json'),
    });
    if (!(error instanceof CommanderError)) return showError(shell, error);
    if (error.exitCode === 0) return exitCodes.ok;
    const command = program.commands.find((one) => argv.includes(one.name()))?.name() ?? '';
    return showError(shell, usageError(command, problemOf(error, language)));
  }
}

/** What the parser adds to an option's description. */
const inWords = (description: string, t: Builder['t']): string =>
  description.replace(/(?<=\((?:choices: .*, )?)(choices|default)(?=: )/g, (word) =>
    t(word === 'choices' ? cliTexts.choices : cliTexts.default),
  );

function buildProgram(
  language: Language,
  streams: Streams,
  adds: readonly ((builder: Builder) => void)[],
  ended: (code: ExitCode) => void,
): Command {
  const t: Builder['t'] = (text, values) => tell(text, language, values);
  const program = new Command('nakat');
  const output = {
    writeOut: (text: string) => void streams.stdout.write(text),
    // Said by `showError`, with code and what to do; but help shown because no command was given is help.
    writeErr: (text: string) => void (/^(error|ошибка):/.test(text) ? undefined : streams.stderr.write(text)),
  };
  const titles: Record<string, Text> = {
    'Usage:': cliTexts.usage,
    'Arguments:': cliTexts.arguments,
    'Options:': cliTexts.options,
    'Global Options:': cliTexts.globalOptions,
    'Commands:': cliTexts.commands,
  };
  const prepare = (command: Command): Command =>
    command
      .exitOverride()
      .configureOutput(output)
      .helpOption('-h, --help', t(optionTexts.help))
      .configureHelp({
        showGlobalOptions: true,
        styleTitle: (title) => (titles[title] ? t(titles[title]) : title),
        optionDescription: (option) => inWords(new Help().optionDescription(option), t),
      });
  prepare(program)
    .description(t(commandTexts.nakat))
    .version(version, '-V, --version', t(optionTexts.version))
    .helpCommand('help [command]', t(commandTexts.help))
    .option('--json', t(optionTexts.json))
    .addOption(new Option('--lang <language>', t(optionTexts.lang)).choices(['en', 'ru']))
    .option('--address <host:port>', t(optionTexts.address))
    .option('--state <folder>', t(optionTexts.state))
    .addHelpText('after', `\n${t(cliTexts.exitCodes)}`);
  const builder: Builder = {
    language,
    t,
    command: (usage, does, examples, under = program) =>
      prepare(under.command(usage))
        .description(t(does))
        .addHelpText('after', `\n${t(cliTexts.examples)}\n${examples.map((line) => `  $ ${line}`).join('\n')}`),
    act: (command, action) =>
      void command.action(async (...given: unknown[]) => {
        const [options] = given.splice(-2) as [never];
        ended(
          await action(
            openShell(streams, { ...program.opts<GlobalOptions>(), lang: language }),
            options,
            ...(given as never),
          ),
        );
      }),
  };
  for (const add of adds) add(builder);
  return program;
}

function languageGiven(argv: readonly string[]): Language | undefined {
  const at = argv.findIndex((word) => word === '--lang' || word.startsWith('--lang='));
  const value = argv[at]?.split('=')[1] ?? argv[at + 1];
  return at >= 0 && (value === 'en' || value === 'ru') ? value : undefined;
}

const problems: Readonly<Record<string, Text>> = {
  'commander.missingArgument': usageTexts.missingArgument,
  'commander.excessArguments': usageTexts.excessArguments,
  'commander.unknownOption': usageTexts.unknownOption,
  'commander.unknownCommand': usageTexts.unknownCommand,
  'commander.optionMissingArgument': usageTexts.optionMissingArgument,
  'commander.invalidArgument': usageTexts.invalidArgument,
};

/** Commander's message, said again in the reader's language: names and values are quoted in it, choices stand at its end. */
function problemOf(error: CommanderError, language: Language): string {
  const [name = error.message.replace(/^error: /, ''), value] = [...error.message.matchAll(/'([^']*)'/g)].map(
    ([, quoted]) => quoted,
  );
  const choices = /Allowed choices are (.+)\.$/.exec(error.message)?.[1];
  if (choices === undefined) return tell(problems[error.code] ?? usageTexts.other, language, { name });
  // Of an argument its value is quoted first, of an option its flags: '--lang <language>'.
  const given = name.startsWith('-') ? `${name.split(' ', 1)[0]} ${value}` : name;
  return tell(usageTexts.noChoice, language, { given, choices });
}
