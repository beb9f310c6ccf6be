import { compileSchema, type Validate } from '../definition/input-schema.ts';

/** Says what is wrong with a value; undefined where nothing is. */
export type OutputCheck = (value: unknown) => string | undefined;

/**
 * Makes the check of an output schema; undefined for one that cannot be used: none of JSON Schema, in a circle, or one whose
 * check could keep this process busy.
 */
export function compileOutputCheck(schema: Readonly<Record<string, unknown>>): OutputCheck | undefined {
  const validate = compiled(schema);
  if (!validate) return undefined;
  return (value) => {
    try {
      const [first] = validate(value);
      return first && `${first.path || 'the answer'}: ${first.message}`.slice(0, 300);
    } catch {
      return 'it is nested too deeply';
    }
  };
}

function compiled(schema: Readonly<Record<string, unknown>>): Validate | undefined {
  // The dialect that it names may be an older one; what servers write means the same in this one.
  const { $schema: _, $id: __, ...body } = schema;
  try {
    return compileSchema(withoutPairs(body), { strict: false });
  } catch {
    return undefined;
  }
}

/** Without `uniqueItems: true`, whose check compares each item with each other. */
function withoutPairs(schema: object): Readonly<Record<string, unknown>> {
  const text = JSON.stringify(schema, (key, value: unknown) =>
    key === 'uniqueItems' && value === true ? undefined : value,
  );
  return JSON.parse(text) as Record<string, unknown>;
}
