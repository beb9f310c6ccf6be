import { AppError } from '../../../core/errors.ts';
import type { ColumnType, EngineColumn, Filter, FilterOperators, Scalar } from './protocol.ts';
import { castText } from './values.ts';

type Operator = keyof FilterOperators;

const ORDERED: readonly Operator[] = ['eq', 'ne', 'gt', 'gte', 'lt', 'lte', 'in', 'is_null'];
const operatorsOf: Readonly<Record<ColumnType, readonly Operator[]>> = {
  string: [...ORDERED, 'contains'],
  number: ORDERED,
  integer: ORDERED,
  timestamp: ORDERED,
  boolean: ['eq', 'ne', 'in', 'is_null'],
  json: ['contains', 'is_null'],
};
const COMPARISON = { gt: '>', gte: '>=', lt: '<', lte: '<=' } as const;

/**
 * Compiles a filter into a condition for LanceDB. Names never enter it: column n of `columns` is `cn`; values enter
 * as literals of the column's type. `ne` holds for null as well, every other comparison with null does not.
 */
export function compileFilter(filter: Filter, columns: readonly EngineColumn[]): string {
  const parts: string[] = [];
  for (const [name, given] of Object.entries(filter)) {
    const index = columns.findIndex((column) => column.name === name);
    const column = columns[index];
    if (!column) throw invalid(`The filter names "${name}", which is not a column.`, columns);
    const operators = typeof given === 'object' && given !== null ? given : { eq: given };
    for (const [operator, operand] of Object.entries(operators)) {
      if (operand === undefined) continue;
      if (!operatorsOf[column.type].includes(operator as Operator))
        throw invalid(`The filter operator "${operator}" does not exist for the ${column.type} "${name}".`, columns);
      parts.push(`(${condition(`c${index}`, column, operator as Operator, operand, columns)})`);
    }
  }
  return parts.join(' AND ');
}

function condition(
  sql: string,
  column: EngineColumn,
  operator: Operator,
  operand: unknown,
  all: readonly EngineColumn[],
): string {
  const value = (given: unknown) => literal(given, column, all);
  switch (operator) {
    case 'is_null':
      if (typeof operand !== 'boolean') throw mismatch(column, all);
      return operand ? `${sql} IS NULL` : `${sql} IS NOT NULL`;
    case 'eq':
      return operand === null ? `${sql} IS NULL` : `${sql} = ${value(operand)}`;
    case 'ne':
      return operand === null ? `${sql} IS NOT NULL` : `${sql} <> ${value(operand)} OR ${sql} IS NULL`;
    case 'in':
      return anyOf(sql, operand, column, all);
    case 'contains':
      if (typeof operand !== 'string') throw mismatch(column, all);
      return `contains(${sql}, ${sqlText(operand)})`;
    default:
      return `${sql} ${COMPARISON[operator]} ${value(operand)}`;
  }
}

function anyOf(sql: string, operand: unknown, column: EngineColumn, all: readonly EngineColumn[]): string {
  if (!Array.isArray(operand)) throw mismatch(column, all);
  const values = operand as Scalar[];
  const literals = values.filter((given) => given !== null).map((given) => literal(given, column, all));
  const parts = literals.length > 0 ? [`${sql} IN (${literals.join(', ')})`] : [];
  if (values.includes(null)) parts.push(`${sql} IS NULL`);
  return parts.length > 0 ? parts.join(' OR ') : 'false';
}

function literal(given: unknown, column: EngineColumn, all: readonly EngineColumn[]): string {
  const text = typeof given === 'string' ? given : typeof given === 'number' ? String(given) : undefined;
  switch (column.type) {
    case 'string':
      if (typeof given === 'string') return sqlText(given);
      break;
    case 'boolean':
      if (typeof given === 'boolean') return String(given);
      break;
    case 'number':
      if (typeof given === 'number' && Number.isFinite(given)) return `CAST('${given + 0}' AS DOUBLE)`;
      break;
    case 'integer': {
      // Integers beyond 2^53 come as text. A fraction is never equal to an integer but may well be compared with one.
      if (typeof given === 'number' && Number.isFinite(given) && !Number.isInteger(given))
        return `CAST('${given}' AS DOUBLE)`;
      const cell = text === undefined ? undefined : castText('integer', text);
      if (cell !== null && cell !== undefined) return `CAST('${cell}' AS BIGINT)`;
      break;
    }
    case 'timestamp': {
      const cell = typeof given === 'string' ? castText('timestamp', given) : undefined;
      if (typeof cell === 'number') return `arrow_cast(${cell}, 'Timestamp(Millisecond, Some("UTC"))')`;
      break;
    }
    case 'json':
      break;
  }
  throw mismatch(column, all);
}

/** A text as a literal of LanceDB's SQL, in which a quote is doubled and a backslash is just a character. */
function sqlText(text: string): string {
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
