import { hash } from 'node:crypto';
import { AppError } from '../../../../core/errors.ts';
import type { Embedder } from '../../embedder/embedder.ts';
import { slicesOf } from '../../embedder/vectors.ts';
import type { IndexRows } from '../../engine/index-protocol.ts';
import type { EnginePool } from '../../engine/pool.ts';
import { type Build, planOf, type RowPart, type StepOptions } from '../../jobs/target.ts';

/** Records whose rows are one message of a child and one statement, and the numbers of their vectors. */
const SLICE = 5000;
const SLICE_NUMBERS = 1_000_000;

/** Has the vectors of all rows of these parts made, and kept. */
export async function embedAll(
  build: Build,
  embedder: Embedder,
  parts: readonly RowPart[],
  engines: EnginePool,
  { signal }: StepOptions,
): Promise<void> {
  for (const slice of slicesOf(parts, SLICE)) {
    const input = { ...planOf(build), parts: slice, wantCells: false };
    const { texts } = await engines.run('rows_of', input, { signal });
    await embedder.embed(texts, signal);
  }
}

/** The rows of these parts, as many at a time as one statement takes with vectors of `dimensions`. */
export async function* rowsOf(
  build: Build,
  parts: readonly RowPart[],
  engines: EnginePool,
  dimensions: number,
  { signal }: StepOptions,
) {
  const size = Math.min(SLICE, Math.ceil(SLICE_NUMBERS / Math.max(1, dimensions)));
  for (const slice of slicesOf(parts, size)) {
    const rows = await engines.run('rows_of', { ...planOf(build), parts: slice, wantCells: true }, { signal });
    if (rows.ids.some((id) => id.includes('\0')))
      throw new AppError(
        'VALIDATION_FAILED',
        'PostgreSQL cannot hold the ids of this column.',
        'Map another column as id, or use the target lance.',
      );
    yield rows;
  }
}

/** Of rows with the same id the last one: one statement cannot write a row twice. */
export function lastOfEach(rows: IndexRows): IndexRows & { idHashes: Buffer[] } {
  const last = new Map(rows.ids.map((id, at) => [id, at]));
  const kept = [...last.values()].sort((a, b) => a - b);
  const pick = <T>(list: readonly T[]) => (kept.length === list.length ? list : kept.map((at) => list[at] as T));
  const ids = pick(rows.ids);
  return {
    ids,
    idHashes: ids.map((id) => hash('sha256', id, 'buffer')),
    keys: pick(rows.keys),
    hashes: pick(rows.hashes),
    lines: pick(rows.lines),
    ordinals: pick(rows.ordinals),
    texts: pick(rows.texts),
    ...(rows.vectors && { vectors: pick(rows.vectors) }),
    cells: rows.cells.map(pick),
  };
}
