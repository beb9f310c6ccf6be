import { AppError } from '../../../core/errors.ts';
import type { EngineColumn, IndexMapping } from '../engine/protocol.ts';

/** Refuses a mapping to columns that the data does not have. */
export function checkMapping(mapping: IndexMapping, columns: readonly EngineColumn[]): void {
  const names = columns.map((column) => column.name);
  const unknown = [mapping.id, ...(mapping.text ?? [])].filter((name) => name !== undefined && !names.includes(name));
  if (unknown.length === 0) return;
  throw new AppError(
    'VALIDATION_FAILED',
    `mapping names columns that the data does not have: ${unknown.join(', ')}.`,
    'Map only columns of details.columns.',
    { columns: names.slice(0, 200) },
  );
}
