import { Hono } from 'hono';
import type { Logger } from '../core/log.ts';
import type { Env } from './http.ts';

/** `GET /healthz`: this process answers. `GET /readyz`: it can do its work now, else 503. */
export function createHealth(ready: () => Promise<void>, log: Logger): Hono<Env> {
  const app = new Hono<Env>();
  app.get('/healthz', (c) => c.json({ ok: true }));
  app.get('/readyz', async (c) => {
    try {
      await ready();
      return c.json({ ready: true });
    } catch (error) {
      log.warn({ error }, 'not ready');
      return c.json({ ready: false }, 503);
    }
  });
  return app;
}
