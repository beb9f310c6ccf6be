import ipaddr from 'ipaddr.js';
import { AppError } from './errors.ts';
import type { Invoke } from './invoke.ts';

export interface RateLimit {
  readonly perMinute: number;
  /** How many may come at once after a pause; by default twice the rate. */
  readonly burst?: number;
  /** Callers that are remembered; the one that was quiet longest is forgotten first. */
  readonly maxKeys?: number;
  /** Milliseconds that only grow; tests bring their own. */
  readonly now?: () => number;
}

export interface RateLimiter {
  /** Takes one for a caller. Answers 0, or the seconds to wait when there is none. */
  take(key: string): number;
  /** The seconds until there is one to take; takes none. */
  wait(key: string): number;
  /** Callers that are remembered now. */
  readonly size: number;
}

interface Bucket {
  tokens: number;
  at: number;
}

/** A token bucket for each caller, in the memory of this process. Its size is bound, however many callers come. */
export function createRateLimiter(limit: RateLimit): RateLimiter {
  const { perMinute, burst = 2 * perMinute, maxKeys = 10_000, now = () => performance.now() } = limit;
  const perMs = perMinute / 60_000;
  const buckets = new Map<string, Bucket>();

  function fill(key: string): Bucket {
    const at = now();
    const bucket = buckets.get(key);
    if (!bucket) return { tokens: burst, at };
    return { tokens: Math.min(burst, bucket.tokens + (at - bucket.at) * perMs), at };
  }

  const secondsUntilOne = (bucket: Bucket) =>
    bucket.tokens >= 1 ? 0 : Math.max(1, Math.ceil((1 - bucket.tokens) / perMs / 1000));

  return {
    take(key) {
      const bucket = fill(key);
      const wait = secondsUntilOne(bucket);
      if (wait === 0) bucket.tokens -= 1;
      // Set anew, so that the map is ordered by the last use.
      buckets.delete(key);
      buckets.set(key, bucket);
      const [oldest] = buckets.size > maxKeys ? buckets.keys() : [];
      if (oldest !== undefined) buckets.delete(oldest);
      return wait;
    },
    wait: (key) => secondsUntilOne(fill(key)),
    get size() {
      return buckets.size;
    },
  };
}

/** The error of a caller that came too often. Surfaces turn `retry_after_s` into the header. */
export function rateLimited(what: string, seconds: number): AppError {
  return new AppError(
    'RATE_LIMITED',
    `Too many ${what}.`,
    `Wait ${seconds} s, then go on more slowly; the operator sets the rate with limits.*.`,
    { retry_after_s: seconds },
  );
}

/**
 * The same `invoke` with a rate for each principal: for the surfaces. What runs inside the server calls without one.
 * `onRefused` is told of what it refuses, which is counted and no more: an audit entry for each would let whoever calls too
 * often fill the trail.
 */
export function limitCalls(invoke: Invoke, limiter: RateLimiter, onRefused?: (name: string) => void): Invoke {
  return async (name, input, caller) => {
    const wait = limiter.take(caller.principal.id);
    if (wait === 0) return invoke(name, input, caller);
    onRefused?.(name);
    throw rateLimited('calls', wait);
  };
}

/** What stands for a remote address in a limiter: IPv6 by its /64, which one caller has whole. */
export function addressKey(address: string): string {
  const bare = withoutPort(address);
  if (!ipaddr.isValid(bare)) return 'unknown';
  const parsed = ipaddr.process(bare);
  return parsed instanceof ipaddr.IPv6
    ? `${parsed.parts
        .slice(0, 4)
        .map((part) => part.toString(16))
        .join(':')}::/64`
    : parsed.toString();
}

/** Some proxies write down `192.0.2.1:4711` or `[2001:db8::1]:4711`. */
function withoutPort(address: string): string {
  return /^\[(.*)\](?::\d+)?$/.exec(address)?.[1] ?? /^([\d.]+):\d+$/.exec(address)?.[1] ?? address;
}
