import { type Context, Hono } from 'hono';
import type { Db } from '../core/db/database.ts';
import { AppError } from '../core/errors.ts';
import type { Invoke } from '../core/invoke.ts';
import { type ResourceKind, readResource } from '../core/resource.ts';
import { cutAnswer } from './cut-answer.ts';
import type { Env } from './http.ts';
import { entryOf } from './trace-entry.ts';

const entryFacts = { 'http.request.method': 'POST', 'http.route': '/tools/:name' };

/** Tools and resources as plain HTTP: `POST /tools/<name>` with the input as JSON, `GET /resources/<kind>/<id>`. */
export function createRest(invoke: Invoke, resources: readonly ResourceKind[], db: Db): Hono<Env> {
  const app = new Hono<Env>();
  app.post('/tools/:name', async (c) => c.json(await call(c, c.req.param('name'), invoke)));
  app.get('/resources/:kind/:id', async (c) =>
    c.json(await readResource(resources, c.req.param(), c.get('principal'), db)),
  );
  // The parts of a longer id stay encoded: a name may hold a slash.
  app.get('/resources/:kind/:path{.+}', async (c) => {
    const { pathname, searchParams } = new URL(c.req.url);
    const kind = c.req.param('kind');
    const id = pathname.slice(pathname.indexOf(`/${kind}/`) + kind.length + 2);
    return c.json(await readResource(resources, { kind, id, query: searchParams }, c.get('principal'), db));
  });
  return app;
}

/** The tools again, for GPT Actions, which take no long answers. */
export function createActions(invoke: Invoke): Hono<Env> {
  const app = new Hono<Env>();
  app.post('/tools/:name', async (c) => c.json(cutAnswer(await call(c, c.req.param('name'), invoke))));
  return app;
}

async function call(c: Context<Env>, name: string, invoke: Invoke): Promise<Record<string, unknown>> {
  const input = parseJson(await c.req.text());
  const entry = entryOf({ headers: c.req.raw.headers }, entryFacts);
  return invoke(name, input, { principal: c.get('principal'), signal: c.req.raw.signal, entry });
}

function parseJson(text: string): unknown {
  if (text.trim() === '') return {};
  try {
    return JSON.parse(text);
  } catch {
    throw new AppError('BAD_REQUEST', 'The body is not JSON.', 'Send the input of the tool as one JSON object.');
  }
}
