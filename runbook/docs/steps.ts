import { z } from 'zod';
import type { StepKind } from '../steps/define.ts';
import { stepCatalogue } from '../steps/index.ts';
import * as targets from '../targets/index.ts';
import { cell, generated } from './markdown.ts';

/** What a target is, is told once: parameters name it. */
const targetSchemas = [
  ['machine', targets.machine],
  ['database', targets.database],
  ['infobase', targets.infobase],
  ['onecFile', targets.onecFile],
  ['onecQuestion', targets.onecQuestion],
  ['onecAction', targets.onecAction],
  ['site', targets.site],
  ['webTree', targets.webTree],
  ['archive', targets.archive],
  ['integration', targets.integration],
  ['connector', targets.connector],
] as const;

/** `docs/steps.md`: the step catalogue. */
export function stepsDocument(): string {
  const kinds = Object.entries<StepKind>(stepCatalogue);
  return `# Steps

${generated}

A runbook is made of these. *Expected* is what a step is taken to need before anything was measured, *time-out* ends one attempt.
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

| Parameter | Shape |
|---|---|
${parameters(kind.params)
  .map(([parameter, shape]) => `| \`${parameter}\` | ${cell(shape)} |`)
  .join('\n')}
`;
}

function parameters(params: z.ZodType): [string, string][] {
  const { properties = {}, required = [] } = z.toJSONSchema(params) as Shape;
  return Object.entries(properties).map(([name, shape]) => [
    required.includes(name) ? name : `${name}?`,
    describe(shape),
  ]);
}

interface Shape {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly required?: readonly string[];
  readonly items?: Shape;
  readonly [key: string]: unknown;
}

const known = new Map(targetSchemas.map(([name, schema]) => [shapeKey(z.toJSONSchema(schema) as Shape), name]));

/** A target by its name, anything else as its shape in short. */
function describe(shape: Shape): string {
  const target = known.get(shapeKey(shape));
  if (target !== undefined) return `[${target}](#${target})`;
  if (shape.type === 'array' && shape.items !== undefined) return `list of ${describe(shape.items)}`;
  if (shape.properties === undefined) return `\`${shape.type ?? JSON.stringify(shape)}\``;
  return `{ ${Object.entries(shape.properties)
    .map(([name, inner]) => `${name}: ${describe(inner)}`)
    .join(', ')} }`;
}

function shapeKey({ $schema: _dialect, ...shape }: Shape): string {
  return JSON.stringify(shape);
}

const json = (schema: z.ZodType): string => JSON.stringify(z.toJSONSchema(schema), null, 2);

function time(seconds: number): string {
  if (seconds % 3600 === 0) return `${seconds / 3600} h`;
  return seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`;
}
