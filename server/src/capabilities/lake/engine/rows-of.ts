import type { IndexOps } from './index-protocol.ts';
import { createBatch } from './index-rows.ts';
import { MAX_REJECTS } from './protocol.ts';
import { readRows } from './table-rows.ts';

/**
 * The rows of some parts as an index has them, for a target that the parent writes; without `wantCells` their texts alone,
 * one for each row, those without an id included. The parts must be small: all of it is one message.
 */
export async function rowsOf(
  input: IndexOps['rows_of']['input'],
  memoryMb: number,
): Promise<IndexOps['rows_of']['output']> {
  const plan = input.wantCells ? input : { ...input, mapping: textOnly(input.mapping) };
  const batch = createBatch(plan);
  const rejects: IndexOps['rows_of']['output']['rejects'][number][] = [];
  let rejected = 0;
  for await (const chunk of readRows(input.parts, input.columns, memoryMb, plan)) {
    const refused = batch.add(chunk);
    rejected += refused.length;
    rejects.push(...refused.slice(0, MAX_REJECTS - rejects.length));
  }
  const rows = batch.takeRows();
  if (input.wantCells) return { ...rows, rejected, rejects };
  return { ...rows, ids: [], keys: [], hashes: [], lines: [], ordinals: [], cells: [], rejected, rejects };
}

function textOnly({ text }: IndexOps['rows_of']['input']['mapping']) {
  return text ? { text } : {};
}
