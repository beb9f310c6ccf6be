import type { ColumnType, EngineColumn } from './protocol.ts';
import { castText, parseTimestamp } from './values.ts';

/** Rows that are looked at to find the types of columns; what does not fit further on is a rejected row. */
export const SAMPLE_ROWS = 20_000;
const MAX_JSON_COLUMNS = 1000;

// A leading zero or plus makes a code or a telephone number, which a number would spoil.
const PLAIN_INTEGER = /^-?(0|[1-9]\d*)$/;
const PLAIN_NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?(e[+-]?\d+)?$/i;
const BOOLEAN = /^(true|false)$/i;

/** Whether a text reads as a number, boolean or time by itself. */
export function isTyped(text: string): boolean {
  return narrowest(text.trim()) !== 'string';
}

function narrowest(text: string): ColumnType {
  if (PLAIN_INTEGER.test(text)) return castText('integer', text) === undefined ? 'string' : 'integer';
  if (PLAIN_NUMBER.test(text)) return 'number';
  if (BOOLEAN.test(text)) return 'boolean';
  return timeType(text);
}

function timeType(text: string): ColumnType {
  if (parseTimestamp(text) === undefined) return 'string';
  return text.trim().length === 10 ? 'date' : 'timestamp';
}

function widen(known: ColumnType | undefined, next: ColumnType): ColumnType {
  if (known === undefined || known === next) return next;
  const both = new Set([known, next]);
  if (both.has('integer') && both.has('number')) return 'number';
  if (both.has('date') && both.has('timestamp')) return 'timestamp';
  return 'string';
}

/** The narrowest type of each column of texts; a column without a value is a string. */
export function inferTextTypes(names: readonly string[], records: Iterable<readonly string[]>): EngineColumn[] {
  const types: (ColumnType | undefined)[] = names.map(() => undefined);
  for (const fields of records) {
    for (let index = 0; index < names.length; index++) {
      const text = (fields[index] ?? '').trim();
      if (text !== '' && types[index] !== 'string') types[index] = widen(types[index], narrowest(text));
    }
  }
  return names.map((name, index) => ({ name, type: types[index] ?? 'string' }));
}

/** The columns of JSON objects in the order in which they first appear, at most 1,000 of them. */
export function inferJsonTypes(objects: Iterable<Record<string, unknown>>): EngineColumn[] {
  const types = new Map<string, ColumnType | undefined>();
  for (const object of objects) {
    for (const [name, value] of Object.entries(object)) {
      if (!types.has(name) && types.size >= MAX_JSON_COLUMNS) continue;
      const known = types.get(name);
      types.set(name, value === null ? known : widenJson(known, jsonType(value)));
    }
  }
  return [...types].map(([name, type]) => ({ name, type: type ?? 'string' }));
}

function widenJson(known: ColumnType | undefined, next: ColumnType): ColumnType {
  return known !== undefined && known !== next && (known === 'json' || next === 'json') ? 'json' : widen(known, next);
}

function jsonType(value: unknown): ColumnType {
  if (typeof value === 'boolean') return 'boolean';
  if (typeof value === 'number') return Number.isSafeInteger(value) ? 'integer' : 'number';
  if (typeof value === 'string') return stringType(value);
  return 'json';
}

// Integers beyond 2^53 arrive as strings from the parser and are still integers.
function stringType(text: string): ColumnType {
  if (text.length >= 16 && PLAIN_INTEGER.test(text) && typeof castText('integer', text) === 'bigint') return 'integer';
  return timeType(text);
}
