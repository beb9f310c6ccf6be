import { quoted } from '../duckdb.ts';
import type { ColumnType } from '../protocol.ts';
import type { Bound, Check } from './rules.ts';

/** A column of a schema object in SQL, and its type in the data. */
export interface SqlColumn {
  readonly sql: string;
  readonly type: ColumnType;
}

const OPERATOR: Readonly<Record<Bound, string>> = {
  minimum: '<',
  exclusiveMinimum: '<=',
  maximum: '>',
  exclusiveMaximum: '>=',
};
const INTEGER = '[+-]?[0-9]+';
const NUMBER = '[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]+)?';
const TIME = '([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\\.[0-9]+)?)?(Z|[+-][0-9]{2}:?[0-9]{2})?';

const OCTET = '(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])';
const IPV4 = `(${OCTET}\\.){3}${OCTET}`;
const H16 = '[0-9A-Fa-f]{1,4}';
const LABEL = '[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?';

/** Formats of a string that are checked, as what the whole value must be. */
export const stringFormats: Readonly<Record<string, string>> = {
  email: "[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\\.[A-Za-z0-9-]+)*",
  uuid: '[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}',
  uri: '[A-Za-z][A-Za-z0-9+.-]*:[^\\s<>"{}|\\\\^`]+',
  hostname: `${LABEL}(\\.${LABEL})*`,
  ipv4: IPV4,
  ipv6: [
    `(${H16}:){7}${H16}`,
    `(${H16}:){1,7}:`,
    ...[1, 2, 3, 4, 5, 6].map((tail) => `(${H16}:){1,${7 - tail}}(:${H16}){1,${tail}}`),
    `:(:${H16}){1,7}`,
    '::',
    `(${H16}:){6}${IPV4}`,
    `::(${H16}:){0,5}${IPV4}`,
    `(${H16}:){1,5}:${IPV4}`,
  ].join('|'),
  byte: '([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?',
};

/** The condition under which a row breaks a check; what is null breaks none but `null` and `missing`. */
export function conditionOf(check: Check, column: SqlColumn): string | undefined {
  const { sql, type } = column;
  const text = textOf(column);
  switch (check.kind) {
    case 'null':
      return `${sql} IS NULL`;
    case 'missing':
      return missing(sql, text, check.values);
    case 'values':
      return invalid(text, check);
    case 'type':
      return typeCondition(check.type, column);
    case 'format':
      return `NOT regexp_full_match(${text}, ${literal(stringFormats[check.format] ?? '')})`;
    case 'bound':
      if (typeof check.value === 'string') return `${text} ${OPERATOR[check.bound]} ${literal(check.value)}`;
      return `${numberOf(column)} ${OPERATOR[check.bound]} ${number(check.value)}`;
    case 'time':
      return `${timeOf(column)} ${OPERATOR[check.bound]} make_timestamp_ms(${number(check.value)})`;
    case 'length':
      return outside(`length(${text})`, check);
    case 'multiple': {
      if (type === 'integer' && Number.isSafeInteger(check.of)) return `${sql} % ${number(check.of)} <> 0`;
      const ratio = `(${numberOf(column)} / ${number(check.of)})`;
      return `abs(${ratio} - round(${ratio})) > 1e-9 * greatest(1, abs(${ratio}))`;
    }
    case 'items':
      return `${isJson(column, 'ARRAY')} AND ${outside(`json_array_length(${jsonOf(column)})`, check)}`;
    case 'unique_items': {
      const items = `from_json(${jsonOf(column)}, '["JSON"]')`;
      return `${isJson(column, 'ARRAY')} AND len(${items}) <> len(list_distinct(${items}))`;
    }
    case 'members':
      return `${isJson(column, 'OBJECT')} AND ${outside(`len(json_keys(${jsonOf(column)}))`, check)}`;
    case 'member':
      return `${isJson(column, 'OBJECT')} AND NOT list_contains(json_keys(${jsonOf(column)}), ${literal(check.name)})`;
    default:
      return undefined;
  }
}

