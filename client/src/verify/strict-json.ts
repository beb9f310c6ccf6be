import { notStrict } from './refusal.ts';

export type JsonValue = null | boolean | number | string | JsonValue[] | { [name: string]: JsonValue };

export interface JsonLimits {
  /** Bytes of UTF-8. */
  readonly bytes: number;
  /** Objects and arrays within each other. */
  readonly depth: number;
}

/** Of everything that is signed, and of what it is made of. */
export const documentLimits: JsonLimits = { bytes: 2 ** 20, depth: 64 };

const token = /"(?:[^"\\]|\\.)*"|[{}[\],:]|-?[0-9][0-9.eE+-]*/gs;
/** Names that reach behind an object in some program that reads it. */
const dangerous = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * JSON that every parser reads alike (I-JSON, RFC 7493), or an error: no name twice in an object, no half of a surrogate pair,
 * no integer beyond 2^53, no byte order mark, limited size and depth, no name that pollutes prototypes. Size comes first, so
 * that nothing long is ever looked at.
 */
export function parseStrict(text: string | Uint8Array, limits: JsonLimits = documentLimits): JsonValue {
  const size = typeof text === 'string' ? Buffer.byteLength(text) : text.byteLength;
  if (size > limits.bytes) throw notStrict('', `is larger than ${limits.bytes} bytes`);
  const read = typeof text === 'string' ? text : decode(text);
  let value: JsonValue;
  try {
    value = JSON.parse(read) as JsonValue;
  } catch {
    throw notStrict('', 'is no JSON');
  }
  checkTokens(read, limits);
  return value;
}

/** The same gate for a value that was parsed elsewhere. Answers a copy that shares nothing with it. */
export function strictValue(value: unknown, limits: JsonLimits = documentLimits): JsonValue {
  const text = JSON.stringify(value ?? null, (name, member: unknown) => {
    if (typeof member === 'number' && !Number.isFinite(member)) throw notStrict('', `has no finite number at ${name}`);
    return member;
  });
  return parseStrict(text, limits);
}

interface Open {
  /** The names so far; undefined in an array. */
  readonly names: Set<string> | undefined;
  /** Where the reader stands: a name, or the index in an array. */
  at: string | number;
  /** Whether the next text is a name. */
  named: boolean;
}

/** Looks at the tokens of what is JSON already. */
function checkTokens(text: string, { depth }: JsonLimits): void {
  const open: Open[] = [];
  const pointer = () => open.map(({ at }) => `/${String(at).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
  for (const [found] of text.matchAll(token)) {
    const top = open.at(-1);
    const [first] = found;
    if (first === '{' || first === '[') {
      open.push({ names: first === '{' ? new Set() : undefined, at: first === '{' ? '' : 0, named: first === '{' });
      if (open.length > depth) throw notStrict(pointer().slice(0, 200), `is nested deeper than ${depth}`);
    } else if (first === '}' || first === ']') open.pop();
    else if (first === ',' && top) next(top);
    else if (first === '"') checkText(JSON.parse(found) as string, top, pointer);
    else if (first !== ':' && first !== ',') checkNumber(found, pointer);
  }
}

function next(top: Open): void {
  if (typeof top.at === 'number') top.at += 1;
  else top.named = true;
}

function checkText(text: string, top: Open | undefined, pointer: () => string): void {
  if (!text.isWellFormed()) throw notStrict(pointer(), 'has half of a surrogate pair');
  if (!top?.named || top.names === undefined) return;
  top.at = text;
  top.named = false;
  if (dangerous.has(text)) throw notStrict(pointer(), 'is a name that is refused everywhere');
  if (top.names.has(text)) throw notStrict(pointer(), 'stands there twice');
  top.names.add(text);
}

function checkNumber(text: string, pointer: () => string): void {
  const value = Number(text);
  if (!Number.isFinite(value)) throw notStrict(pointer(), 'is beyond all numbers');
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) throw notStrict(pointer(), 'is an integer beyond 2^53');
  if (Object.is(value, -0)) throw notStrict(pointer(), 'is minus zero');
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw notStrict('', 'is no UTF-8');
  }
}
