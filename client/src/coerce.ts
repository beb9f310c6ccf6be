import { badInput, type TuttiError } from './error.ts';
import { branches, type JsonSchema, jsonKind, kindOf, typeText } from './json-schema.ts';

/**
 * Reads the text of a flag as its schema wants it. Where a string is as good as a number, text that is JSON is taken for
 * what it says: `1984` is a number, `"1984"` a string, `x` a string too.
 */
export function coerce(schema: JsonSchema, text: string, field: string): unknown {
  const all = branches(schema);
  const kinds = new Set(all.map(kindOf));
  if (kinds.size === 1 && kinds.has('string')) return text;
  const value = parseJson(text);
  if (value !== undefined && fits(kinds, value, text)) return value;
  if (kinds.has('string') || kinds.has('any')) return text;
  const list = all.find((branch) => kindOf(branch) === 'array');
  if (list && !text.startsWith('[')) return parts(text).map((part) => coerce(list.items ?? {}, part, field));
  throw mismatch(schema, text, field);
}

/** Whether a field takes a list, so that it may be given more than once. */
export function isList(schema: JsonSchema): boolean {
  return branches(schema).some((branch) => kindOf(branch) === 'array');
}

/** Whether a field is a switch: it needs no value. */
export function isSwitch(schema: JsonSchema): boolean {
  return branches(schema).every((branch) => kindOf(branch) === 'boolean');
}

/** An item that is an object has commas of its own. */
function parts(text: string): string[] {
  if (text === '') return [];
  return text.startsWith('{') ? [text] : text.split(',');
}

function fits(kinds: ReadonlySet<string>, value: unknown, text: string): boolean {
  if (typeof value === 'number') {
    // A long id must not lose digits where it may stay text.
    const exact = Number.isSafeInteger(value) || !/^-?\d+$/.test(text);
    if (!exact && (kinds.has('string') || kinds.has('any'))) return false;
    if (kinds.has('integer')) return true;
  }
  return kinds.has('any') || kinds.has(jsonKind(value));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function mismatch(schema: JsonSchema, text: string, field: string): TuttiError {
  return badInput(
    `--${field} takes ${typeText(schema)}, not ${JSON.stringify(text)}.`,
    'Objects and lists may be given as JSON.',
  );
}
