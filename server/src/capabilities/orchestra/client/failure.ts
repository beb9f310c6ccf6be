import { connectFailures } from '../../../core/egress-address.ts';
import { AppError } from '../../../core/errors.ts';
import { OrchestraError, tooSlow, unreachable } from '../errors.ts';

/** Failures of a connection that was never made, so that nothing was sent on it. */
const unsent = new Set([
  ...connectFailures,
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);

interface Circumstances {
  readonly endpoint: string;
  readonly timedOut: boolean;
  /** The deadline of the whole call has not come yet. */
  readonly timeLeft: boolean;
}

/** Says of whatever an attempt threw what it means, without any of its request: the key is in there. */
export function failureOf(error: unknown, { endpoint, timedOut, timeLeft }: Circumstances): AppError {
  if (error instanceof OrchestraError) return error;
  if (timedOut) return tooSlow(timeLeft, endpoint);
  // Of the egress: the name does not resolve, or the address is refused.
  if (error instanceof AppError) {
    return error.code === 'UPSTREAM_FAILED' ? unreachable(error.message, 'none', endpoint) : error;
  }
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const text = cause instanceof Error ? cause.message : 'unknown';
  return unreachable(code === '' ? text : `${text} (${code})`, unsent.has(code) ? 'none' : 'unknown', endpoint);
}
