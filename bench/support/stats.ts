export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  if (sorted.length === 0) return Number.NaN;
  const place = (sorted.length - 1) * share;
  const low = sorted[Math.floor(place)] as number;
  const high = sorted[Math.ceil(place)] as number;
  return low + (high - low) * (place - Math.floor(place));
}

/** Smallest to largest, as text. */
export function range(values: readonly number[]): string {
  const digits = Math.max(...values) >= 100 ? 0 : 2;
  return `${Math.min(...values).toFixed(digits)}–${Math.max(...values).toFixed(digits)}`;
}

/** Runs every side once a round, each round beginning with another one, and collects what each measured. */
export async function interleave<T, M>(
  sides: readonly T[],
  rounds: number,
  measure: (side: T, round: number) => Promise<M>,
): Promise<Map<T, M[]>> {
  const measured = new Map(sides.map((side) => [side, [] as M[]]));
  for (let round = 0; round < rounds; round += 1) {
    const first = round % sides.length;
    for (const side of [...sides.slice(first), ...sides.slice(0, first)]) {
      measured.get(side)?.push(await measure(side, round));
    }
  }
  return measured;
}
