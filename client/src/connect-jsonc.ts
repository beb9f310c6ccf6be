import { badInput } from './error.ts';

/** A member of an object as it stands in the text. */
interface Member {
  readonly key: string;
  readonly start: number;
  readonly valueStart: number;
  readonly end: number;
}

interface ObjectText {
  readonly members: readonly Member[];
  /** Where its closing brace is. */
  readonly close: number;
  /** Whether a comma follows the last member. */
  readonly trailing: boolean;
}

/**
 * Puts a value at a path of objects into a JSON text and leaves every other byte as it is: comments, order, odd spacing.
 * Comments and trailing commas are read as VS Code has them. Text that is no such object is refused.
 */
export function setInJsonc(text: string, path: readonly string[], value: unknown): string {
  if (text.trim() === '') return `${JSON.stringify(nested(path, value), null, 2)}\n`;
  const start = skip(text, text.charCodeAt(0) === 0xfeff ? 1 : 0);
  const done = setAt(text, start, path, value, 1);
  if (skip(text, readValue(text, start)) !== text.length) throw notJson();
  return done;
}

/** The value at a path; undefined when there is none. */
export function getFromJsonc(text: string, path: readonly string[]): unknown {
  if (text.trim() === '') return undefined;
  let start = skip(text, text.charCodeAt(0) === 0xfeff ? 1 : 0);
  for (const key of path) {
    const member = readObject(text, start).members.findLast((one) => one.key === key);
    if (!member) return undefined;
    start = member.valueStart;
  }
  return JSON.parse(plain(text.slice(start, readValue(text, start))));
}

function setAt(text: string, start: number, path: readonly string[], value: unknown, depth: number): string {
  const [key = '', ...rest] = path;
  const object = readObject(text, start);
  const same = object.members.filter((one) => one.key === key);
  if (same.length > 1) throw badInput(`The file names ${key} twice.`, 'Remove one of them, then try again.');
  const member = same[0];
  const unit = indentUnit(text);
  if (member && rest.length > 0) return setAt(text, member.valueStart, rest, value, depth + 1);
  if (member && isWritten(text.slice(member.valueStart, member.end), value)) return text;
  if (member) return text.slice(0, member.valueStart) + written(value, unit, depth) + text.slice(member.end);
  const entry = `${JSON.stringify(key)}: ${written(nested(rest, value), unit, depth)}`;
  const newline = text.includes('\r\n') ? '\r\n' : '\n';
  const last = object.members.at(-1);
  if (!last) {
    const inside = text.slice(start + 1, object.close).trimEnd();
    const head = `${text.slice(0, start + 1)}${inside}${newline}`;
    return `${head}${unit.repeat(depth)}${entry}${newline}${unit.repeat(depth - 1)}${text.slice(object.close)}`;
  }
  const indent = lineIndent(text, last.start) ?? unit.repeat(depth);
  const comma = object.trailing ? '' : ',';
  const tail = text.slice(last.end, object.close);
  const closing = lineIndent(text, object.close) ?? unit.repeat(depth - 1);
  const kept = tail.trimEnd();
  const end = object.trailing ? ',' : '';
  return `${text.slice(0, last.end)}${comma}${kept}${newline}${indent}${entry}${end}${newline}${closing}${text.slice(object.close)}`;
}

function isWritten(text: string, value: unknown): boolean {
  return JSON.stringify(JSON.parse(plain(text))) === JSON.stringify(value);
}

function nested(path: readonly string[], value: unknown): unknown {
  return path.reduceRight((inner, key) => ({ [key]: inner }), value);
}

function written(value: unknown, unit: string, depth: number): string {
  return JSON.stringify(value, null, unit).replaceAll('\n', `\n${unit.repeat(depth)}`);
}

/** The white space before what stands at `at`, if it begins its line. */
function lineIndent(text: string, at: number): string | undefined {
  const line = text.slice(text.lastIndexOf('\n', at - 1) + 1, at);
  return line.trim() === '' ? line : undefined;
}

function indentUnit(text: string): string {
  return /\n([ \t]+)\S/.exec(text)?.[1] ?? '  ';
}

function readObject(text: string, start: number): ObjectText {
  if (text[start] !== '{') throw notJson();
  const members: Member[] = [];
  let at = skip(text, start + 1);
  let trailing = false;
  while (text[at] !== '}') {
    if (members.length > 0 && !trailing) throw notJson();
    const keyEnd = readString(text, at);
    const colon = skip(text, keyEnd);
    if (text[colon] !== ':') throw notJson();
    const valueStart = skip(text, colon + 1);
    const end = readValue(text, valueStart);
    members.push({ key: JSON.parse(text.slice(at, keyEnd)), start: at, valueStart, end });
    at = skip(text, end);
    trailing = text[at] === ',';
    if (trailing) at = skip(text, at + 1);
  }
  return { members, close: at, trailing };
}

/** The end of the value that begins at `at`. */
function readValue(text: string, at: number): number {
  if (text[at] === '{') return readObject(text, at).close + 1;
  if (text[at] === '"') return readString(text, at);
  if (text[at] !== '[') {
    const word = /^(?:true|false|null|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)/.exec(text.slice(at, at + 400))?.[0];
    if (word === undefined) throw notJson();
    return at + word.length;
  }
  let next = skip(text, at + 1);
  for (let first = true; text[next] !== ']'; first = false) {
    if (!first) {
      if (text[next] !== ',') throw notJson();
      next = skip(text, next + 1);
      if (text[next] === ']') break;
    }
    next = skip(text, readValue(text, next));
  }
  return next + 1;
}

function readString(text: string, at: number): number {
  const found = /^"(?:[^"\\\n\r]|\\.)*"/.exec(text.slice(at));
  if (!found) throw notJson();
  return at + found[0].length;
}

/** Past white space and comments. */
function skip(text: string, at: number): number {
  const blank = /(?:\s+|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*/y;
  blank.lastIndex = at;
  return at + (blank.exec(text)?.[0].length ?? 0);
}

/** The text without comments and trailing commas. */
function plain(text: string): string {
  return text
    .replace(/("(?:[^"\\]|\\.)*")|\/\/[^\n]*|\/\*[\s\S]*?\*\//g, (_, string?: string) => string ?? '')
    .replace(/("(?:[^"\\]|\\.)*")|,(\s*[}\]])/g, (_, string?: string, end?: string) => string ?? end ?? '');
}

function notJson() {
  return badInput('The file is no JSON object that can be read.', 'Correct or remove it, then try again.');
}
