import fc from 'fast-check';
import type { Random } from './random.ts';

/** As much of JSON Schema as the schemas of tools use. */
export interface Schema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema | boolean;
  readonly propertyNames?: Schema;
  readonly items?: Schema;
  readonly pattern?: string;
  readonly format?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minimum?: number;
  readonly maximum?: number;
}

/** A value for a field of this name that goes deeper than its schema knows; undefined where the schema is all. */
export type Hint = (name: string, field: Schema, random: Random) => unknown;

/** A value that the schema takes. `hint` is asked about every named field first. */
export function validValue(schema: Schema, random: Random, hint: Hint = () => undefined): unknown {
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return random.pick(schema.enum);
  if (schema.anyOf) return validValue(random.pick(schema.anyOf), random, hint);
  const type = typeof schema.type === 'object' ? random.pick(schema.type) : schema.type;
  switch (type) {
    case 'object':
      return objectOf(schema, random, hint);
    case 'array':
      return Array.from({ length: random.int(schema.minItems ?? 0, Math.min(schema.maxItems ?? 3, 3)) }, () =>
        validValue(schema.items ?? {}, random, hint),
      );
    case 'string':
      return textOf(schema, random);
    case 'integer':
      return random.int(...limits(schema));
    case 'number': {
      const [min, max] = limits(schema);
      return random.chance(0.5) ? random.int(min, max) : Math.min(max, random.int(min, max) + 0.25);
    }
    case 'boolean':
      return random.chance(0.5);
    case 'null':
      return null;
    default:
      return random.pick<unknown>(['text', 1, 1.5, true, null, [1, 'a'], { a: { b: [null] } }]);
  }
}

function objectOf(schema: Schema, random: Random, hint: Hint): Record<string, unknown> {
  const fields = Object.entries(schema.properties ?? {})
    .filter(([name]) => schema.required?.includes(name) || random.chance(0.4))
    .map(([name, field]) => [name, hint(name, field, random) ?? validValue(field, random, hint)] as const);
  const open = typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined;
  const more = Array.from({ length: open ? random.int(0, 3) : 0 }, () => [
    textOf({ minLength: 1, maxLength: 12, ...schema.propertyNames }, random),
    validValue(open ?? {}, random, hint),
  ]);
  return Object.fromEntries([...fields, ...more]);
}

/** Near the lower limit as a rule, so that page sizes and waits stay small; sometimes the limit itself. */
function limits({ minimum = -1000, maximum = 1000 }: Schema): [number, number] {
  return [Math.ceil(minimum), Math.floor(Math.min(maximum, minimum + 20))];
}

const words = ['a', 'raw/cars.csv', 'lance', 'text', 'Ünï', '日本', 'x y', 'A-1_b.c', '2026-11-20', '😀'] as const;

function textOf(schema: Schema, random: Random): string {
  const { minLength = 0, maxLength = 200, pattern, format } = schema;
  if (format === 'date-time') return new Date(random.int(0, 4_000_000_000) * 1000).toISOString();
  if (pattern !== undefined) return random.pick(samplesOf(pattern, schema));
  if (random.chance(0.05)) return 'x'.repeat(random.chance(0.5) ? minLength : Math.min(maxLength, 5000));
  const letters = [...random.pick(words)].slice(0, maxLength);
  return letters.join('') + 'x'.repeat(Math.max(0, minLength - letters.length));
}

const known = new Map<string, readonly string[]>();

function samplesOf(pattern: string, { minLength = 0, maxLength = 1000 }: Schema): readonly string[] {
  const key = `${pattern} ${minLength} ${maxLength}`;
  const ofAnyLength = fc.stringMatching(new RegExp(pattern));
  const fitting = ofAnyLength.filter((text) => text.length >= minLength && text.length <= maxLength);
  const samples = known.get(key) ?? fc.sample(fitting, { seed: 1, numRuns: 50 });
  known.set(key, samples);
  return samples;
}
