import { getConnInfo } from '@hono/node-server/conninfo';
import type { Context } from 'hono';
import { addressKey } from '../core/rate-limit.ts';

/** The address at the other end of the connection; empty where a test hands a request over without one. */
export function peerAddress(c: Context): string {
  const { incoming } = (c.env ?? {}) as { incoming?: unknown };
  return incoming === undefined ? '' : (getConnInfo(c).remote.address ?? '');
}

/**
 * What stands for the caller's address, in limits and in the audit trail alike: behind a proxy the last one that it wrote
 * down, for all before that are the caller's words; else that of the connection.
 */
export function callerAddress(c: Context, behindProxy: boolean): string {
  const forwarded = behindProxy ? c.req.header('x-forwarded-for')?.split(',').at(-1)?.trim() : undefined;
  return addressKey(forwarded || peerAddress(c));
}
