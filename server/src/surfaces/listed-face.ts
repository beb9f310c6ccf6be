import type { JsonSchema, ToolFace } from '../core/catalogue.ts';

/**
 * A tool as MCP lists it. Callers pay for each byte of a list: a `brief` one has of what a tool answers the outermost fields,
 * and no keyword that allows everything. `describe_tool` and the toolset's own endpoint have the whole schemas.
 */
export function toListed(
  { name, title, description, inputSchema, outputSchema, annotations }: ToolFace,
  { brief }: { readonly brief: boolean },
) {
  return {
    name,
    title,
    description,
    inputSchema: (brief ? terse(inputSchema, Number.POSITIVE_INFINITY) : inputSchema) as { type: 'object' },
    outputSchema: (brief ? terse(outputSchema, 1) : outputSchema) as { type: 'object' },
    annotations,
  };
}

const ofFields = new Set(['properties', 'required']);
const within = new Set(['items', 'additionalProperties']);
const lists = new Set(['anyOf', 'oneOf', 'allOf']);

/** The same schema, or a wider one: fields down to a depth, and no keyword that allows all. */
function terse(schema: JsonSchema, depth: number): JsonSchema {
  const kept = Object.entries(schema).filter(
    ([keyword, value]) => !allowsAll(keyword, value) && (depth > 0 || !ofFields.has(keyword)),
  );
  return Object.fromEntries(
    kept.map(([keyword, value]) => {
      if (keyword === 'properties') {
        const fields = Object.entries(value as Record<string, JsonSchema>);
        return [keyword, Object.fromEntries(fields.map(([name, field]) => [name, terse(field, depth - 1)]))];
      }
      if (within.has(keyword) && typeof value === 'object') return [keyword, terse(value as JsonSchema, depth)];
      if (lists.has(keyword)) return [keyword, (value as JsonSchema[]).map((one) => terse(one, depth))];
      return [keyword, value];
    }),
  );
}

/** `additionalProperties: {}`, and that the names of properties are texts. */
function allowsAll(keyword: string, value: unknown): boolean {
  const text = JSON.stringify(value);
  if (keyword === 'additionalProperties') return text === '{}';
  return keyword === 'propertyNames' && text === '{"type":"string"}';
}
