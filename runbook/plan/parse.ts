/** Plan text → plan, or every mistake in it with line and column. Pure: the variables are given. */
import {
  isAlias,
  isMap,
  isPair,
  isScalar,
  LineCounter,
  parse as parseYaml,
  parseDocument,
  visit,
  type Document,
} from 'yaml';
import { explain } from './explain.ts';
import type { Recipe } from '../recipe.ts';
import { recipes as ownRecipes } from '../recipes/index.ts';

export interface PlanMistake {
  /** From 1. */
  readonly line: number;
  readonly column: number;
  /** `production.site.url`; empty for the whole file. */
  readonly path: string;
  readonly message: string;
}

/** A plan whose every entry is as its recipe wants it. */
export interface GoodPlan {
  readonly recipe: Recipe;
  readonly plan: unknown;
  readonly positionOf: PositionOf;
}
export type ParsedPlan = GoodPlan | { readonly mistakes: readonly PlanMistake[] };
type PositionOf = (path: readonly PropertyKey[]) => { line: number; column: number };

/** A plan that can be read, before a recipe is chosen for it. */
export interface PlanText {
  /** Without `recipes`, which no recipe's plan knows. */
  readonly value: unknown;
  /** Modules with recipes of others, as the plan writes them. */
  readonly recipes: readonly string[];
  readonly positionOf: PositionOf;
}

/** What no person writes is refused before it is parsed: the parser's time grows with the square of some of these. */
const limits = { characters: 200_000, lines: 3000, line: 2000, indent: 100, brackets: 50 };

/**
 * @param variables values for `${NAME}` and `${NAME:-default}` in scalars: addresses that differ between places. Never for
 * secrets: a plan is shown and kept.
 * @param recipes one of them is chosen by the plan's `product`; default: those that nakat brings along.
 */
export function parsePlan(
  text: string,
  variables: Readonly<Record<string, string | undefined>>,
  recipes: readonly Recipe[] = ownRecipes,
): ParsedPlan {
  const read = readPlan(text, variables);
  return 'mistakes' in read ? read : planFor(read, recipes);
}

/** What is wrong with YAML, without the place that the parser adds and the line that it shows. */
export const sayingWhere = /^(.*?)(?: at line \d+, column \d+:?)?$/m;

export function readPlan(
  text: string,
  variables: Readonly<Record<string, string | undefined>>,
): PlanText | { readonly mistakes: readonly PlanMistake[] } {
  const unwritten = beyondLimits(text);
  if (unwritten) return { mistakes: [{ path: '', ...unwritten }] };
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, merge: false });
  const at = (offset: number): { line: number; column: number } => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const mistakes: PlanMistake[] = document.errors.map((error) => ({
    ...at(error.pos[0]),
    path: '',
    message:
      error.code === 'MULTIPLE_DOCS'
        ? 'expected one plan in the file: what follows `---` is another'
        : (sayingWhere.exec(error.message)?.[1] ?? error.message),
  }));
  mistakes.push(...substitute(document, variables, at));
  if (mistakes.length > 0) return { mistakes };
  const positionOf: PositionOf = (path) => at(offsetOf(document, path));
  const { recipes = [], ...value } = (document.toJS({ maxAliasCount: 0 }) ?? {}) as Record<string, unknown>;
  if (Array.isArray(recipes) && recipes.every((one) => typeof one === 'string' && one !== ''))
    return { value, recipes: recipes as string[], positionOf };
  const message = 'expected a list of files: [./my-recipe.js]';
  return { mistakes: [{ ...positionOf(['recipes']), path: 'recipes', message }] };
}

/** The recipe of the plan's product, and the plan as that recipe wants it. */
export function planFor({ value, positionOf }: PlanText, recipes: readonly Recipe[]): ParsedPlan {
  const product = typeof value === 'object' && value !== null && 'product' in value ? value.product : undefined;
  const recipe = recipes.find((one) => one.product === product);
  if (!recipe) {
    return {
      mistakes: [
        {
          ...positionOf(['product']),
          path: 'product',
          message: `expected one of: ${recipes.map((one) => one.product).join(', ')}`,
        },
      ],
    };
  }
  const parsed = recipe.plan.safeParse(value);
  if (parsed.success) return { recipe, plan: parsed.data, positionOf };
  return {
    mistakes: parsed.error.issues
      .flatMap(explain)
      .map(({ path, message }) => ({ ...positionOf(path), path: path.map(String).join('.'), message }))
      .sort((a, b) => a.line - b.line || a.column - b.column),
  };
}

function beyondLimits(text: string): Omit<PlanMistake, 'path'> | null {
  const beyond = (line: number, message: string) => ({ line, column: 1, message });
  if (text.length > limits.characters) return beyond(1, `the file is larger than ${limits.characters} characters`);
  let depth = 0;
  for (const [at, line] of text.split('\n').entries()) {
    if (at >= limits.lines) return beyond(at + 1, `the file has more than ${limits.lines} lines`);
    if (line.length > limits.line) return beyond(at + 1, `the line is longer than ${limits.line} characters`);
    if ((/^[ \t?-]*/.exec(line)?.[0].length ?? 0) > limits.indent) return beyond(at + 1, 'nested too deeply');
    for (const char of line) {
      if (char === '[' || char === '{') depth++;
      else if ((char === ']' || char === '}') && depth > 0) depth--;
      if (depth > limits.brackets) return beyond(at + 1, 'nested too deeply');
    }
  }
  return null;
}

/** Of the key where there is one, else of the nearest thing above it that is in the file. */
function offsetOf(document: Document, path: readonly PropertyKey[]): number {
  for (let length = path.length; length > 0; length--) {
    const parent: unknown =
      length === 1 ? document.contents : document.getIn(path.slice(0, length - 1) as unknown[], true);
    const key = path[length - 1];
    if (isMap(parent)) {
      const pair = parent.items.find((item) => isPair(item) && isScalar(item.key) && item.key.value === key);
      if (pair && isScalar(pair.key) && pair.key.range) return pair.key.range[0];
    }
    const node: unknown = document.getIn(path.slice(0, length) as unknown[], true);
    if (typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range))
      return Number(node.range[0]);
  }
  return document.contents?.range?.[0] ?? 0;
}

const variable = /\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}/g;

function substitute(
  document: Document,
  variables: Readonly<Record<string, string | undefined>>,
  at: (offset: number) => { line: number; column: number },
): PlanMistake[] {
  const mistakes: PlanMistake[] = [];
  visit(document, (_key, node) => {
    if (isAlias(node))
      mistakes.push({ ...at(node.range?.[0] ?? 0), path: '', message: 'aliases are not allowed in a plan' });
    if (!isScalar(node) || typeof node.value !== 'string') return;
    const before = node.value;
    const after = before.replace(variable, (whole, name: string, otherwise: string | undefined) => {
      const value = variables[name] ?? otherwise;
      if (value === undefined)
        mistakes.push({
          ...at(node.range?.[0] ?? 0),
          path: '',
          message: `variable ${name} is not set and has no default`,
        });
      return value ?? whole;
    });
    if (after === before) return;
    // A plain scalar may have become a number or a boolean; a quoted one stays text.
    const plain: unknown = node.type === 'PLAIN' && /^[\w.+-]+$/.test(after) ? parseYaml(after) : after;
    node.value = typeof plain === 'number' || typeof plain === 'boolean' ? plain : after;
  });
  return mistakes;
}
