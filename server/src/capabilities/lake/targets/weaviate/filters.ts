import type { FilterValue } from 'weaviate-client';
import { type Condition, readFilter } from '../../engine/filter.ts';
import type { EngineColumn, Filter } from '../../engine/protocol.ts';
import type { Cell } from '../../engine/values.ts';
import { keyOf, likeText } from './keys.ts';
import { keyName } from './rows.ts';

/** A filter in Weaviate's terms; undefined for one without conditions. Names and values of callers enter as keys alone. */
export function toWeaviateFilter(filter: Filter, columns: readonly EngineColumn[]): FilterValue | undefined {
  const parts = readFilter(filter, columns).map(conditionOf);
  return parts.length > 1 ? and(...parts) : parts[0];
}

/** Rows with one of these ids of Weaviate. */
export const withIds = (ids: readonly string[]) => where('_id', 'ContainsAny', ids);

export const where = (property: string, operator: FilterValue['operator'], value: unknown): FilterValue =>
  ({ operator, target: { property }, value }) as FilterValue;
const and = (...filters: FilterValue[]): FilterValue => ({ operator: 'And', filters, value: null });
const or = (...filters: FilterValue[]): FilterValue => ({ operator: 'Or', filters, value: null });

const comparisons = { gt: 'GreaterThan', gte: 'GreaterThanEqual', lt: 'LessThan', lte: 'LessThanEqual' } as const;

function conditionOf({ at, column, operator, operand }: Condition): FilterValue {
  const name = keyName(at);
  const isNull = (wanted: boolean) => where(name, 'IsNull', wanted);
  const key = (value: NonNullable<Cell>) => keyOf(column.type, value);
  switch (operator) {
    case 'is_null':
      return isNull(operand);
    case 'contains':
      return where(name, 'Like', likeText(operand));
    case 'eq':
      if (operand === null) return isNull(true);
      return between(column, operand) ? and(isNull(true), isNull(false)) : where(name, 'Equal', key(operand));
    case 'ne':
      if (operand === null) return isNull(false);
      // Whether rows without a value are unequal is for us to say.
      return or(isNull(true), between(column, operand) ? isNull(false) : where(name, 'NotEqual', key(operand)));
    case 'in': {
      const keys = operand.flatMap((one) => (one === null || between(column, one) ? [] : [key(one)]));
      const parts = keys.length > 0 ? [where(name, 'ContainsAny', keys)] : [];
      if (operand.includes(null)) parts.push(isNull(true));
      return parts.length > 1 ? or(...parts) : (parts[0] ?? and(isNull(true), isNull(false)));
    }
    default: {
      if (!between(column, operand)) return where(name, comparisons[operator], key(operand));
      const next = key(Math.ceil(Number(operand)));
      return where(name, operator === 'gt' || operator === 'gte' ? 'GreaterThanEqual' : 'LessThan', next);
    }
  }
}

/** Whether a value lies between two integers of a column of integers, to which it is never equal. */
function between({ type }: EngineColumn, value: NonNullable<Cell>): boolean {
  return type === 'integer' && typeof value === 'number' && !Number.isInteger(value);
}
