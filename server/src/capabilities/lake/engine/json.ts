import { type LineBatch, readLines } from './lines.ts';
import type { RejectReason } from './protocol.ts';

/** One JSON value of a file: an object, or why it is not one. */
export interface JsonRecord {
  readonly line: number;
  readonly raw: string;
  readonly value?: Record<string, unknown>;
  readonly broken?: RejectReason;
}

const LONG_NUMBER = /\d{16}/;
const INTEGER = /^-?\d+$/;

/** `JSON.parse` that keeps integers beyond 2^53 as strings instead of rounding them. */
export function parseJson(text: string): unknown {
  if (!LONG_NUMBER.test(text)) return JSON.parse(text);
  const keep = (_key: string, value: unknown, context?: { source?: string }) =>
    typeof value === 'number' && !Number.isSafeInteger(value) && INTEGER.test(context?.source ?? '')
      ? context?.source
      : value;
  return JSON.parse(text, keep as (key: string, value: unknown) => unknown);
}

/** Reads one object per line, in order, blank lines left out. */
export async function* readJsonLines(path: string): AsyncGenerator<JsonRecord[]> {
  for await (const { lines, first, bad } of readLines(path)) {
    const records: JsonRecord[] = [];
    for (const [index, raw] of lines.entries())
      if (raw.trim() !== '') records.push(toRecord(first + index, raw, bad.has(index)));
    yield records;
  }
}

/**
 * Reads a `.json` file: an array of objects, objects one after the other, or one per line. `line` is where an element
 * starts. An element that is never closed takes the rest of the file with it, as one broken record.
 */
export async function* readJson(path: string): AsyncGenerator<JsonRecord[]> {
  if (await hasObjectPerLine(path)) return yield* readJsonLines(path);
  const scanner = createScanner();
  for await (const batch of readLines(path)) yield scanner.take(batch);
  yield scanner.finish();
}

function toRecord(line: number, raw: string, bad: boolean): JsonRecord {
  if (bad) return { line, raw, broken: 'invalid_encoding' };
  try {
    const value = parseJson(raw);
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return { line, raw, broken: 'not_an_object' };
    return { line, raw, value: value as Record<string, unknown> };
  } catch {
    return { line, raw, broken: 'invalid_json' };
  }
}

async function hasObjectPerLine(path: string): Promise<boolean> {
  for await (const { lines, first } of readLines(path)) {
    const start = lines.find((line) => line.trim() !== '');
    if (start !== undefined) return toRecord(first, start, false).value !== undefined;
  }
  return false;
}

/** Cuts text into top-level elements by brackets and strings alone; whether an element is JSON is said by the parser. */
function createScanner() {
  let mode: 'start' | 'array' | 'stream' | 'closed' = 'start';
  let parts: string[] = [];
  let startLine = 0;
  let lastLine = 1;
  let depth = 0;
  let inString = false;
  let escaped = false;
  let bad = false;

  function take(batch: LineBatch): JsonRecord[] {
    const records: JsonRecord[] = [];
    for (const [index, text] of batch.lines.entries()) {
      lastLine = batch.first + index;
      bad ||= startLine > 0 && batch.bad.has(index);
      scanLine(text, batch.bad.has(index), records);
    }
    return records;
  }

  function scanLine(text: string, badLine: boolean, records: JsonRecord[]): void {
    let from = 0;
    const close = (end: number) => {
      parts.push(text.slice(from, end));
      records.push(toRecord(startLine, parts.join('\n'), bad));
      parts = [];
      startLine = 0;
    };
    for (let at = 0; at < text.length; at++) {
      const char = text[at] as string;
      if (startLine === 0) {
        if (char === ' ' || char === '\t' || char === '\r') continue;
        if (mode === 'start') {
          mode = char === '[' ? 'array' : 'stream';
          if (mode === 'array') continue;
        }
        if (char === ',') continue;
        if (mode === 'array' && char === ']') {
          mode = 'closed';
          continue;
        }
        startLine = lastLine;
        bad = badLine;
        from = at;
        depth = 0;
      }
      if (inString) {
        if (escaped) escaped = false;
        else if (char === '\\') escaped = true;
        else if (char === '"') inString = false;
        if (!inString && depth === 0) close(at + 1);
      } else if (char === '"') inString = true;
      else if (char === '{' || char === '[') depth++;
      else if (depth > 0 && (char === '}' || char === ']')) {
        depth--;
        if (depth === 0) close(at + 1);
      } else if (depth === 0 && (char === ',' || char === ']' || char === ' ')) {
        close(at);
        if (char === ']' && mode === 'array') mode = 'closed';
      }
    }
    if (startLine === 0) return;
    // A bare word or number ends with its line; an open bracket or string goes on.
    if (depth === 0 && !inString) close(text.length);
    else parts.push(text.slice(from));
  }

  function finish(): JsonRecord[] {
    if (startLine > 0) return [{ line: startLine, raw: parts.join('\n'), broken: 'invalid_json' }];
    return mode === 'array' ? [{ line: lastLine, raw: '', broken: 'invalid_json' }] : [];
  }

  return { take, finish };
}
