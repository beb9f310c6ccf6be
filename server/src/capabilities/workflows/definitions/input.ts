import { canonicalJson } from '../../../core/canonical.ts';
import { compileSchema, type Validate } from '../definition/input-schema.ts';

const maxKept = 200;
const kept = new Map<string, Validate>();

/** What a value misses of a JSON Schema that was found good. What was compiled is kept, for the same comes again and again. */
export function checkInput(
  schema: Readonly<Record<string, unknown>>,
  value: unknown,
): { readonly path: string; readonly message: string }[] {
  const key = canonicalJson(schema);
  const validate = kept.get(key) ?? compileSchema(schema);
  kept.delete(key);
  kept.set(key, validate);
  const oldest = kept.keys().next();
  if (kept.size > maxKept && !oldest.done) kept.delete(oldest.value);
  return validate(value).map(({ path, message }) => ({ path, message }));
}
