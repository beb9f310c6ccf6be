import {
  type CelInput,
  type CelList,
  CelScalar,
  celEnv,
  celFunc,
  celListConcat,
  isCelError,
  listType,
  parse,
  plan,
} from '@bufbuild/cel';
import { RE2JS } from 're2js';
import { BudgetError, meter } from './meter.ts';
import { inspect } from './tree.ts';

/** Why a text is no condition, or came to nothing. */
export class ConditionError extends Error {}

/** The names that a condition may use. */
export const variables = {
  client: '`id`, `version` and `form` of the client family',
  profile: 'the profile',
  tags: 'the tags of its environment, a list',
  claims: 'of who drafted it: `principal_id`, `principal_name` and `scopes`',
  now: 'the time of the evaluation, a timestamp',
  policy: '`name` and `version` of the set, and `rules`: the version of each',
  document: 'the whole draft or payload',
  servers: 'its servers, a list of what `server` is',
  server: 'the server: its fields, and `programs`, `packages`, `host`, `facts`',
  item: '`name`, `value` and `pointer` of what the rule is about',
} as const;

export type Variable = keyof typeof variables;
export type Bindings = Readonly<Partial<Record<Variable, () => CelInput>>>;

export interface Condition {
  readonly uses: ReadonlySet<Variable>;
  /** Whether it holds. Throws `ConditionError` when it fails or is no boolean, `BudgetError` when it takes too long. */
  holds(bindings: Bindings): boolean;
}

const longestPattern = 200;
const longestMatched = 16_384;
const patterns = new Map<string, RE2JS>();
const { BOOL, DYN, STRING } = CelScalar;
const list = listType(DYN);

const environment = celEnv({
  funcs: [
    celFunc('@tick', [BOOL], BOOL, (go) => {
      meter().take();
      return go;
    }),
    celFunc('_+_', [STRING, STRING], STRING, (a, b) => meter().made(a + b)),
    celFunc('_+_', [list, list], list, (a, b) => meter().made(celListConcat(a as CelList, b as CelList))),
  ],
  re2: { compile: (pattern) => ({ test: (text) => compiled(pattern).matcher(weighed(pattern, text)).find() }) },
});

function compiled(pattern: string): RE2JS {
  const known = patterns.get(pattern);
  if (known) return known;
  if (pattern.length > longestPattern) throw new ConditionError(`A pattern has at most ${longestPattern} characters.`);
  const made = RE2JS.compile(pattern);
  if (patterns.size >= 1000) patterns.clear();
  patterns.set(pattern, made);
  return made;
}

/** Takes the steps of a search before it begins. */
function weighed(pattern: string, text: string): string {
  if (text.length > longestMatched) throw new BudgetError('A text is too long to be matched.');
  meter().take(1 + Math.ceil((text.length * pattern.length) / 1000));
  return text;
}

/** Compiles a condition. What it names has to be there: a misspelt name would be an error at each evaluation. */
export function compileCondition(text: string): Condition {
  const expression = parsed(text);
  const { expr } = expression;
  if (expr === undefined) throw new ConditionError('The condition is empty.');
  const { variables: used, unknownFunctions, tooDeep } = inspect(expr);
  if (tooDeep) throw new ConditionError('The condition is nested too deeply.');
  // Names of types are variables of the language.
  const types = new Set(['int', 'uint', 'double', 'string', 'bool', 'bytes', 'list', 'map', 'null_type', 'type']);
  const unknown = [...used].filter((name) => !Object.hasOwn(variables, name) && !types.has(name));
  if (unknown.length > 0) throw new ConditionError(`The condition names what is not there: ${unknown.join(', ')}.`);
  if (unknownFunctions.size > 0)
    throw new ConditionError(`The condition calls what is not there: ${[...unknownFunctions].join(', ')}.`);
  const uses = new Set([...used].filter((name) => !types.has(name)) as Variable[]);
  const evaluate = planned(expression);
  return {
    uses,
    holds(bindings) {
      meter().take(5 + Math.ceil(text.length / 20));
      const given: Record<string, CelInput> = {};
      for (const name of uses) given[name] = bindings[name]?.() ?? null;
      const value = evaluate(given);
      // An operand that is an error can be outvoted by the other one; a budget that is used up cannot.
      if (meter().exhausted()) throw new BudgetError('The evaluation takes too long.');
      if (isCelError(value)) throw failure(value);
      if (typeof value !== 'boolean') throw new ConditionError('The condition is neither true nor false.');
      return value;
    },
  };
}

function parsed(text: string) {
  try {
    return parse(text);
  } catch (error) {
    throw new ConditionError(`The condition is no CEL: ${said(error)}`);
  }
}

function planned(expression: ReturnType<typeof parse>) {
  try {
    return plan(environment, expression);
  } catch (error) {
    throw new ConditionError(`The condition is no CEL: ${said(error)}`);
  }
}

function failure(error: Error): Error {
  for (let at: unknown = error; at instanceof Error; at = at.cause) if (at instanceof BudgetError) return at;
  return new ConditionError(`The condition failed: ${said(error)}`);
}

function said(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).slice(0, 200);
}

/** A JSON value as CEL has it: whole numbers are integers, objects are maps of their own members only. Takes steps by its size. */
export function toCel(value: unknown): CelInput {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (Array.isArray(value)) {
    meter().take(1 + Math.ceil(value.length / 8));
    return value.map(toCel);
  }
  if (typeof value !== 'object' || value === null) return (value ?? null) as CelInput;
  const entries = Object.entries(value);
  meter().take(1 + Math.ceil(entries.length / 8));
  return new Map(entries.map(([name, member]) => [name, toCel(member)]));
}

const asTimestamp = plan(environment, parse('timestamp(now)'));

/** An ISO 8601 time as a timestamp of CEL. */
export function celTimestamp(iso: string): CelInput {
  const value = asTimestamp({ now: iso });
  if (isCelError(value)) throw new ConditionError('The time of the evaluation is no time.');
  return value as CelInput;
}
