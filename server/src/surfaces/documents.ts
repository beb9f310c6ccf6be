import { Hono, type MiddlewareHandler } from 'hono';
import type { Db } from '../core/db/database.ts';
import type { DocumentRoute } from '../core/document.ts';
import { AppError } from '../core/errors.ts';
import { isStorable } from '../core/storable.ts';
import { traced } from '../core/telemetry/trace.ts';
import type { Env } from './http.ts';
import { entryOf } from './trace-entry.ts';

/** `GET` of what capabilities serve as bytes, with strong ETags: who has them already gets 304. */
export function createDocuments(
  routes: readonly DocumentRoute[],
  db: Db,
  authenticated: MiddlewareHandler<Env>,
): Hono<Env> {
  const app = new Hono<Env>();
  for (const route of routes) {
    app.get(route.path, authenticated, async (c) => {
      const principal = c.get('principal');
      if (!principal.scopes.has(route.scope)) throw forbidden(route.scope);
      const params = c.req.param() as Record<string, string>;
      if (!Object.values(params).every(isStorable)) throw nothingThere();
      const wanted = { params, query: new URL(c.req.url).searchParams };
      const facts = { 'http.request.method': 'GET', 'http.route': route.path, 'enduser.id': principal.id };
      const parent = entryOf({ headers: c.req.raw.headers }, facts)?.trace;
      const { bytes, type, etag, immutable, staleSince } = await traced(
        `GET ${route.path}`,
        { kind: 'server', parent, facts },
        () => route.find(wanted, principal, db),
      );
      const headers = {
        'content-type': type,
        'content-length': String(bytes.byteLength),
        'cache-control': immutable ? 'private, max-age=31536000, immutable' : 'private, no-cache',
        'x-content-type-options': 'nosniff',
        etag: `"${etag}"`,
        ...(staleSince && { 'x-tutti-stale-since': staleSince.toISOString() }),
      };
      if (has(c.req.header('if-none-match'), headers.etag)) {
        const { 'content-length': _length, ...rest } = headers;
        return c.body(null, 304, rest);
      }
      // Hono answers HEAD by this route.
      return c.req.method === 'HEAD'
        ? c.body(null, 200, headers)
        : c.body(bytes as Uint8Array<ArrayBuffer>, 200, headers);
    });
  }
  return app;
}

/** Whether one of the tags that a reader has is this one (RFC 9110, 13.1.2). */
function has(given: string | undefined, etag: string): boolean {
  if (given === undefined) return false;
  return given.split(',').some((one) => one.trim() === '*' || one.trim().replace(/^W\//, '') === etag);
}

function forbidden(scope: string): AppError {
  return new AppError(
    'FORBIDDEN',
    `This token lacks the scope ${scope}, which this address needs.`,
    `Ask the operator for a token with it: tutti token create <name> --grant ${scope}`,
    { required_scope: scope },
  );
}

function nothingThere(): AppError {
  return new AppError('NOT_FOUND', 'There is nothing at this address.', 'See /docs for the tools and /mcp for MCP.');
}
