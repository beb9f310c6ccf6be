/** A span of time, in milliseconds, both ends included. */
export interface TimeWindow {
  readonly from: number;
  readonly to: number;
}

const second = 1000;
/** The API takes 7 days; exactly 7 may be too much. */
export const longestWindowMs = 7 * 24 * 3600 * second - second;
/** No run is older. */
const firstTime = Date.parse('2023-01-01T00:00:00Z');

/**
 * The windows that cover a range, the newest first. Each overlaps the next by a second, so that it does not matter whether
 * the API includes the ends.
 */
export function windowsOf({ from, to }: TimeWindow): TimeWindow[] {
  const start = Math.max(from, firstTime);
  const windows: TimeWindow[] = [];
  for (let end = to; end >= start; ) {
    const begin = Math.max(start, end - longestWindowMs);
    windows.push({ from: begin, to: end });
    if (begin === start) break;
    end = begin + second;
  }
  return windows;
}

/** The range that is meant where one or both ends are left out: up to now, and as long as one window. */
export function rangeOf({ from, to }: Partial<TimeWindow>, now: number): TimeWindow {
  const end = to ?? (from === undefined ? now : Math.max(from, now));
  return { from: from ?? end - longestWindowMs, to: end };
}

export function windowQuery({ from, to }: TimeWindow): Record<string, string> {
  return { time_from: new Date(from).toISOString(), time_to: new Date(to).toISOString() };
}
