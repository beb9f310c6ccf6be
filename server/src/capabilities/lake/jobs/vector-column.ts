import type { JobContext } from '../../../core/jobs/handler.ts';
import type { EngineColumn, IndexMapping } from '../engine/protocol.ts';
import { type TableNeeds, type VersionTables, withTables } from '../tables/version-tables.ts';
import { wholePart } from './verify-build.ts';
import type { VersionObjects } from './version-objects.ts';

const tablesAtOnce = 50;

/** The columns that an index keeps as data: vectors are kept as such alone. */
export function dataColumns({ vector }: IndexMapping, columns: readonly EngineColumn[]): readonly EngineColumn[] {
  return vector === undefined ? columns : columns.filter(({ name }) => name !== vector);
}

/**
 * How many numbers the vectors of an index have: as many as the first of all, in the order of keys and records, so that a
 * change alone and a whole build agree. Null where the mapping names no column, or no row has a vector.
 */
export async function vectorSize(
  context: JobContext,
  { vector }: IndexMapping,
  of: VersionObjects,
  { tables }: VersionTables,
  needs: TableNeeds,
): Promise<number | null> {
  if (vector === undefined) return null;
  return context.step('vector size', async () => {
    const { signal } = context;
    for (let at = 0; at < tables.length; at += tablesAtOnce) {
      const some = tables.slice(at, at + tablesAtOnce);
      const { dimensions } = await withTables(of, some, needs, { signal }, (held) => {
        const parts = some.map((table, index) => wholePart(table, held[index]?.files ?? []));
        return needs.engines.run('vector_size', { vector, parts }, { signal });
      });
      if (dimensions !== null) return dimensions;
    }
    return null;
  });
}
