import { AppError } from '../../../core/errors.ts';
import type { EngineColumn, IndexMapping } from '../engine/protocol.ts';

/** Refuses a mapping to columns that the data does not have. */
export function checkMapping(mapping: IndexMapping, columns: readonly EngineColumn[]): void {
  const names = columns.map((column) => column.name);
  const unknown = [mapping.id, ...(mapping.text ?? []), mapping.vector].filter(
    (name) => name !== undefined && !names.includes(name),
  );
  if (unknown.length === 0) {
    checkVectorColumn(mapping, columns);
    return;
  }
  throw new AppError(
    'VALIDATION_FAILED',
    `mapping names columns that the data does not have: ${unknown.join(', ')}.`,
    'Map only columns of details.columns.',
    { columns: names.slice(0, 200) },
  );
}

function checkVectorColumn({ id, text = [], vector }: IndexMapping, columns: readonly EngineColumn[]): void {
  if (vector === undefined) return;
  const type = columns.find(({ name }) => name === vector)?.type;
  if ((type === 'json' || type === 'string') && vector !== id && !text.includes(vector)) return;
  throw new AppError(
    'VALIDATION_FAILED',
    type === 'json' || type === 'string'
      ? 'mapping names the same column as a vector and as something else.'
      : `mapping.vector names a column of the type ${type}, which holds no lists of numbers.`,
    'Name a column whose values are lists of numbers, and only as vector.',
    { columns: columns.map(({ name }) => name).slice(0, 200) },
  );
}
