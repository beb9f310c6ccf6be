/** The part of JSON Schema that says how to read a flag. */
export interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | JsonSchema;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
}

/** The alternatives of a schema, each of at most one type. */
export function branches(schema: JsonSchema): JsonSchema[] {
  const union = schema.anyOf ?? schema.oneOf;
  if (union) return union.flatMap(branches);
  if (Array.isArray(schema.type)) return schema.type.map((type) => ({ ...schema, type }));
  return [schema];
}

/** The type of a branch: one of JSON Schema's, or `any` when it says none. */
export function kindOf(branch: JsonSchema): string {
  if (typeof branch.type === 'string') return branch.type;
  const sample = branch.enum?.[0] ?? branch.const;
  return sample === undefined ? 'any' : jsonKind(sample);
}

/** The type of a JSON value, in JSON Schema's words. */
export function jsonKind(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

/** The member of an object's schema by that name, with dashes or underscores; undefined when there can be none. */
export function memberOf(schema: JsonSchema, key: string): { key: string; schema: JsonSchema } | undefined {
  const all = branches(schema);
  for (const { properties = {} } of all) {
    for (const name of [key, key.replaceAll('-', '_')]) {
      const member = Object.hasOwn(properties, name) ? properties[name] : undefined;
      if (member) return { key: name, schema: member };
    }
  }
  for (const branch of all) {
    const others = branch.additionalProperties ?? kindOf(branch) === 'any';
    if (others !== false) return { key, schema: others === true ? {} : others };
  }
  return undefined;
}

/** A short word for what a field takes, such as `string[]` or `string | number`. */
export function typeText(schema: JsonSchema): string {
  const words = branches(schema).map((branch) => {
    if (branch.enum) return branch.enum.map((value) => JSON.stringify(value)).join(' | ');
    const kind = kindOf(branch);
    if (kind !== 'array') return kind;
    const items = typeText(branch.items ?? {});
    return items.includes(' ') ? `(${items})[]` : `${items}[]`;
  });
  return [...new Set(words)].join(' | ');
}
