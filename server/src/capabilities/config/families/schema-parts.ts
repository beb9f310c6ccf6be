import type { FamilySchema, JsonSchema } from './family.ts';

/** Parts of which the schemas of clients are made. They are closed: a field that nobody knows is a mistake or an attack. */
export const text = { type: 'string' } as const;
export const someText = { type: 'string', minLength: 1 } as const;
export const texts = { type: 'array', items: text } as const;
export const flag = { type: 'boolean' } as const;
export const count = { type: 'integer', minimum: 1 } as const;
export const textMap = { type: 'object', additionalProperties: text } as const;
export const link = { type: 'string', pattern: '^(https?://|\\$)' } as const;

export const oneOfTexts = (...values: string[]) => ({ enum: values });

/** An object with these fields and no other. */
export function closed(required: JsonSchema, optional: JsonSchema = {}): JsonSchema {
  return {
    type: 'object',
    properties: { ...required, ...optional },
    required: Object.keys(required),
    additionalProperties: false,
  };
}

/** A map from names of servers to what fits one of these. */
export function serverMap(...entries: JsonSchema[]): JsonSchema {
  return {
    type: 'object',
    propertyNames: { pattern: '^[A-Za-z0-9_-]+$' },
    additionalProperties: entries.length === 1 ? entries[0] : { oneOf: entries },
  };
}

/** A schema as it is published for good. A change of it is another version. */
export function published(client: string, version: string, version_range: string, schema: JsonSchema): FamilySchema {
  return {
    version,
    schema_ref: `/schemas/${client}/${version}`,
    version_range,
    schema: { $schema: 'https://json-schema.org/draft/2020-12/schema', title: `${client} ${version}`, ...schema },
  };
}
