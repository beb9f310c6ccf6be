/** Of a ranking, so many at least are looked at: what stands behind them is hardly found by two. */
export const CANDIDATES = 1000;
/** The constant of reciprocal rank fusion (Cormack et al., 2009). */
const RRF_K = 60;

export interface Ranked {
  readonly id: string;
  readonly score: number;
}

/** Several rankings as one, best first: a row's score is the sum of 1 / (60 + place) over those that found it. */
export function fuse<T extends Ranked>(rankings: readonly (readonly T[])[]): T[] {
  const fused = new Map<string, T>();
  for (const hits of rankings) {
    for (const [at, hit] of hits.entries())
      fused.set(hit.id, { ...hit, score: (fused.get(hit.id)?.score ?? 0) + 1 / (RRF_K + at + 1) });
  }
  return [...fused.values()].sort(byScore);
}

/** Best first; of equal ones in the order of their ids. */
export function byScore(a: Ranked, b: Ranked): number {
  return b.score - a.score || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}
