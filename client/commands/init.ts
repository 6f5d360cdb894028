/** init: a few questions, and a plan with the rest explained in comments. */
import { cancel, intro, isCancel, outro, select, text } from '@clack/prompts';
import { writeFile } from 'node:fs/promises';
import { NakatError } from '../../runbook/errors/index.ts';
import { argumentTexts, cliTexts, commandTexts, optionTexts } from '../../runbook/messages/cli.ts';
import { exitCodes } from '../exit-codes.ts';
import { planText, type PlanAnswers } from '../plan-text.ts';
import type { Shell } from '../shell.ts';
import type { Builder } from './builder.ts';

const defaults: PlanAnswers = {
  system: 'crm',
  url: 'https://crm.example.com',
  host: 'web.example.com',
  engine: 'postgres',
  database: 'crm',
  package: './connector.zip',
  version: '1.0.0',
  approvers: [],
};

export function addInit(builder: Builder): void {
  const { t } = builder;
  const command = builder
    .command('init', commandTexts.init, ['nakat init', 'nakat init crm.yaml --yes'])
    .argument('[file]', t(argumentTexts.newPlanFile), 'nakat.yaml')
    .option('--yes', t(optionTexts.initYes));
  builder.act(command, async (shell, { yes }: { yes?: boolean }, file: string) => {
    if (!yes && !shell.interactive) throw new NakatError('NOT_A_TERMINAL', { values: { command: 'init' } });
    const answers = yes ? defaults : await ask(shell);
    if (answers === null) {
      cancel(shell.text(cliTexts.cancelled));
      return exitCodes.usage;
    }
    await writeFile(file, planText(answers, shell.language), { flag: 'wx' }).catch((error: NodeJS.ErrnoException) => {
      throw error.code === 'EEXIST' ? new NakatError('FILE_EXISTS', { where: file }) : error;
    });
    shell.document({ file });
    shell.say([shell.text(cliTexts.wrote, { file }), shell.text(cliTexts.initDone, { file })]);
    return exitCodes.ok;
  });
}

/** Null when the person broke off. */
async function ask(shell: Shell): Promise<PlanAnswers | null> {
  const t = shell.text;
  intro(t(cliTexts.initIntro));
  const answers: PlanAnswers = { ...defaults };
  const questions = [
    ['system', cliTexts.initSystem],
    ['url', cliTexts.initUrl],
    ['host', cliTexts.initHost],
    ['database', cliTexts.initDatabase],
    ['package', cliTexts.initPackage],
    ['version', cliTexts.initVersion],
  ] as const;
  for (const [name, message] of questions) {
    const given = await text({
      message: t(message),
      initialValue: defaults[name],
      validate: (value = '') =>
        name === 'system' && !/^[a-z0-9][a-z0-9-]{0,60}$/.test(value) ? t(cliTexts.initBadSystem) : undefined,
    });
    if (isCancel(given)) return null;
    answers[name] = given.trim() || defaults[name];
  }
  const engine = await select({
    message: t(cliTexts.initEngine),
    options: [
      { value: 'postgres' as const, label: 'PostgreSQL' },
      { value: 'sqlserver' as const, label: 'Microsoft SQL Server' },
    ],
  });
  if (isCancel(engine)) return null;
  const approvers = await text({ message: t(cliTexts.initApprovers), defaultValue: '' });
  if (isCancel(approvers)) return null;
  outro('');
  return {
    ...answers,
    engine,
    approvers: approvers
      .split(',')
      .map((name) => name.trim())
      .filter(Boolean),
  };
}
