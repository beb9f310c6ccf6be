import { SchemaProblem } from '../../../core/json-schema.ts';
import { compileSchema } from './input-schema.ts';
import { isObject } from './json.ts';

const plain = ['string', 'number', 'integer', 'boolean'];

/** Why a schema is no form that a person can fill in: a mapping of plain values, as elicitation wants it. Undefined for one that is. */
export function formProblem(fields: Readonly<Record<string, unknown>>): string | undefined {
  try {
    compileSchema(fields);
  } catch (error) {
    if (!(error instanceof SchemaProblem)) throw error;
    return `it is no JSON Schema that is taken here: ${error.message}`;
  }
  const properties = isObject(fields.properties) ? fields.properties : {};
  const flat = Object.values(properties).every((one) => isObject(one) && plain.includes(String(one.type)));
  if (fields.type !== 'object' || !flat) {
    return 'it is no form of plain values: type: object, and of each property string, number, integer or boolean';
  }
  const required = Array.isArray(fields.required) ? fields.required : [];
  const absent = required.find((name) => !Object.hasOwn(properties, String(name)));
  return absent === undefined ? undefined : `it requires ${JSON.stringify(absent)} and has no such property`;
}
