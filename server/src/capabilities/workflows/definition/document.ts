import { CST, isMap, isScalar, isSeq, Lexer, parseDocument } from 'yaml';
import { isObject } from './json.ts';
import { type Path, type Problem, problem } from './problem.ts';

/** Largest document, as text and as JSON after its aliases are resolved. */
export const mostBytes = 256 * 1024;

/** Deepest nesting: more would end in the limits of some library, with words that help nobody. */
const deepest = 60;
const mostAliases = 50;
const mostMarks = 100;

/** Reads a document of YAML 1.2 or JSON: an object whose values JSON can say. Duplicate keys and tags are refused. */
export function readDocument(
  text: string,
): { readonly document: Record<string, unknown> } | { readonly problem: Problem } {
  if (Buffer.byteLength(text) > mostBytes)
    return bad(`The document is larger than ${mostBytes / 1024} KiB.`, 'Move what is large to a dataset or a file.');
  const hard = hardToRead(text);
  if (hard) return bad(hard, 'Make it flatter and plainer.');
  let given: unknown;
  try {
    const parsed = parseDocument(text, { schema: 'core', uniqueKeys: false, logLevel: 'error' });
    const fault = parsed.errors[0] ?? parsed.warnings[0];
    if (fault) return bad(`It cannot be read as YAML: ${firstLine(fault.message)}`, 'Correct the text at that line.');
    const twice = duplicateKey(parsed.contents, []);
    if (twice) return { problem: twice };
    given = parsed.toJS({ maxAliasCount: mostAliases });
  } catch (error) {
    const said = error instanceof Error ? firstLine(error.message) : String(error);
    return bad(`It cannot be read as YAML: ${said}`, 'Correct the text, with fewer aliases where it has many.');
  }
  if (!isObject(given)) return bad('It is no mapping of fields.', 'Begin with name: and definition:.');
  const fault = unsaid(given, [], { left: mostBytes });
  return fault ? { problem: fault } : { document: given };
}

/** A look at the bare tokens first: nesting and tags of the thousand keep the parser busy for seconds. */
function hardToRead(text: string): string | undefined {
  let brackets = 0;
  let indicators = 0;
  let marks = 0;
  for (const token of new Lexer().lex(text)) {
    const type = CST.tokenType(token);
    if (type === 'newline') indicators = 0;
    else if (type === 'flow-seq-start' || type === 'flow-map-start') brackets += 1;
    else if (type === 'flow-seq-end' || type === 'flow-map-end') brackets -= 1;
    else if (type === 'tag' || type === 'anchor') marks += 1;
    else if (brackets === 0 && (type === 'seq-item-ind' || type === 'explicit-key-ind' || type === 'map-value-ind'))
      indicators += 1;
    if (brackets > deepest || indicators > deepest) return `The document is nested more than ${deepest} deep.`;
    if (marks > mostMarks) return `The document has more than ${mostMarks} tags and anchors.`;
  }
  return undefined;
}

/** The parser's own check compares every key with every other. */
function duplicateKey(node: unknown, path: Path): Problem | undefined {
  if (isSeq(node)) {
    for (const [index, item] of node.items.entries()) {
      const found = duplicateKey(item, [...path, index]);
      if (found) return found;
    }
  }
  if (!isMap(node)) return undefined;
  const seen = new Set<string>();
  for (const { key, value } of node.items) {
    if (!isScalar(key)) return problem(path, 'The name of a field is no text.', 'Give it a plain name.');
    const name = String(key.value);
    if (seen.has(name)) return problem([...path, name], 'The field is there twice.', 'Leave one of them.');
    seen.add(name);
    const found = duplicateKey(value, [...path, name]);
    if (found) return found;
  }
  return undefined;
}

/** The first value that JSON cannot say, or that makes the document too deep or too large. */
function unsaid(value: unknown, path: Path, room: { left: number }): Problem | undefined {
  room.left -= typeof value === 'string' ? value.length : 1;
  if (room.left < 0)
    return problem([], `The document is larger than ${mostBytes / 1024} KiB.`, 'Use fewer aliases, or shorter texts.');
  if (path.length > deepest) return problem(path, `It is nested more than ${deepest} deep.`, 'Make it flatter.');
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return undefined;
  if (typeof value === 'number' && Number.isFinite(value)) return undefined;
  if (!Array.isArray(value) && (typeof value !== 'object' || Object.getPrototypeOf(value) !== Object.prototype))
    return problem(path, 'It is no value of JSON.', 'Give a text, a number, true, false, null, a list or a mapping.');
  for (const [name, field] of Array.isArray(value) ? value.entries() : Object.entries(value as object)) {
    if (name === '__proto__') return problem(path, 'A field cannot be called __proto__.', 'Call it otherwise.');
    const found = unsaid(field, [...path, name], room);
    if (found) return found;
  }
  return undefined;
}

function bad(message: string, suggestion: string): { problem: Problem } {
  return { problem: problem([], message, suggestion) };
}

function firstLine(text: string): string {
  return (text.split('\n')[0] ?? '').slice(0, 300);
}
