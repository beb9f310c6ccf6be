import { coerce, isList, isSwitch } from './coerce.ts';
import { badInput, type TuttiError } from './error.ts';
import { type JsonSchema, memberOf } from './json-schema.ts';

type Members = Record<string, unknown>;
interface Field {
  readonly keys: readonly string[];
  readonly schema: JsonSchema;
}

/**
 * Reads the flags of a call as the tool's input: `--field value`, `--field=value`, a bare `--switch` or `--no-switch`,
 * lists by repetition or commas, members of objects by dots (`--filter.state failed`).
 */
export function readFields(args: readonly string[], schema: JsonSchema, tool: string): Members {
  const input = emptyObject();
  const rest = [...args];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    const [, name, inline] = /^--([^=]+)(?:=(.*))?$/s.exec(word) ?? [];
    if (name === undefined) throw notAFlag(word, tool);
    const field = locate(schema, name);
    const negated = field ? undefined : locate(schema, name.replace(/^no-/, ''));
    if (negated && isSwitch(negated.schema) && inline === undefined) put(input, negated, false, name);
    else if (!field) throw unknownField(name, schema, tool);
    else put(input, field, coerce(field.schema, inline ?? textOf(field, rest, name), name), name);
  }
  return input;
}

function textOf(field: Field, rest: string[], name: string): string {
  if (isSwitch(field.schema) && !/^(true|false)$/.test(rest[0] ?? '')) return 'true';
  const value = rest.shift();
  if (value === undefined) throw badInput(`--${name} needs a value.`, `Give it as --${name} <value>.`);
  return value;
}

/** The field behind a dotted name. */
function locate(schema: JsonSchema, name: string): Field | undefined {
  let found: Field = { keys: [], schema };
  for (const part of name.split('.')) {
    const member = memberOf(found.schema, part);
    if (!member) return undefined;
    found = { keys: [...found.keys, member.key], schema: member.schema };
  }
  return found;
}

function put(input: Members, { keys, schema }: Field, value: unknown, name: string): void {
  const path = [...keys];
  const last = path.pop() ?? '';
  let at = input;
  for (const key of path) {
    at[key] ??= emptyObject();
    if (typeof at[key] !== 'object' || Array.isArray(at[key])) throw givenTwice(name);
    at = at[key] as Members;
  }
  const before = at[last];
  if (before === undefined) at[last] = value;
  else if (Array.isArray(before) && Array.isArray(value) && isList(schema)) at[last] = [...before, ...value];
  else throw givenTwice(name);
}

/** Without a prototype a member may have any name. */
function emptyObject(): Members {
  return Object.create(null);
}

function givenTwice(name: string): TuttiError {
  return badInput(`--${name} is given twice.`, 'Give each field once; only lists may be repeated.');
}

function notAFlag(word: string, tool: string): TuttiError {
  return badInput(
    `${JSON.stringify(word)} is not a field.`,
    `Give the input as flags, tutti call ${tool} --field value, or as one JSON object.`,
  );
}

function unknownField(name: string, schema: JsonSchema, tool: string): TuttiError {
  const fields = Object.keys(schema.properties ?? {}).map((field) => `--${field}`);
  const takes = fields.length > 0 ? `It takes ${fields.join(', ')}.` : 'It takes no fields.';
  return badInput(`${tool} has no field --${name}.`, takes);
}
