/** steps: the catalogue of everything that a runbook can do. */
import { z } from 'zod';
import { argumentTexts, cliTexts, commandTexts } from '../../runbook/messages/cli.ts';
import { duration } from '../../runbook/messages/say.ts';
import type { StepKind } from '../../runbook/steps/define.ts';
import { parametersOf } from '../../runbook/docs/parameters.ts';
import { stepCatalogue } from '../../runbook/steps/index.ts';
import { exitCodes } from '../exit-codes.ts';
import { rows, usageError, type Shell } from '../shell.ts';
import type { Builder } from './builder.ts';

const catalogue: Readonly<Record<string, StepKind>> = stepCatalogue;

export function addSteps(builder: Builder): void {
  const command = builder
    .command('steps', commandTexts.steps, ['nakat steps', 'nakat steps backUpDatabase --json'])
    .argument('[step]', builder.t(argumentTexts.step));
  builder.act(command, async (shell, _options: object, name?: string) => {
    if (name !== undefined && !Object.hasOwn(catalogue, name)) throw usageError('steps', name);
    const names = name === undefined ? Object.keys(catalogue) : [name];
    shell.document(names.map((one) => description(one)));
    if (shell.json) return exitCodes.ok;
    const lines = [...names.map((one) => line(one, shell)), ...(name === undefined ? [] : details(name, shell))];
    shell.say(rows(shell, lines));
    return exitCodes.ok;
  });
}

function description(name: string): Record<string, unknown> {
  const { title, params, ...rest } = catalogue[name] as StepKind;
  return { name, title, ...rest, params: z.toJSONSchema(params, { io: 'input' }) };
}

/** What it is given and gives; each parameter with its shape, its default and what it means. */
function details(name: string, { paint, text }: Shell): string[] {
  const kind = catalogue[name] as StepKind;
  const uses = Object.entries(kind.uses).map(([as, result]) => `${as}: ${result}`);
  return [
    '',
    text(cliTexts.stepReturns, { result: kind.returns, policy: kind.onFailure, timeout: duration(kind.timeout) }),
    ...(uses.length > 0 ? [text(cliTexts.stepUses, { results: uses.join(', ') })] : []),
    '',
    ...parametersOf(kind.params).flatMap(({ name: parameter, plain, default: given, optional, description: words }) => [
      `  ${paint.bold(`${parameter}${optional ? '?' : ''}`)}: ${plain}${given === undefined ? '' : ` = ${given}`}`,
      ...(words === '' ? [] : [`      ${words}`]),
    ]),
  ];
}

function line(name: string, { language, paint, text }: Shell): string {
  const { title, effect, expected } = catalogue[name] as StepKind;
  return `${paint.bold(name.padEnd(22))} ${text(effect === 'reads' ? cliTexts.reads : cliTexts.writes).padEnd(7)} ~${duration(expected).padEnd(8)} ${title[language]}`;
}
