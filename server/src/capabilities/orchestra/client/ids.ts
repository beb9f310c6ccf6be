import { uuidPattern } from '../api/field.ts';
import { notAnId } from '../errors.ts';

// `..` in a path collapses it, also when encoded: nothing but these two forms ever reaches a URL.

/** The id, as it may stand in a URL. Throws `VALIDATION_FAILED` for all else. */
export function checkedId(what: string, id: string): string {
  if (typeof id !== 'string' || !uuidPattern.test(id)) throw notAnId(what, 'its UUID');
  return id.toLowerCase();
}

export function isId(text: string): boolean {
  return uuidPattern.test(text);
}

/** The id or the alias of a pipeline. */
export function checkedPipeline(text: string): string {
  if (typeof text === 'string' && uuidPattern.test(text)) return text.toLowerCase();
  if (typeof text !== 'string' || !/^[A-Za-z0-9_]{1,200}$/.test(text)) {
    throw notAnId('pipeline', 'its UUID or its alias (letters, digits, _)');
  }
  return text;
}

/** The name of a file. It travels as a query and never becomes a path. */
export function checkedFileName(name: string): string {
  if (typeof name !== 'string' || name === '' || name.length > 1024 || name.includes('\0') || !name.isWellFormed()) {
    throw notAnId('name of a file', 'a name');
  }
  return name;
}
