import { closed, type Found } from './found.ts';
import type { Path } from './problem.ts';

/** The names of the States Language that a state here can fail with, and so may be caught. */
export const stateErrors = [
  'States.ALL',
  'States.Timeout',
  'States.TaskFailed',
  'States.QueryEvaluationError',
  'States.NoChoiceMatched',
  'States.ExceedToleratedFailureThreshold',
  'States.DataLimitExceeded',
];

const mostSeconds = 31_622_400;
const retrierFields = [
  'Comment',
  'ErrorEquals',
  'IntervalSeconds',
  'MaxAttempts',
  'BackoffRate',
  'MaxDelaySeconds',
  'JitterStrategy',
];
const catcherFields = ['Comment', 'ErrorEquals', 'Next', 'Output', 'Assign'];

export function checkRetry(value: unknown, path: Path, found: Found): undefined {
  eachOf(value, path, found, 'Retry', (retrier, at, last) => {
    const fields = closed(retrier, at, found, 'A retrier', retrierFields);
    if (!fields) return;
    checkComment(fields.Comment, [...at, 'Comment'], found);
    checkErrorEquals(fields.ErrorEquals, [...at, 'ErrorEquals'], found, last);
    checkNumber(fields.IntervalSeconds, [...at, 'IntervalSeconds'], found, 1, mostSeconds);
    checkNumber(fields.MaxAttempts, [...at, 'MaxAttempts'], found, 0, 99_999_999);
    checkNumber(fields.MaxDelaySeconds, [...at, 'MaxDelaySeconds'], found, 1, mostSeconds);
    const rate = fields.BackoffRate;
    if (rate !== undefined && (typeof rate !== 'number' || rate < 1 || rate > 1000))
      found.add([...at, 'BackoffRate'], 'BackoffRate is a number from 1 to 1000.', 'Leave it out for 2.');
    const jitter = fields.JitterStrategy;
    if (jitter !== undefined && jitter !== 'FULL' && jitter !== 'NONE')
      found.add([...at, 'JitterStrategy'], 'JitterStrategy is FULL or NONE.', 'Leave it out for NONE.');
  });
}

/** `own` checks what else a catcher has: where it leads, and its templates. */
export function checkCatch(
  value: unknown,
  path: Path,
  found: Found,
  own: (catcher: Record<string, unknown>, at: Path) => void,
): undefined {
  eachOf(value, path, found, 'Catch', (catcher, at, last) => {
    const fields = closed(catcher, at, found, 'A catcher', catcherFields);
    if (!fields) return;
    checkComment(fields.Comment, [...at, 'Comment'], found);
    checkErrorEquals(fields.ErrorEquals, [...at, 'ErrorEquals'], found, last);
    own(fields, at);
  });
}

export function checkComment(value: unknown, path: Path, found: Found): undefined {
  if (value !== undefined && typeof value !== 'string') found.add(path, 'Comment is a text.', 'Put it in quotes.');
}

function checkErrorEquals(value: unknown, path: Path, found: Found, last: boolean): undefined {
  if (!Array.isArray(value) || value.length === 0 || !value.every((name) => typeof name === 'string'))
    return found.add(path, 'ErrorEquals is a list of names of errors, at least one.', 'Such as [States.ALL].');
  for (const [index, name] of value.entries())
    if (name.startsWith('States.') && !stateErrors.includes(name))
      found.add(
        [...path, index],
        `No state fails with ${name.slice(0, 80)} here.`,
        `There are ${stateErrors.join(', ')}.`,
      );
  if (value.includes('States.ALL') && (value.length > 1 || !last))
    found.add(path, 'States.ALL stands alone, and in the last entry.', 'Move it to an entry of its own at the end.');
}

function checkNumber(value: unknown, path: Path, found: Found, least: number, most: number): undefined {
  if (value === undefined || (Number.isInteger(value) && (value as number) >= least && (value as number) <= most))
    return;
  found.add(path, `${String(path.at(-1))} is a whole number from ${least} to ${most}.`, 'Give such a number.');
}

function eachOf(
  value: unknown,
  path: Path,
  found: Found,
  name: string,
  check: (entry: unknown, at: Path, last: boolean) => void,
): undefined {
  if (!Array.isArray(value)) return found.add(path, `${name} is a list.`, 'Give a list with an entry for each case.');
  for (const [index, entry] of value.entries()) check(entry, [...path, index], index === value.length - 1);
}
