import type { MiddlewareHandler } from 'hono';
import type { Identify } from '../core/auth/identity.ts';
import { sha256 } from '../core/canonical.ts';
import { AppError } from '../core/errors.ts';
import { createRateLimiter, type RateLimiter, rateLimited } from '../core/rate-limit.ts';
import { callerAddress } from './address.ts';
import { bearer } from './guard.ts';
import type { Env } from './http.ts';

export interface AuthenticateSettings {
  readonly identify: Identify;
  /** Calls a minute and principal. */
  readonly callsPerMinute: number;
  /** Bad tokens a minute and remote address. */
  readonly failuresPerMinute: number;
  /** A proxy in front names the caller's address. */
  readonly behindProxy: boolean;
}

/** A call over MCP is one of several requests of the protocol. */
const requestsPerCall = 4;
const maxAccepted = 10_000;

/**
 * Finds out who calls, and refuses who comes too often. An address with too many bad tokens is refused before anybody looks
 * at the next one, unless that token was good a moment ago: nobody can lock out the callers beside him.
 */
export function authentication(settings: AuthenticateSettings): MiddlewareHandler<Env> {
  const failures = createRateLimiter({ perMinute: settings.failuresPerMinute });
  const requests = createRateLimiter({ perMinute: settings.callsPerMinute * requestsPerCall });
  const accepted = new Set<string>();

  return async (c, next) => {
    const secret = bearer(c.req.header('authorization'));
    const digest = secret === undefined ? undefined : sha256(secret);
    const address = callerAddress(c, settings.behindProxy);
    if (digest !== undefined && !accepted.has(digest)) check(failures.wait(address), 'bad tokens from this address');
    const principal = await settings.identify(secret, c.req.path).catch((error: unknown) => {
      if (digest !== undefined) reject(digest, address, failures, error);
      throw error;
    });
    if (digest !== undefined) accept(digest);
    check(requests.take(principal.id), 'requests');
    c.set('principal', principal);
    await next();
  };

  function accept(digest: string): void {
    accepted.delete(digest);
    accepted.add(digest);
    const [oldest] = accepted.size > maxAccepted ? accepted : [];
    if (oldest !== undefined) accepted.delete(oldest);
  }

  function reject(digest: string, address: string, limiter: RateLimiter, error: unknown): void {
    if (!(error instanceof AppError) || error.code !== 'UNAUTHENTICATED') return;
    accepted.delete(digest);
    limiter.take(address);
  }
}

function check(wait: number, what: string): void {
  if (wait > 0) throw rateLimited(what, wait);
}
