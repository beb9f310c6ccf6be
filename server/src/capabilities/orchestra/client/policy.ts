/** How requests are paced; times in milliseconds. */
export interface Pace {
  /** Requests at once. */
  readonly inFlight: number;
  /** Attempts at one GET, the first included. */
  readonly attempts: number;
  /** First back-off, doubled each time up to `capMs`; what is waited is a random part of it. */
  readonly baseMs: number;
  readonly capMs: number;
  /** Longest time for one attempt. */
  readonly attemptMs: number;
  /** Longest time for all that one call of a tool asks. */
  readonly deadlineMs: number;
  readonly random: () => number;
}

export const standardPace: Pace = {
  inFlight: 4,
  attempts: 4,
  baseMs: 500,
  capMs: 8000,
  attemptMs: 15_000,
  deadlineMs: 45_000,
  random: Math.random,
};

/** What to wait before attempt `next` (1 is the second): full jitter over an exponential. */
export function backOff({ baseMs, capMs, random }: Pace, next: number): number {
  return random() * Math.min(capMs, baseMs * 2 ** (next - 1));
}

const longestWaitMs = 300_000;

/** Milliseconds that a Retry-After header asks for, in seconds or as a date; undefined where it says nothing usable. */
export function retryAfter(header: string | null, now = Date.now()): number | undefined {
  const text = header?.trim() ?? '';
  const ms = /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now;
  // A header beyond reason must not close the gate for good.
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(0, ms), longestWaitMs);
}
