import { isUuid } from '../ids.ts';
import { Invalid } from './answer.ts';

const weekMs = 7 * 24 * 3600 * 1000;

const bad = (name: string, msg: string, type: string, input: unknown) =>
  new Invalid({ loc: ['query', name], msg, type, input });

/** A whole number between 1 and `max`. */
function positive(query: URLSearchParams, name: string, fallback: number, max = Number.MAX_SAFE_INTEGER): number {
  const text = query.get(name);
  if (text === null) return fallback;
  const value = Number(text);
  if (!/^-?\d+$/.test(text))
    throw bad(name, 'Input should be a valid integer, unable to parse string as an integer', 'int_parsing', text);
  if (value < 1) throw bad(name, 'Input should be greater than or equal to 1', 'greater_than_equal', text);
  if (value > max) throw bad(name, `Input should be less than or equal to ${max}`, 'less_than_equal', text);
  return value;
}

/** One page of `all`, in the API's envelope. What the query does not know, such as `limit`, is ignored. */
export function paged<T>(all: readonly T[], query: URLSearchParams, sizes = { standard: 50, max: 100 }) {
  const page = positive(query, 'page', 1);
  const pageSize = positive(query, 'page_size', sizes.standard, sizes.max);
  return { page, pageSize, total: all.length, results: all.slice((page - 1) * pageSize, page * pageSize) };
}

/** Both bounds or none, less than 7 days apart; the last 7 days where there is none. Milliseconds, both inclusive. */
export function timeWindow(query: URLSearchParams, now: number): { from: number; to: number } {
  const [from, to] = ['time_from', 'time_to'].map((name) => time(query, name));
  if (from === undefined && to === undefined) return { from: now - weekMs, to: now };
  if (from === undefined || to === undefined) {
    const missing = from === undefined ? 'time_from' : 'time_to';
    throw bad(missing, 'Value error, time_from and time_to must be provided together', 'value_error', null);
  }
  if (from > to)
    throw bad('time_from', 'Value error, time_from must be before time_to', 'value_error', query.get('time_from'));
  if (to - from >= weekMs) {
    throw bad('time_to', 'Value error, the range must not exceed 7 days', 'value_error', query.get('time_to'));
  }
  return { from, to };
}

function time(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  const ms = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(ms)) throw bad(name, 'Input should be a valid datetime', 'datetime_from_date_parsing', text);
  return ms;
}

/** The values of a list that commas separate; undefined where it is not given. */
export function list(query: URLSearchParams, name: string): readonly string[] | undefined {
  const values = query
    .get(name)
    ?.split(',')
    .map((value) => value.trim())
    .filter((value) => value !== '');
  return values?.length ? values : undefined;
}

export function uuids(query: URLSearchParams, name: string): readonly string[] | undefined {
  const values = list(query, name);
  const wrong = values?.find((value) => !isUuid(value));
  if (wrong !== undefined) throw bad(name, 'Input should be a valid UUID', 'uuid_parsing', wrong);
  return values?.map((value) => value.toLowerCase());
}

export function statuses(query: URLSearchParams, known: readonly string[]): readonly string[] | undefined {
  const values = list(query, 'status');
  const wrong = values?.find((value) => !known.includes(value));
  if (wrong !== undefined)
    throw bad('status', `Input should be ${known.map((value) => `'${value}'`).join(', ')}`, 'enum', wrong);
  return values;
}

/** The UUID in a path, as the API checks it. */
export function pathUuid(name: string, value: string): string {
  if (isUuid(value)) return value.toLowerCase();
  throw new Invalid({ loc: ['path', name], msg: 'Input should be a valid UUID', type: 'uuid_parsing', input: value });
}

/** A value that must be there. */
export function required(query: URLSearchParams, name: string): string {
  const value = query.get(name);
  if (value === null) throw new Invalid({ loc: ['query', name], msg: 'Field required', type: 'missing', input: null });
  return value;
}
