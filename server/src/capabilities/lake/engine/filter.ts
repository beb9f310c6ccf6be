import { AppError } from '../../../core/errors.ts';
import type { ColumnType, EngineColumn, Filter, FilterOperators } from './protocol.ts';
import { castText } from './values.ts';

type Operator = keyof FilterOperators;

const ORDERED: readonly Operator[] = ['eq', 'ne', 'gt', 'gte', 'lt', 'lte', 'in', 'is_null'];
const operatorsOf: Readonly<Record<ColumnType, readonly Operator[]>> = {
  string: [...ORDERED, 'contains'],
  number: ORDERED,
  integer: ORDERED,
  date: ORDERED,
  timestamp: ORDERED,
  boolean: ['eq', 'ne', 'in', 'is_null'],
  json: ['contains', 'is_null'],
};
const COMPARISON = { gt: '>', gte: '>=', lt: '<', lte: '<=' } as const;

/** A value of a column's type: times are milliseconds, integers beyond 2^53 are bigints. */
type Value = string | number | bigint | boolean;

/** One comparison of a filter, found to be one that the column takes. */
export type Condition = { readonly at: number; readonly column: EngineColumn } & (
  | { readonly operator: 'is_null'; readonly operand: boolean }
  | { readonly operator: 'contains'; readonly operand: string }
  | { readonly operator: 'eq' | 'ne'; readonly operand: Value | null }
  | { readonly operator: 'in'; readonly operand: readonly (Value | null)[] }
  | { readonly operator: 'gt' | 'gte' | 'lt' | 'lte'; readonly operand: Value }
);

/** Reads a filter on these columns; column n of them is `at` n. Throws VALIDATION_FAILED, which names the columns. */
export function readFilter(filter: Filter, columns: readonly EngineColumn[]): Condition[] {
  const conditions: Condition[] = [];
  for (const [name, given] of Object.entries(filter)) {
    const at = columns.findIndex((column) => column.name === name);
    const column = columns[at];
    if (!column) throw invalid(`The filter names "${name}", which is not a column.`, columns);
    const operators = typeof given === 'object' && given !== null ? given : { eq: given };
    for (const [operator, operand] of Object.entries(operators)) {
      if (operand === undefined) continue;
      if (!operatorsOf[column.type].includes(operator as Operator))
        throw invalid(`The filter operator "${operator}" does not exist for the ${column.type} "${name}".`, columns);
      conditions.push(readCondition(at, column, operator as Operator, operand, columns));
    }
  }
  return conditions;
}

function readCondition(
  at: number,
  column: EngineColumn,
  operator: Operator,
  operand: unknown,
  all: readonly EngineColumn[],
): Condition {
  const value = (given: unknown) => readValue(given, column, all);
  const orNull = (given: unknown) => (given === null ? null : value(given));
  switch (operator) {
    case 'is_null':
      if (typeof operand !== 'boolean') throw mismatch(column, all);
      return { at, column, operator, operand };
    case 'contains':
      if (typeof operand !== 'string') throw mismatch(column, all);
      return { at, column, operator, operand };
    case 'eq':
    case 'ne':
      return { at, column, operator, operand: orNull(operand) };
    case 'in':
      if (!Array.isArray(operand)) throw mismatch(column, all);
      return { at, column, operator, operand: operand.map(orNull) };
    default:
      return { at, column, operator, operand: value(operand) };
  }
}

function readValue(given: unknown, column: EngineColumn, all: readonly EngineColumn[]): Value {
  const text = typeof given === 'string' ? given : typeof given === 'number' ? String(given) : undefined;
  switch (column.type) {
    case 'string':
      if (typeof given === 'string') return given;
      break;
    case 'boolean':
      if (typeof given === 'boolean') return given;
      break;
    case 'number':
      if (typeof given === 'number' && Number.isFinite(given)) return given + 0;
      break;
    case 'integer': {
      // Integers beyond 2^53 come as text. A fraction is never equal to an integer but may well be compared with one.
      if (typeof given === 'number' && Number.isFinite(given) && !Number.isInteger(given)) return given;
      const cell = text === undefined ? undefined : castText('integer', text);
      if (cell !== null && cell !== undefined) return cell;
      break;
    }
    case 'date':
    case 'timestamp': {
      const cell = typeof given === 'string' ? castText('timestamp', given) : undefined;
      if (typeof cell === 'number') return cell;
      break;
    }
    case 'json':
      break;
  }
  throw mismatch(column, all);
}

/**
 * Compiles a filter into a condition for LanceDB. Names never enter it: column n of `columns` is `cn`; values enter
 * as literals of the column's type. `ne` holds for null as well, every other comparison with null does not.
 */
export function compileFilter(filter: Filter, columns: readonly EngineColumn[]): string {
  return readFilter(filter, columns)
    .map((condition) => `(${conditionSql(condition)})`)
    .join(' AND ');
}

function conditionSql({ at, column, operator, operand }: Condition): string {
  const sql = `c${at}`;
  switch (operator) {
    case 'is_null':
      return operand ? `${sql} IS NULL` : `${sql} IS NOT NULL`;
    case 'eq':
      return operand === null ? `${sql} IS NULL` : `${sql} = ${literal(operand, column)}`;
    case 'ne':
      return operand === null ? `${sql} IS NOT NULL` : `${sql} <> ${literal(operand, column)} OR ${sql} IS NULL`;
    case 'in':
      return anyOf(sql, operand, column);
    case 'contains':
      return `contains(${sql}, ${sqlText(operand)})`;
    default:
      return `${sql} ${COMPARISON[operator]} ${literal(operand, column)}`;
  }
}

function anyOf(sql: string, values: readonly (Value | null)[], column: EngineColumn): string {
  const literals = values.filter((given) => given !== null).map((given) => literal(given, column));
  const parts = literals.length > 0 ? [`${sql} IN (${literals.join(', ')})`] : [];
  if (values.includes(null)) parts.push(`${sql} IS NULL`);
  return parts.length > 0 ? parts.join(' OR ') : 'false';
}

function literal(value: Value, { type }: EngineColumn): string {
  switch (type) {
    case 'boolean':
      return String(value);
    case 'number':
      return `CAST('${value}' AS DOUBLE)`;
    case 'integer':
      return typeof value === 'number' && !Number.isInteger(value)
        ? `CAST('${value}' AS DOUBLE)`
        : `CAST('${value}' AS BIGINT)`;
    case 'date':
    case 'timestamp':
      return `arrow_cast(${value}, 'Timestamp(Millisecond, Some("UTC"))')`;
    default:
      return sqlText(String(value));
  }
}

/** A text as a literal of LanceDB's SQL, in which a quote is doubled and a backslash is just a character. */
export function sqlText(text: string): string {
  return `'${text.toWellFormed().replaceAll("'", "''")}'`;
}

function mismatch(column: EngineColumn, all: readonly EngineColumn[]): AppError {
  return invalid(`The filter compares "${column.name}" with a value that is no ${column.type}.`, all);
}

function invalid(message: string, columns: readonly EngineColumn[]): AppError {
  const known = columns.map(({ name, type }) => `${name} (${type})`).join(', ');
  return new AppError('VALIDATION_FAILED', message, `Use one of the columns: ${known}.`, {
    columns: columns.map(({ name, type }) => ({ name, type, operators: operatorsOf[type] })),
  });
}
