// Whether every value of one JSON Schema is a value of another. Knows the keywords that tools use; of any other it wants
// that both say the same, so that it errs on the side of a misfit.
import { isDeepStrictEqual } from 'node:util';

export type Schema = Readonly<Record<string, unknown>>;

interface Compared {
  readonly narrow: Schema;
  readonly wide: Schema;
  /** Path of the field, such as `filter.tags[]`; empty at the top. */
  readonly at: string;
  /** Fields that only `wide` knows count as gone, as those that a caller read from an answer. */
  readonly namesCount: boolean;
}

const words = ['description', 'title', 'default', 'examples', 'deprecated', '$comment', '$schema'];
const unions = ['anyOf', 'oneOf'];
const bounds: readonly (readonly [string, string, 'least' | 'most'])[] = [
  ['string', 'minLength', 'least'],
  ['string', 'maxLength', 'most'],
  ['number', 'minimum', 'least'],
  ['number', 'maximum', 'most'],
  ['number', 'exclusiveMinimum', 'least'],
  ['number', 'exclusiveMaximum', 'most'],
  ['array', 'minItems', 'least'],
  ['array', 'maxItems', 'most'],
  ['object', 'minProperties', 'least'],
  ['object', 'maxProperties', 'most'],
];
const handled = new Set([
  ...words,
  ...unions,
  ...bounds.map(([, keyword]) => keyword),
  ...['type', 'enum', 'const', 'allOf', 'properties', 'required', 'additionalProperties', 'propertyNames', 'items'],
]);

/** Why some value of `narrow` may be none of `wide`, each reason with the path of its field. Empty: all fit. */
export function misfits(narrow: Schema, wide: Schema, namesCount = false, at = ''): string[] {
  const [from, to] = [plain(narrow), plain(wide)];
  if (isDeepStrictEqual(from, to)) return [];
  const branches = unions.flatMap((keyword) => list(from[keyword]));
  if (branches.length > 0) {
    // What stands beside the branches only takes values away.
    if (misfits(without(from, unions), to, namesCount, at).length === 0) return [];
    return distinct(branches.flatMap((branch) => misfits(branch, to, namesCount, at)));
  }
  for (const keyword of unions) {
    const choices = list(to[keyword]);
    if (choices.length === 0) continue;
    const rest = misfits(from, without(to, [keyword]), namesCount, at);
    const fits = choices.some((choice) => misfits(from, choice, namesCount, at).length === 0);
    return fits ? rest : [...rest, `${place(at)} fits none of its forms any more`];
  }
  const all = list(to.allOf);
  if (all.length > 0) {
    const parts = [without(to, ['allOf']), ...all];
    return distinct(parts.flatMap((part) => misfits(from, part, namesCount, at)));
  }
  const compared = { narrow: from, wide: to, at, namesCount };
  return [...values(compared), ...limits(compared), ...items(compared), ...fields(compared), ...others(compared)];
}

/** Types, `enum` and `const`. */
function values({ narrow, wide, at }: Compared): string[] {
  const [given, taken] = [typesOf(narrow), typesOf(wide)];
  const lost = taken && (given ?? ['any value']).filter((type) => !taken.some((other) => within(type, other)));
  if (lost && lost.length > 0) return [`${place(at)} is ${taken.join(' or ')}, was ${(given ?? lost).join(' or ')}`];
  const [some, only] = [choicesOf(narrow), choicesOf(wide)];
  if (!only) return [];
  const gone = some?.filter((value) => !only.some((other) => isDeepStrictEqual(value, other)));
  if (gone?.length === 0) return [];
  return [`${place(at)} is one of a list only${gone ? `, without ${JSON.stringify(gone)}` : ''}`];
}

function limits({ narrow, wide, at }: Compared): string[] {
  const found: string[] = [];
  for (const [type, keyword, side] of bounds) {
    const [own, other] = [narrow[keyword], wide[keyword]] as (number | undefined)[];
    if (other === undefined || !mayBe(narrow, type)) continue;
    const inside = own !== undefined && (side === 'least' ? own >= other : own <= other);
    if (!inside) found.push(`${place(at)} has ${keyword} ${other}, was ${own ?? 'unlimited'}`);
  }
  return found;
}

