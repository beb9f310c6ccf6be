import type { Table as ArrowTable } from 'apache-arrow';
import type { Ranked } from './rank-fusion.ts';

export interface Hit extends Ranked {
  readonly rowid: bigint;
}

// Column by column: with many ties this is most of a search, and row objects of Arrow are slow.
export function toHits(found: ArrowTable): Hit[] {
  if (found.numRows === 0) return [];
  const ids = found.getChild('id')?.toArray() as string[];
  const rowids = found.getChild('_rowid')?.toArray() as BigUint64Array;
  const scores = found.getChild('_score')?.toArray() as Float32Array | undefined;
  const distances = found.getChild('_distance')?.toArray() as Float32Array | undefined;
  const scoreOf = (index: number) => scores?.[index] ?? (distances ? 1 - (distances[index] as number) : 0);
  return Array.from(rowids, (rowid, index) => ({ rowid, id: ids[index] as string, score: scoreOf(index) }));
}
