import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { RE2JS } from 're2js';

/** What a schema may come to once its references are followed. */
const most = { subschemas: 5000, depth: 200, unique: 1000, pattern: 1000, problems: 50 } as const;

/** Formats whose patterns take linear time. */
const formats = [
  'date',
  'time',
  'date-time',
  'email',
  'hostname',
  'ipv4',
  'ipv6',
  'uri',
  'uri-reference',
  'uuid',
] as const;

/** Why a schema is not taken. */
export class SchemaProblem extends Error {}

/** What a value misses of the schema, with RFC 6901 pointers; nothing when it fits. */
export type Validate = (value: unknown) => { pointer: string; message: string }[];

/**
 * Compiles a JSON Schema (2020-12) of anybody's. What could keep the process busy is refused: patterns that are none of RE2,
 * references to elsewhere or in a circle, `uniqueItems` without a small `maxItems`. Unknown keywords and formats are refused too,
 * unless `strict` is false: then they mean nothing.
 */
export function compileJsonSchema(schema: Readonly<Record<string, unknown>>, { strict = true } = {}): Validate {
  refuseCostly(schema);
  const validate = compile(schema, strict);
  return (value) => (validate(value) ? [] : (validate.errors ?? []).slice(0, most.problems).map(problemOf));
}

function compile(schema: Readonly<Record<string, unknown>>, strict: boolean): ValidateFunction {
  const ajv = new Ajv2020({
    strict,
    validateFormats: strict,
    strictRequired: false,
    strictTypes: false,
    strictTuples: false,
    addUsedSchema: false,
    logger: false,
    code: { regExp: Object.assign((pattern: string) => compilePattern(pattern), { code: 'compilePattern' }) as never },
  });
  addFormats.default(ajv, { mode: 'fast', formats: [...formats] });
  try {
    return ajv.compile(schema);
  } catch (error) {
    throw new SchemaProblem((error instanceof Error ? error.message : String(error)).slice(0, 300));
  }
}

/** RE2 needs time in proportion to the text. */
function compilePattern(source: string): RE2JS {
  if (source.length > most.pattern) throw new SchemaProblem(`a pattern has at most ${most.pattern} characters`);
  return RE2JS.compile(RE2JS.translateRegExp(source));
}

/** Keywords whose fields have names of the schema's author, each with a schema. */
const named = new Set(['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas']);
/** Keywords whose value is data. */
const data = new Set(['enum', 'const', 'default', 'examples']);
const elsewhere = new Set(['$dynamicRef', '$recursiveRef', '$dynamicAnchor', '$anchor', '$id']);

/** Counts what the schema comes to once its references are followed, and refuses what may take long. */
function refuseCostly(root: Readonly<Record<string, unknown>>): void {
  const sizes = new Map<object, number | 'open'>();
  const sizeOf = (schema: unknown, depth: number): number => {
    if (depth > most.depth) throw new SchemaProblem(`it is nested more than ${most.depth} deep`);
    if (Array.isArray(schema)) return sum(schema.map((one) => () => sizeOf(one, depth + 1)));
    if (!isObject(schema)) return 0;
    const known = sizes.get(schema);
    if (known === 'open') throw new SchemaProblem('a reference leads back to where it stands');
    if (known !== undefined) return known;
    sizes.set(schema, 'open');
    const size =
      1 +
      sum(
        Object.entries(schema).map(
          ([key, value]) =>
            () =>
              sizeAt(key, value, schema, depth),
        ),
      );
    sizes.set(schema, size);
    return size;
  };
  const sizeAt = (keyword: string, value: unknown, schema: Record<string, unknown>, depth: number): number => {
    if (data.has(keyword)) return 0;
    if (elsewhere.has(keyword)) throw new SchemaProblem(`${keyword} is not supported: refer by #/$defs/…`);
    if (keyword === 'uniqueItems' && value === true && !(Number(schema.maxItems) <= most.unique))
      throw new SchemaProblem(`uniqueItems wants a maxItems of at most ${most.unique}`);
    if (keyword === '$ref' && typeof value === 'string') return sizeOf(targetOf(root, value), depth + 1);
    if (named.has(keyword) && isObject(value))
      return sum(Object.values(value).map((one) => () => sizeOf(one, depth + 1)));
    return sizeOf(value, depth + 1);
  };
  sizeOf(root, 0);
}

function sum(sizes: readonly (() => number)[]): number {
  let total = 0;
  for (const size of sizes) {
    total += size();
    if (total > most.subschemas) throw new SchemaProblem(`it comes to more than ${most.subschemas} subschemas`);
  }
  return total;
}

function targetOf(root: unknown, reference: string): unknown {
  if (reference !== '#' && !reference.startsWith('#/')) throw new SchemaProblem('$ref leads out of the schema');
  let target = root;
  for (const part of reference.split('/').slice(1)) {
    const name = decoded(part).replaceAll('~1', '/').replaceAll('~0', '~');
    const holder = typeof target === 'object' && target !== null ? (target as Record<string, unknown>) : {};
    target = Object.hasOwn(holder, name) ? holder[name] : undefined;
  }
  if (target === undefined) throw new SchemaProblem(`$ref leads nowhere: ${reference.slice(0, 100)}`);
  return target;
}

/** A fragment is percent-encoded; one that is not as it should be names what it says. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function problemOf({ instancePath, message, params }: ErrorObject): { pointer: string; message: string } {
  const extra = (params as { additionalProperty?: string }).additionalProperty;
  const values = (params as { allowedValues?: unknown[] }).allowedValues;
  const words = ['It', message ?? 'does not fit', extra && JSON.stringify(extra), values && JSON.stringify(values)];
  return { pointer: instancePath, message: `${words.filter(Boolean).join(' ').slice(0, 300)}.` };
}
