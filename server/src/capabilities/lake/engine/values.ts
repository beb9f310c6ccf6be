import { parseJson } from './json.ts';
import type { ColumnType } from './protocol.ts';

/** A value as the index holds it: dates and timestamps are milliseconds, JSON is its text, integers are exact. */
export type Cell = string | number | bigint | boolean | null;

const INTEGER = /^[+-]?\d+$/;
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const NOT_FINITE = /^[+-]?(nan|inf|infinity)$/i;
const TIMESTAMP =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?\s*(Z|[+-]\d\d(?::?\d\d)?)?)?$/i;
const DATE = /^\d{4}-\d\d-\d\d$/;
const TRUE = new Set(['true', 't', 'yes', 'y', '1']);
const FALSE = new Set(['false', 'f', 'no', 'n', '0']);
const MAX_DEPTH = 200;
const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;

/** Reads a text as a value of the type; undefined when it is none. An empty text is null, and so is NaN. */
export function castText(type: ColumnType, text: string): Cell | undefined {
  if (text === '') return null;
  if (type === 'string') return text;
  const trimmed = text.trim();
  if (trimmed === '') return null;
  switch (type) {
    case 'integer':
      return INTEGER.test(trimmed) ? toInteger(trimmed) : undefined;
    case 'number':
      if (NUMBER.test(trimmed)) return finite(Number(trimmed));
      return NOT_FINITE.test(trimmed) ? null : undefined;
    case 'boolean': {
      const word = trimmed.toLowerCase();
      return TRUE.has(word) ? true : FALSE.has(word) ? false : undefined;
    }
    case 'date':
      return DATE.test(trimmed) ? parseTimestamp(trimmed) : undefined;
    case 'timestamp':
      return parseTimestamp(trimmed);
    case 'json':
      try {
        return JSON.stringify(parseJson(trimmed));
      } catch {
        return undefined;
      }
  }
}

/** Reads a JSON value as a value of the type; undefined when it is none. */
export function castJson(type: ColumnType, value: unknown): Cell | undefined {
  if (value === null || value === undefined) return null;
  if (type === 'json') return JSON.stringify(value);
  if (typeof value === 'string') return castText(type, value);
  if (type === 'string') return typeof value === 'object' ? JSON.stringify(value) : String(value);
  if (typeof value === 'boolean') return type === 'boolean' ? value : undefined;
  if (typeof value !== 'number') return undefined;
  if (type === 'number') return finite(value);
  if (type === 'integer' && Number.isInteger(value))
    return Number.isSafeInteger(value) ? value + 0 : toInteger(BigInt(value).toString());
  return undefined;
}

/** A cell as JSON text. `source` is the text it came from: it keeps a date a date and digits that a double would lose. */
export function cellJson(type: ColumnType, cell: Cell, source: string): string {
  if (cell === null) return 'null';
  if (type === 'string') return JSON.stringify(cell);
  if (type === 'json') return String(cell);
  if (type === 'date') return JSON.stringify(new Date(Number(cell)).toISOString().slice(0, 10));
  if (type === 'timestamp') return JSON.stringify(timestampText(Number(cell), source));
  if (type === 'number' && source.length > 17 && source.replace(/e.*/i, '').replace(/\D/g, '').length > 17)
    return JSON.stringify(source.trim());
  if (typeof cell === 'bigint') return `"${cell}"`;
  return String(cell);
}

/** A cell as a value of JSON: integers that a double would change are text, and so is JSON that few readers could take. */
export function cellValue(type: ColumnType, cell: Cell): unknown {
  if (cell === null) return null;
  switch (type) {
    case 'json':
      return isTooDeep(String(cell)) ? String(cell) : JSON.parse(String(cell));
    case 'date':
      return new Date(Number(cell)).toISOString().slice(0, 10);
    case 'timestamp':
      return new Date(Number(cell)).toISOString();
    case 'integer':
      return Number.isSafeInteger(Number(cell)) ? Number(cell) : String(cell);
    default:
      return cell;
  }
}

/** Whether a JSON text has values within more values than callers may send either. */
function isTooDeep(json: string): boolean {
  if (json.length <= 2 * MAX_DEPTH) return false;
  let depth = 0;
  let inString = false;
  for (let at = 0; at < json.length; at++) {
    const char = json[at];
    if (inString) {
      if (char === '\\') at += 1;
      else if (char === '"') inString = false;
    } else if (char === '"') inString = true;
    else if (char === '{' || char === '[') {
      depth += 1;
      if (depth > MAX_DEPTH) return true;
    } else if (char === '}' || char === ']') depth -= 1;
  }
  return false;
}

/** A cell as words, for the searchable text and for ids. */
export function cellText(type: ColumnType, cell: Cell): string {
  if (cell === null) return '';
  if (type === 'date') return new Date(Number(cell)).toISOString().slice(0, 10);
  return type === 'timestamp' ? new Date(Number(cell)).toISOString() : String(cell);
}

/** ISO 8601 in UTC; what was written as a date alone stays one. */
export function timestampText(ms: number, source: string): string {
  const iso = new Date(ms).toISOString();
  return source.trim().length === 10 ? iso.slice(0, 10) : iso;
}

/** Milliseconds of an ISO 8601 date or time; without a zone it is UTC. Undefined for other notations and impossible dates. */
export function parseTimestamp(text: string): number | undefined {
  const match = TIMESTAMP.exec(text);
  if (!match) return undefined;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  if (!isDay(year, month, day)) return undefined;
  const midnight = daysBefore(year, month, day) * 86_400_000;
  if (match[4] === undefined) return midnight;
  const [hour, minute, second] = [Number(match[4]), Number(match[5]), Number(match[6] ?? 0)];
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  const ms = match[7] === undefined ? 0 : Number(match[7].slice(0, 3).padEnd(3, '0'));
  return midnight + ((hour * 60 + minute) * 60 + second) * 1000 + ms - offsetMs(match[8]);
}

/** Days from 1970-01-01 to a day of the Gregorian calendar. Of a `Date` the same takes ten times as long. */
function daysBefore(year: number, month: number, day: number): number {
  // Years that begin in March end with the day that may be missing.
  const years = month > 2 ? year : year - 1;
  const months = (month + 9) % 12;
  const leap = Math.floor(years / 4) - Math.floor(years / 100) + Math.floor(years / 400);
  return years * 365 + leap + Math.floor((months * 153 + 2) / 5) + day - 719_469;
}

function isDay(year: number, month: number, day: number): boolean {
  if (month < 1 || month > 12 || day < 1) return false;
  if (month !== 2) return day <= (month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31);
  return day <= ((year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28);
}

function offsetMs(zone: string | undefined): number {
  if (zone === undefined || zone.toUpperCase() === 'Z') return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(3).replace(':', '') || 0);
  return (zone.startsWith('-') ? -minutes : minutes) * 60_000;
}

function toInteger(text: string): number | bigint | undefined {
  const value = Number(text);
  if (Number.isSafeInteger(value)) return value + 0;
  const exact = BigInt(text.replace('+', ''));
  return exact >= INT64_MIN && exact <= INT64_MAX ? exact : undefined;
}

// Adding 0 turns -0 into 0, which the index would otherwise hold for two different numbers.
function finite(value: number): number | null {
  return Number.isFinite(value) ? value + 0 : null;
}
