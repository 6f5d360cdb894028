import { z } from 'zod';
import type { StepKind } from '../steps/define.ts';
import { stepCatalogue } from '../steps/index.ts';
import { cell, generated } from './markdown.ts';
import { parametersOf, targetSchemas, type Parameter } from './parameters.ts';

/** `docs/steps.md`: the step catalogue. */
export function stepsDocument(): string {
  const kinds = Object.entries<StepKind>(stepCatalogue);
  return `# Steps

${generated}

A runbook is made of these; a plan of product \`custom\` ([custom.md](custom.md)) lists them itself. *Expected* is what a step is taken to need before anything was measured, *time-out* ends one attempt.
*On failure* is what happens when nobody decides otherwise: \`stop\` ends the run, \`restore\` puts production back, \`ask\` waits for a person.

| Step | Effect | Site | Expected | Time-out | On failure |
|---|---|---|---|---|---|
${kinds.map(([name, kind]) => `| [${name}](#${name.toLowerCase()}) | ${kind.effect} | ${kind.site ?? ''} | ${time(kind.expected)} | ${time(kind.timeout)} | ${kind.onFailure} |`).join('\n')}

${kinds.map(([name, kind]) => entry(name, kind)).join('\n')}
# Targets

${targetSchemas.map(([name, schema]) => `## ${name}\n\n\`\`\`json\n${json(schema)}\n\`\`\`\n`).join('\n')}`;
}

function entry(name: string, kind: StepKind): string {
  const uses = Object.entries(kind.uses).map(([as, result]) => `\`${as}\` (${result})`);
  const facts = [`returns \`${kind.returns}\``, ...(uses.length > 0 ? [`uses ${uses.join(', ')}`] : [])];
  return `## ${name}

${kind.title.en}\\
${kind.title.ru}

${facts.join('; ')}

| Parameter | Shape | Default | |
|---|---|---|---|
${parametersOf(kind.params).map(row).join('\n')}
`;
}

function row({ name, shape, default: given, optional, description }: Parameter): string {
  const otherwise = given === undefined ? (optional ? 'none' : '') : `\`${given}\``;
  return `| \`${name}\` | ${cell(shape)} | ${cell(otherwise)} | ${cell(description)} |`;
}

const json = (schema: z.ZodType): string => JSON.stringify(z.toJSONSchema(schema, { io: 'input' }), null, 2);

function time(seconds: number): string {
  if (seconds % 3600 === 0) return `${seconds / 3600} h`;
  return seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`;
}
