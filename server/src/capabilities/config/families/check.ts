import { canonicalJson, sha256 } from '../../../core/canonical.ts';
import { compileJsonSchema, SchemaProblem, type Validate } from '../../../core/json-schema.ts';
import type { JsonValue } from '../integrity/parse-strict.ts';
import type { BuiltInFamily, Family, FamilySchema, JsonSchema } from './family.ts';
import { parseText } from './format.ts';
import { failure, type Problem } from './neutral.ts';

/** Compiled schemas by the hash of what they are: an author's schema may come many times. */
const compiled = new Map<string, Validate>();
const mostCompiled = 200;

/** The schema of a version of a family; the newest without one. */
export function schemaOf(family: Family, version?: string): FamilySchema | undefined {
  return version === undefined ? family.schemas.at(-1) : family.schemas.find((one) => one.version === version);
}

/** Why a JSON Schema of somebody's cannot be that of a family; nothing when it can. */
export function checkSchema(schema: JsonSchema): Problem[] {
  try {
    validatorOf(schema);
    return [];
  } catch (error) {
    if (error instanceof SchemaProblem) return [failure(['schema'], `The schema is not taken: ${error.message}.`)];
    throw error;
  }
}

/**
 * What is wrong with a payload before it may be signed: the text must give it back, the schema of that version must fit, and
 * so must the client's own rules, for one bad entry makes some clients refuse the whole file.
 */
export function checkPayload(family: Family, version: string, payload: JsonValue, text: string): Problem[] {
  const schema = schemaOf(family, version);
  if (!schema) return [failure([], `${family.client_id} has no schema ${JSON.stringify(version)}.`)];
  if (!givesBack(payload, text, family)) return [failure([], 'The text does not give the payload back.')];
  const problems = validatorOf(schema.schema)(payload);
  const found = problems.length > 0 ? problems : ((family as Partial<BuiltInFamily>).rules?.(payload) ?? []);
  return found.map(({ pointer, message }) => ({ pointer, message, severity: 'error' }));
}

function givesBack(payload: JsonValue, text: string, { format }: Family): boolean {
  try {
    return canonicalJson(parseText(text, format)) === canonicalJson(payload);
  } catch {
    return false;
  }
}

function validatorOf(schema: JsonSchema): Validate {
  const key = sha256(schema);
  const known = compiled.get(key);
  if (known) return known;
  const validate = compileJsonSchema(schema);
  if (compiled.size >= mostCompiled) compiled.delete(compiled.keys().next().value ?? '');
  compiled.set(key, validate);
  return validate;
}
