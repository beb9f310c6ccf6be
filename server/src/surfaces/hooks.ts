import { Hono } from 'hono';
import { AppError } from '../core/errors.ts';
import { createRateLimiter, rateLimited } from '../core/rate-limit.ts';
import type { Receive } from '../core/webhooks/incoming/receive.ts';
import { callerAddress } from './address.ts';
import type { AuthenticateSettings } from './authenticate.ts';
import { limitBody } from './guard.ts';
import type { Env } from './http.ts';

export interface HookSettings {
  readonly receive: Receive;
  readonly maxBodyBytes: number;
  readonly limits: Omit<AuthenticateSettings, 'identify'>;
}

/**
 * `POST /hooks/<id>`: where others send messages to webhooks. What proves the sender is the authority, so there is no bearer
 * token of ours. An answer of success means that the event of the message has committed.
 */
export function createHooks({ receive, maxBodyBytes, limits }: HookSettings): Hono<Env> {
  const app = new Hono<Env>();
  const failures = createRateLimiter({ perMinute: limits.failuresPerMinute });
  const messages = createRateLimiter({ perMinute: limits.callsPerMinute });
  app.post('/hooks/:id', limitBody(maxBodyBytes), async (c) => {
    const address = callerAddress(c, limits.behindProxy);
    const blocked = failures.wait(address);
    if (blocked > 0) throw rateLimited('requests that prove nothing from this address', blocked);
    const id = c.req.param('id');
    const busy = messages.take(`${address} ${id}`);
    if (busy > 0) throw rateLimited('messages', busy);
    const body = Buffer.from(await c.req.arrayBuffer());
    const { duplicate } = await receive(id, { header: (name) => c.req.header(name), body }).catch((error: unknown) => {
      if (error instanceof AppError && error.code === 'WEBHOOK_REFUSED') failures.take(address);
      throw error;
    });
    return c.json({ received: true, duplicate });
  });
  return app;
}
