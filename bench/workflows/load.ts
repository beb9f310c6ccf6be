/** Calls to be made: `runs` times `chain` one after another, and `items` of which `lanes` at once. */
export interface Load {
  readonly runs: number;
  readonly chain: number;
  readonly items: number;
}

export const lanes = 8;

/** What is measured, and of how many calls. */
export const loads = {
  single: { runs: 1, chain: 1, items: 0 },
  chain: { runs: 1, chain: 101, items: 0 },
  map: { runs: 0, chain: 0, items: 1000 },
  many: { runs: 100, chain: 10, items: 0 },
} as const satisfies Record<string, Load>;
