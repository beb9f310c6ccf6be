import path from 'node:path';
import type { RowPart, RowPlan } from '../engine/index-protocol.ts';
import type { EnginePool } from '../engine/pool.ts';
import { createVectorFile, type VectorFile } from '../engine/vector-file.ts';
import { withWorkDir } from '../targets/work-dir.ts';
import type { Embedder } from './embedder.ts';

/** Records whose texts are one message of a child. */
const SLICE = 2000;

/** Runs `work` with the vectors of all rows of these parts, in a file that goes when it ends. */
export async function withVectors<T>(
  embedder: Embedder,
  plan: RowPlan,
  parts: readonly RowPart[],
  needs: { readonly engines: EnginePool; readonly workDir: string },
  signal: AbortSignal,
  work: (vectors: VectorFile) => Promise<T>,
): Promise<T> {
  return withWorkDir(needs.workDir, async (dir) => {
    const file = { path: path.join(dir, 'vectors'), dimensions: embedder.dimensions };
    const writer = await createVectorFile(file.path, file.dimensions);
    try {
      for (const slice of slicesOf(parts, SLICE)) {
        const input = { ...plan, parts: slice, wantCells: false };
        const { texts } = await needs.engines.run('rows_of', input, { signal });
        await writer.add(await embedder.embed(texts, signal));
      }
    } finally {
      await writer.close();
    }
    return work(file);
  });
}

/** The same records in the same order, at most `size` of them at a time. */
export function* slicesOf(parts: readonly RowPart[], size: number): Generator<RowPart[]> {
  let slice: RowPart[] = [];
  let held = 0;
  for (const part of parts) {
    for (let from = part.from; from < part.to; ) {
      const to = Math.min(part.to, from + size - held);
      slice.push({ ...part, from, to });
      held += to - from;
      from = to;
      if (held < size) continue;
      yield slice;
      slice = [];
      held = 0;
    }
  }
  if (slice.length > 0) yield slice;
}
