/** Parameters of steps in words: for the page of the catalogue and for `nakat steps`. */
import { z } from 'zod';
import * as targets from '../targets/index.ts';

/** What a target is, is told once: parameters name it. */
export const targetSchemas = [
  ['machine', targets.machine],
  ['database', targets.database],
  ['service', targets.service],
  ['infobase', targets.infobase],
  ['onecFile', targets.onecFile],
  ['onecQuestion', targets.onecQuestion],
  ['onecAction', targets.onecAction],
  ['site', targets.site],
  ['webTree', targets.webTree],
  ['webSite', targets.webSite],
  ['webSwitch', targets.webSwitch],
  ['siteExchange', targets.siteExchange],
  ['pageCheck', targets.pageCheck],
  ['instance', targets.instance],
  ['desk', targets.desk],
  ['archive', targets.archive],
  ['integration', targets.integration],
  ['connector', targets.connector],
  ['secret', targets.secret],
] as const satisfies readonly (readonly [string, z.ZodType])[];

export interface Parameter {
  readonly name: string;
  /** `list of [machine](#machine)` with links to targets; `plain` has none. */
  readonly shape: string;
  readonly plain: string;
  /** As it is written in a plan; undefined: it must be given, or may be left out when `optional`. */
  readonly default: string | undefined;
  readonly optional: boolean;
  readonly description: string;
}

interface Shape {
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly required?: readonly string[];
  readonly items?: Shape;
  readonly anyOf?: readonly Shape[];
  readonly oneOf?: readonly Shape[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly additionalProperties?: Shape | boolean;
  readonly default?: unknown;
  readonly description?: string;
  readonly [key: string]: unknown;
}

/** As somebody writes them: before defaults are filled in. */
const shapeOf = (schema: z.ZodType): Shape => z.toJSONSchema(schema, { io: 'input' }) as Shape;

export function parametersOf(params: z.ZodType): Parameter[] {
  const { properties = {}, required = [] } = shapeOf(params);
  return Object.entries(properties).map(([name, shape]) => ({
    name,
    shape: describe(shape, (target) => `[${target}](#${target.toLowerCase()})`),
    plain: describe(shape, (target) => target),
    default: shape.default === undefined ? undefined : JSON.stringify(shape.default),
    optional: !required.includes(name),
    description: shape.description ?? '',
  }));
}

const known = new Map<string, string>(targetSchemas.map(([name, schema]) => [shapeKey(shapeOf(schema)), name]));

/** What is said about it does not change what it is. */
function shapeKey({ $schema: _dialect, description: _words, default: _default, ...shape }: Shape): string {
  return JSON.stringify(shape);
}

/** A target by its name, anything else as its shape in short. */
function describe(shape: Shape, link: (target: string) => string): string {
  const inner = (one: Shape): string => describe(one, link);
  const target = known.get(shapeKey(shape));
  if (target !== undefined) return link(target);
  const alternatives = shape.anyOf ?? shape.oneOf;
  if (alternatives) return [...new Set(alternatives.map(inner))].join(' or ');
  if (shape.const !== undefined) return JSON.stringify(shape.const);
  if (shape.enum) return shape.enum.map((one) => JSON.stringify(one)).join(' or ');
  if (shape.type === 'array' && shape.items) return `list of ${inner(shape.items)}`;
  if (shape.properties) {
    const entries = Object.entries(shape.properties).map(([name, one]) => {
      const given = one.default === undefined ? '' : ` = ${JSON.stringify(one.default)}`;
      return `${name}${shape.required?.includes(name) ? '' : '?'}: ${inner(one)}${given}`;
    });
    return `{ ${entries.join(', ')} }`;
  }
  if (typeof shape.additionalProperties === 'object') return `map of ${inner(shape.additionalProperties)}`;
  return [shape.type ?? 'anything'].flat().join(' or ');
}
