import { Hono } from 'hono';
import type { Db } from '../core/db/database.ts';
import { AppError } from '../core/errors.ts';
import type { Invoke } from '../core/invoke.ts';
import { type ResourceKind, readResource } from '../core/resource.ts';
import type { Env } from './http.ts';
import { entryOf } from './trace-entry.ts';

const entryFacts = { 'http.request.method': 'POST', 'http.route': '/tools/:name' };

/** Tools and resources as plain HTTP: `POST /tools/<name>` with the input as JSON, `GET /resources/<kind>/<id>`. */
export function createRest(invoke: Invoke, resources: readonly ResourceKind[], db: Db): Hono<Env> {
  const app = new Hono<Env>();
  app.post('/tools/:name', async (c) => {
    const input = parseJson(await c.req.text());
    const entry = entryOf({ headers: c.req.raw.headers }, entryFacts);
    const caller = { principal: c.get('principal'), signal: c.req.raw.signal, entry };
    return c.json(await invoke(c.req.param('name'), input, caller));
  });
  app.get('/resources/:kind/:id', async (c) =>
    c.json(await readResource(resources, c.req.param(), c.get('principal'), db)),
  );
  return app;
}

function parseJson(text: string): unknown {
  if (text.trim() === '') return {};
  try {
    return JSON.parse(text);
  } catch {
    throw new AppError('BAD_REQUEST', 'The body is not JSON.', 'Send the input of the tool as one JSON object.');
  }
}
