export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  advance(ms: number): void;
}

/** A clock that begins at `start` and runs `speed` times as fast as ours; with speed 0 it moves by `advance` alone. */
export function createClock({ start = Date.now(), speed = 1 } = {}): Clock {
  const began = performance.now();
  let added = 0;
  return {
    now: () => Math.round(start + (performance.now() - began) * speed + added),
    advance: (ms) => {
      added += ms;
    },
  };
}

/** A time as the API writes it, with microseconds. */
export function timestamp(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '000+00:00');
}
