import type { RowPart, RowPlan } from './index-protocol.ts';
import { MAX_REJECT_TEXT } from './protocol.ts';

/** What SQL says of the vector of a row that the data brought. */
export interface VectorSql {
  /** An array of 32-bit floats, or null. */
  readonly value: string;
  /** Whether it is null or as it has to be: of the right length, each number finite. */
  readonly good: string;
  /** The text of one that is not. */
  readonly text: string;
}

/** How the vectors of a part are read; undefined where the mapping names no column of them. */
export function vectorSql(
  part: RowPart,
  { mapping, dimensions }: Pick<RowPlan, 'mapping' | 'dimensions'>,
): VectorSql | undefined {
  if (mapping.vector === undefined) return undefined;
  const at = part.columns.findIndex(({ name }) => name === mapping.vector);
  const nothing = dimensions === undefined ? 'NULL' : `NULL::FLOAT[${dimensions}]`;
  if (at < 0) return { value: nothing, good: 'true', text: 'NULL' };
  const text = `left(c${at}::VARCHAR, ${MAX_REJECT_TEXT})`;
  if (dimensions === undefined) return { value: nothing, good: `c${at} IS NULL`, text };
  const value = `TRY_CAST(c${at} AS FLOAT[${dimensions}])`;
  const whole = `list_count(${value}) = ${dimensions} AND isfinite(list_sum(${value}))`;
  return { value, good: `(c${at} IS NULL OR coalesce(${whole}, false))`, text };
}

/** Whether a vector has a direction that can be compared; rows of other ones are found by their words alone. */
export function hasDirection(numbers: Float32Array, from = 0, to = numbers.length): boolean {
  let sum = 0;
  for (let at = from; at < to; at++) sum += (numbers[at] as number) * (numbers[at] as number);
  const norm = Math.fround(sum);
  return norm > 0 && norm < Number.POSITIVE_INFINITY;
}
