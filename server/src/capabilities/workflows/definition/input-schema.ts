import { compileJsonSchema } from '../../../core/json-schema.ts';
import { type Path, type Problem, problem } from './problem.ts';

/** What a value misses of the schema, `path` being where the value stands; nothing when it fits. */
export type Validate = (value: unknown, path?: Path) => Problem[];

/** A JSON Schema that somebody gave, as `compileJsonSchema` takes it, with problems as definitions have them. Throws SchemaProblem. */
export function compileSchema(schema: Readonly<Record<string, unknown>>, options: { strict?: boolean } = {}): Validate {
  const validate = compileJsonSchema(schema, options);
  return (value, path = []) =>
    validate(value).map(({ pointer, message }) =>
      problem([...path, ...partsOf(pointer)], message, 'Give what the schema asks for; get_workflow shows it.'),
    );
}

/** RFC 6901; what looks like a number is the place in a list. */
function partsOf(pointer: string): Path {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part.replaceAll('~1', '/').replaceAll('~0', '~')));
}
