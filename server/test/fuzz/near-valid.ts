import type { Schema } from './from-schema.ts';
import { hostileText, hostileValue } from './hostile.ts';
import type { Random } from './random.ts';

type Json = Record<string, unknown>;

/** A copy of a valid input with one thing wrong, or just at its limit. */
export function nearValid(input: Json, schema: Schema, random: Random): Json {
  const names = Object.keys(schema.properties ?? {});
  if (names.length === 0 || random.chance(0.1)) return { ...input, [random.pick(['extra', 'Page', 'id'])]: 1 };
  const missing = (schema.required ?? []).filter((name) => name in input);
  if (missing.length > 0 && random.chance(0.15)) {
    const dropped = random.pick(missing);
    return Object.fromEntries(Object.entries(input).filter(([name]) => name !== dropped));
  }
  const name = random.pick(names);
  const field = schema.properties?.[name] ?? {};
  const inner = input[name];
  if (field.properties && isJson(inner) && random.chance(0.7)) {
    return { ...input, [name]: nearValid(inner, field, random) };
  }
  return { ...input, [name]: wrong(field, random) };
}

function wrong(schema: Schema, random: Random): unknown {
  const past = pastLimits(schema);
  return random.weighted<() => unknown>([
    [past.length > 0 ? 5 : 0, () => random.pick(past)()],
    [2, () => random.pick<unknown>([null, '', [], {}, 0, true, 'NaN', '1', [null], { a: 1 }])],
    [1, () => random.pick([1e308, -1e308, 2 ** 53 + 2, 5e-324])],
    [3, () => (schema.type === 'string' ? hostileText(random) : hostileValue(random))],
  ])();
}

/** Values at a limit of the schema and one past it. */
function pastLimits(schema: Schema): (() => unknown)[] {
  const { minLength, maxLength, minItems, maxItems, minimum, maximum, items, enum: names } = schema;
  const texts = [minLength && minLength - 1, maxLength, maxLength && maxLength + 1].filter((one) => one !== undefined);
  const lists = [minItems && minItems - 1, maxItems, maxItems && maxItems + 1].filter((one) => one !== undefined);
  const numbers = [minimum && minimum - 1, minimum, maximum && maximum + 1].filter((one) => one !== undefined);
  const item = items?.type === 'string' ? 'x' : 0;
  return [
    ...texts.map((length) => () => 'é'.repeat(length)),
    ...lists.map((length) => () => Array.from({ length }, () => item)),
    ...numbers.map((number) => () => number),
    ...(names ? [() => `${String(names[0])} `, () => String(names[0]).toUpperCase()] : []),
    ...(schema.type === 'integer' ? [() => (minimum ?? 0) + 0.5, () => String(minimum ?? 1)] : []),
  ];
}

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
