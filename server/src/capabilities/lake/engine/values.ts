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

/** A cell as a value of JSON: integers that a double would change are text. */
export function cellValue(type: ColumnType, cell: Cell): unknown {
  if (cell === null) return null;
  switch (type) {
    case 'json':
      return JSON.parse(String(cell));
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
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map((part) => Number(part ?? 0)) as number[];
  if (!isDay(year as number, month as number, day as number)) return undefined;
  if ((hour as number) > 23 || (minute as number) > 59 || (second as number) > 59) return undefined;
  const ms = Number((match[7] ?? '').slice(0, 3).padEnd(3, '0'));
  const date = new Date(0);
  date.setUTCFullYear(year as number, (month as number) - 1, day as number);
  return date.setUTCHours(hour as number, minute as number, second as number, ms) - offsetMs(match[8]);
}

function isDay(year: number, month: number, day: number): boolean {
  if (month < 1 || month > 12 || day < 1) return false;
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const days = month === 2 ? (leap ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31;
  return day <= days;
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