/** What is not of a logical type. A text may still be a number or a time, as formats without types write them. */
function typeCondition(wanted: string, column: SqlColumn): string | undefined {
  const { sql, type } = column;
  const never = undefined;
  const always = `${sql} IS NOT NULL`;
  const textual = (pattern: string) =>
    type === 'string' ? `NOT regexp_full_match(trim(${sql}), '${pattern}')` : always;
  switch (wanted) {
    case 'string':
      return type === 'string' ? never : always;
    case 'integer':
      if (type === 'integer') return never;
      return type === 'number' ? `${sql} <> trunc(${sql})` : textual(INTEGER);
    case 'number':
      return type === 'integer' || type === 'number' ? never : textual(NUMBER);
    case 'boolean':
      return type === 'boolean' ? never : textual('(?i:true|false)');
    case 'date':
      if (type === 'date') return never;
      if (type === 'timestamp') return `${sql} <> date_trunc('day', ${sql})`;
      return type === 'string' ? `${sql} IS NOT NULL AND TRY_CAST(${sql} AS DATE) IS NULL` : always;
    case 'timestamp':
      if (type === 'timestamp' || type === 'date') return never;
      return type === 'string' ? `${sql} IS NOT NULL AND TRY_CAST(${sql} AS TIMESTAMP) IS NULL` : always;
    case 'time':
      return textual(TIME);
    case 'object':
    case 'array':
      return `coalesce(json_type(${jsonOf(column)}), '') <> '${wanted.toUpperCase()}' AND ${sql} IS NOT NULL`;
    default:
      return never;
  }
}

function missing(sql: string, text: string, values: readonly unknown[]): string {
  // An empty text is null in every table.
  const words = values.filter((value) => value !== null && value !== '').map((value) => literal(String(value)));
  const parts = words.length > 0 ? [`${text} IN (${words.join(', ')})`] : [];
  if (values.includes(null) || values.includes('')) parts.push(`${sql} IS NULL`);
  return parts.length > 0 ? `(${parts.join(' OR ')})` : 'false';
}

function invalid(text: string, check: Extract<Check, { kind: 'values' }>): string {
  const parts: string[] = [];
  if (check.values) {
    const words = check.values.filter((value) => value !== null).map((value) => literal(String(value)));
    parts.push(words.length > 0 ? `${text} NOT IN (${words.join(', ')})` : `${text} IS NOT NULL`);
  }
  if (check.pattern !== undefined) parts.push(`NOT regexp_matches(${text}, ${literal(check.pattern)})`);
  return `(${parts.join(' OR ')})`;
}

function outside(value: string, { min, max }: { readonly min?: number; readonly max?: number }): string {
  const parts = [];
  if (min !== undefined) parts.push(`${value} < ${number(min)}`);
  if (max !== undefined) parts.push(`${value} > ${number(max)}`);
  return `(${parts.join(' OR ')})`;
}

export function textOf({ sql, type }: SqlColumn): string {
  if (type === 'string' || type === 'json') return sql;
  // As JSON writes them, not with the engine's point and nought.
  if (type === 'number')
    return `CASE WHEN ${sql} = trunc(${sql}) AND abs(${sql}) < 1e15 THEN ${sql}::BIGINT::VARCHAR ELSE ${sql}::VARCHAR END`;
  if (type === 'timestamp') return `strftime(${sql}, '%Y-%m-%dT%H:%M:%S.%gZ')`;
  return `${sql}::VARCHAR`;
}

function numberOf({ sql, type }: SqlColumn): string {
  return type === 'integer' || type === 'number' ? sql : `TRY_CAST(${sql}::VARCHAR AS DOUBLE)`;
}

export function timeOf({ sql, type }: SqlColumn): string {
  return type === 'date' || type === 'timestamp' ? `${sql}::TIMESTAMP` : `TRY_CAST(${sql}::VARCHAR AS TIMESTAMP)`;
}

/** As JSON, or null where it is none: functions of JSON fail on other texts. */
function jsonOf({ sql }: SqlColumn): string {
  return `CASE WHEN json_valid(${sql}::VARCHAR) THEN ${sql}::VARCHAR::JSON END`;
}

function isJson(column: SqlColumn, type: 'ARRAY' | 'OBJECT'): string {
  return `json_type(${jsonOf(column)}) = '${type}'`;
}

function number(value: number): string {
  if (Number.isSafeInteger(value)) return String(value);
  return `CAST('${Number.isInteger(value) ? BigInt(value) : value}' AS ${Number.isInteger(value) && Math.abs(value) < 1e37 ? 'HUGEINT' : 'DOUBLE'})`;
}

function literal(text: string): string {
  return quoted(text.replaceAll('\0', ''), "'");
}