function items({ narrow, wide, at, namesCount }: Compared): string[] {
  if (wide.items === undefined || !mayBe(narrow, 'array')) return [];
  return misfits(schemaOf(narrow.items), schemaOf(wide.items), namesCount, `${at}[]`);
}

function fields(compared: Compared): string[] {
  const { narrow, wide, at, namesCount } = compared;
  if (!mayBe(narrow, 'object') || !mayBe(wide, 'object')) return [];
  const [own, other] = [membersOf(narrow), membersOf(wide)];
  const always = strings(narrow.required);
  const found = strings(wide.required)
    .filter((name) => !always.includes(name) && (name in own || !namesCount))
    .map((name) => `${join(at, name)} ${namesCount ? 'may be missing' : 'is required'}`);
  for (const [name, schema] of Object.entries(own)) {
    const target = other[name] ?? wide.additionalProperties;
    if (target === false) found.push(`${join(at, name)} is gone`);
    else found.push(...misfits(schema, schemaOf(target), namesCount && name in other, join(at, name)));
  }
  for (const name of Object.keys(other).filter((key) => !(key in own))) {
    if (namesCount) found.push(`${join(at, name)} is gone`);
    else if (narrow.additionalProperties !== false)
      found.push(...misfits(schemaOf(narrow.additionalProperties), other[name] ?? {}, false, join(at, name)));
  }
  return [...found, ...unnamed(compared)];
}

/** What holds for fields that a schema does not name, and for names. */
function unnamed({ narrow, wide, at }: Compared): string[] {
  const names = misfits({ enum: Object.keys(membersOf(narrow)) }, schemaOf(wide.propertyNames), false, `${at}{name}`);
  if (narrow.additionalProperties === false) return names;
  if (wide.additionalProperties === false) return [...names, `${place(at)} has no unknown fields any more`];
  const free = schemaOf(narrow.propertyNames ?? { type: 'string' });
  return [
    ...names,
    ...misfits(free, schemaOf(wide.propertyNames), false, `${at}{name}`),
    ...misfits(schemaOf(narrow.additionalProperties), schemaOf(wide.additionalProperties), false, `${at}{}`),
  ];
}

/** `pattern`, `format` and whatever else: only the same is known to fit. */
function others({ narrow, wide, at }: Compared): string[] {
  return Object.keys(wide)
    .filter((keyword) => !handled.has(keyword) && !isDeepStrictEqual(narrow[keyword], wide[keyword]))
    .map((keyword) => `${place(at)} has another ${keyword}`);
}

function typesOf({ type, ...schema }: Schema): string[] | undefined {
  if (type !== undefined) return [type].flat() as string[];
  const choices = choicesOf(schema);
  return choices && distinct(choices.map(typeOf));
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return Number.isInteger(value) ? 'integer' : typeof value;
}

function choicesOf(schema: Schema): unknown[] | undefined {
  if ('const' in schema) return [schema.const];
  return schema.enum as unknown[] | undefined;
}

function within(type: string, other: string): boolean {
  return type === other || (type === 'integer' && other === 'number');
}

function mayBe(schema: Schema, type: string): boolean {
  return typesOf(schema)?.some((own) => within(own, type)) ?? true;
}

function membersOf(schema: Schema): Record<string, Schema> {
  return (schema.properties ?? {}) as Record<string, Schema>;
}

/** `true` and a missing schema take anything; so does `false` where the caller has looked before. */
function schemaOf(value: unknown): Schema {
  return typeof value === 'object' && value !== null ? (value as Schema) : {};
}

function plain(schema: Schema): Schema {
  return without(schema, words);
}

function without(schema: Schema, keywords: readonly string[]): Schema {
  return Object.fromEntries(Object.entries(schema).filter(([keyword]) => !keywords.includes(keyword)));
}

function list(value: unknown): Schema[] {
  return (value ?? []) as Schema[];
}

function strings(value: unknown): string[] {
  return (value ?? []) as string[];
}

function distinct<T>(values: readonly T[]): T[] {
  return [...new Set(values)];
}

function join(at: string, name: string): string {
  return at ? `${at}.${name}` : name;
}

function place(at: string): string {
  return at || 'it';
}
