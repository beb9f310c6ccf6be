const maxRetryAfterS = 86_400;
/** A share of the wait that is added by chance, so that what failed together does not come back together. */
const jitter = 0.2;

/** Seconds until the next try after `tries` of them; undefined when that was the last. */
export function waitAfter(
  tries: number,
  waits: readonly number[],
  retryAfterS = 0,
  random: () => number = Math.random,
): number | undefined {
  const wait = waits[tries - 1];
  if (wait === undefined) return undefined;
  return Math.max(wait * (1 + random() * jitter), Math.min(retryAfterS, maxRetryAfterS));
}

/** The seconds that `Retry-After` asks for, as a number or a date (RFC 9110, 10.2.3); 0 for anything else. */
export function retryAfter(header: string | null, now: number): number {
  if (header === null) return 0;
  if (/^\d{1,9}$/.test(header)) return Number(header);
  const date = /^[A-Z][a-z]{2}, /.test(header) ? Date.parse(header) : Number.NaN;
  return Number.isNaN(date) ? 0 : Math.max(0, Math.ceil((date - now) / 1000));
}
