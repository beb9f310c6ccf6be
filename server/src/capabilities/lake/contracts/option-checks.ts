import { stringFormats } from '../engine/contract/conditions.ts';
import type { Bound, Check } from '../engine/contract/rules.ts';
import { parseTimestamp } from '../engine/values.ts';
import { badContract } from './bad-contract.ts';
import type { Property } from './odcs.ts';

const bounds: readonly Bound[] = ['minimum', 'exclusiveMinimum', 'maximum', 'exclusiveMaximum'];
/** Said of a time, they ask nothing of a value. */
const silent = new Set(['timezone', 'defaultTimezone']);

/** The checks that `logicalTypeOptions` ask for, by their names. */
export function* optionChecks(column: string, property: Property): Generator<[string, Check]> {
  const { logicalType, logicalTypeOptions: options = {} } = property;
  const number = (name: string) => (typeof options[name] === 'number' ? (options[name] as number) : undefined);
  const range = (low: string, high: string) => {
    const [min, max] = [number(low), number(high)];
    return { ...(min !== undefined && { min }), ...(max !== undefined && { max }) };
  };
  for (const [name, value] of Object.entries(options)) {
    if (value === null || silent.has(name)) continue;
    if (bounds.includes(name as Bound)) yield [name, boundCheck(column, property, name as Bound, value)];
    else if (name === 'multipleOf') yield [name, multipleOf(column, Number(value))];
    else if (name === 'pattern') yield [name, { kind: 'values', column, pattern: String(value) }];
    else if (name === 'format') yield* formatChecks(column, logicalType, String(value));
    else if (name === 'minLength') yield [name, { kind: 'length', column, ...range(name, '') }];
    else if (name === 'maxLength') yield [name, { kind: 'length', column, ...range('', name) }];
    else if (name === 'minItems') yield [name, { kind: 'items', column, ...range(name, '') }];
    else if (name === 'maxItems') yield [name, { kind: 'items', column, ...range('', name) }];
    else if (name === 'uniqueItems') {
      if (value === true) yield [name, { kind: 'unique_items', column }];
    } else if (name === 'minProperties') yield [name, { kind: 'members', column, ...range(name, '') }];
    else if (name === 'maxProperties') yield [name, { kind: 'members', column, ...range('', name) }];
    else if (name === 'required' && Array.isArray(value))
      for (const member of value) yield [`required_${member}`, { kind: 'member', column, name: String(member) }];
    else yield [name, { kind: 'skipped', reason: `the option ${name} is not known` }];
  }
}

function boundCheck(column: string, { name, logicalType }: Property, bound: Bound, value: unknown): Check {
  if (logicalType === 'date' || logicalType === 'timestamp') {
    const time = parseTimestamp(String(value));
    if (time === undefined) throw badContract(`${bound} of ${name} is no ISO 8601 date or time`, { value });
    return { kind: 'time', column, bound, value: time };
  }
  if (typeof value === 'number' || logicalType === 'time')
    return { kind: 'bound', column, bound, value: typeof value === 'number' ? value : String(value) };
  throw badContract(`${bound} of ${name} is no number`, { value });
}

function multipleOf(column: string, of: number): Check {
  if (!(of > 0)) throw badContract(`multipleOf of ${column} is not above 0`, { value: of });
  return { kind: 'multiple', column, of };
}

function* formatChecks(column: string, type: string | undefined, format: string): Generator<[string, Check]> {
  const whole = /^([iu])(8|16|32|64|128)$/.exec(format);
  if ((type === 'integer' || type === 'number') && whole) {
    const bits = Number(whole[2]);
    const low = whole[1] === 'u' ? 0 : -(2 ** (bits - 1));
    const beyond = whole[1] === 'u' ? 2 ** bits : 2 ** (bits - 1);
    yield ['format_minimum', { kind: 'bound', column, bound: 'minimum', value: low }];
    yield ['format_maximum', { kind: 'bound', column, bound: 'exclusiveMaximum', value: beyond }];
    return;
  }
  if ((type === 'string' || type === undefined) && Object.hasOwn(stringFormats, format)) {
    yield ['format', { kind: 'format', column, format }];
    return;
  }
  yield ['format', { kind: 'skipped', reason: `the format ${format} is not checked` }];
}
