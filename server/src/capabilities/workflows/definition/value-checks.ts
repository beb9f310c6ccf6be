import { expressionOf } from '../expressions/template.ts';
import type { Found } from './found.ts';
import { isObject } from './json.ts';
import type { Path } from './problem.ts';

const mostSeconds = 99_999_999;
/** RFC 3339 with a capital T, and Z or an offset, as the States Language wants it. */
const timestamp = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$/;

export function isExpression(value: unknown): value is string {
  return typeof value === 'string' && expressionOf(value) !== undefined;
}

/** A number within its bounds, or an expression that is to give one. */
export function checkNumberOrExpression(
  value: unknown,
  path: Path,
  found: Found,
  { least, most = mostSeconds, whole = true }: { least: number; most?: number; whole?: boolean },
): undefined {
  if (isExpression(value)) return;
  const fits = typeof value === 'number' && value >= least && value <= most && (!whole || Number.isInteger(value));
  if (!fits)
    found.add(
      path,
      `${String(path.at(-1))} is a ${whole ? 'whole ' : ''}number from ${least} to ${most}, or an expression.`,
      'Give such a number, or {% … %}.',
    );
}

export function checkTimestamp(value: unknown, path: Path, found: Found): undefined {
  if (isExpression(value)) return;
  if (typeof value !== 'string' || !timestamp.test(value) || Number.isNaN(Date.parse(value)))
    found.add(path, 'Timestamp is a time of RFC 3339, or an expression.', 'Such as "2026-03-14T01:59:00Z".');
}

/** A name of an error, or a text about it. */
export function checkText(value: unknown, path: Path, found: Found): undefined {
  const name = String(path.at(-1));
  if (typeof value !== 'string') return found.add(path, `${name} is a text or an expression.`, 'Put it in quotes.');
  if (name === 'Error' && value === '') return found.add(path, 'An error has a name.', 'Leave it out, or name it.');
  if (name === 'Error' && !isExpression(value) && /^(?:States|Tutti)\./.test(value))
    found.add(path, 'Names of errors that begin with States. or Tutti. are reserved.', 'Choose a name of your own.');
}

/** The variables that an Assign gives a value: their names by the rules of the States Language. */
export function checkVariableNames(
  value: unknown,
  path: Path,
  found: Found,
  taken: (name: string) => string | undefined,
): undefined {
  if (!isObject(value)) return found.add(path, 'Assign is a mapping of variables to values.', 'Such as {count: 1}.');
  for (const name of Object.keys(value)) {
    const short = JSON.stringify(name.slice(0, 80));
    if (!/^[\p{ID_Start}][\p{ID_Continue}]*$/u.test(name) || [...name].length > 80)
      found.add(
        [...path, name],
        `${short} is no name of a variable.`,
        'Begin with a letter; letters, digits and _ follow.',
      );
    const reason = taken(name);
    if (reason) found.add([...path, name], reason, 'Choose another name.');
  }
}

/** What is wrong with the name of a state; such names are parts of paths and of drawings. */
export function checkStateName(name: string): string | undefined {
  if (name === '' || [...name].length > 80) return 'The name of a state has 1 to 80 characters.';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (/[\u0000-\u001f\u007f-\u009f\u2028\u2029/\\[\]:`]/.test(name))
    return 'The name of a state has no control characters and none of / \\ [ ] : `';
  return undefined;
}
