import { Hono, type MiddlewareHandler } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { Principal } from '../core/auth/principal.ts';
import { authenticate } from '../core/auth/tokens.ts';
import type { Catalogue } from '../core/catalogue.ts';
import { asUnavailable, type Db } from '../core/db/database.ts';
import { AppError, envelope, errorRow } from '../core/errors.ts';
import type { Invoke } from '../core/invoke.ts';
import type { Logger } from '../core/log.ts';
import type { DiskObjects } from '../core/objects/disk.ts';
import type { ResourceKind } from '../core/resource.ts';
import { exposureOf } from './exposure.ts';
import { bearer, guardHosts, limitBody } from './guard.ts';
import { createMcp } from './mcp.ts';
import { docsPage, openApi } from './openapi.ts';
import { createRest } from './rest.ts';
import { createUploads } from './uploads.ts';

export type Env = { Variables: { principal: Principal } };

export interface HttpSettings {
  readonly catalogue: Catalogue;
  readonly invoke: Invoke;
  readonly resources: readonly ResourceKind[];
  readonly objects: DiskObjects;
  readonly db: Db;
  readonly log: Logger;
  readonly version: string;
  readonly maxBodyBytes: number;
  readonly allowedHosts: readonly string[];
  /** Throws when the server cannot do its work now. */
  readonly ready: () => Promise<void>;
}

/** All of the server's HTTP: health, presigned uploads, MCP, REST and its description. */
export function createHttp(settings: HttpSettings): { app: Hono<Env>; close(): Promise<void> } {
  const { catalogue, db, log, version } = settings;
  const mcp = createMcp(settings);
  const app = new Hono<Env>();
  const limited = limitBody(settings.maxBodyBytes);

  app.onError((thrown, c) => {
    const error = asUnavailable(thrown);
    const body = envelope(error);
    if (!(error instanceof AppError)) log.error({ error, path: c.req.path }, 'a request failed');
    if (body.error.code === 'UNAUTHENTICATED') c.header('www-authenticate', 'Bearer');
    return c.json(body, errorRow(body.error.code).http as ContentfulStatusCode);
  });
  app.notFound((c) => c.json(envelope(nothingHere()), 404));

  app.use(guardHosts(settings.allowedHosts));
  app.get('/healthz', (c) => c.json({ ok: true }));
  app.get('/readyz', async (c) => {
    try {
      await settings.ready();
      return c.json({ ready: true });
    } catch (error) {
      log.warn({ error }, 'not ready');
      return c.json({ ready: false }, 503);
    }
  });
  app.get('/openapi.json', (c) => c.json(openApi(catalogue, version)));
  app.get('/openapi/:file{[a-z]+\\.json}', (c) => {
    const toolset = exposureOf(c.req.param('file').replace('.json', ''));
    if (toolset === undefined || toolset === 'default' || toolset === 'all') throw nothingHere();
    return c.json(openApi(catalogue, version, toolset));
  });
  app.get('/docs', (c) => c.html(docsPage(catalogue, version)));
  app.route('/', createUploads(settings.objects, db));

  app.use('/mcp/*', limited, authenticated(db));
  app.use('/tools/*', limited, authenticated(db));
  app.use('/resources/*', authenticated(db));
  app.all('/mcp/:toolset?', (c) => {
    const exposure = exposureOf(c.req.param('toolset'));
    if (exposure === undefined) throw nothingHere();
    return mcp.fetch(c.req.raw, exposure, c.get('principal'));
  });
  app.route('/', createRest(settings.invoke, settings.resources, db));
  return { app, close: mcp.close };
}

function authenticated(db: Db): MiddlewareHandler<Env> {
  return async (c, next) => {
    c.set('principal', await authenticate(db, bearer(c.req.header('authorization'))));
    await next();
  };
}

function nothingHere(): AppError {
  return new AppError('NOT_FOUND', 'There is nothing at this address.', 'See /docs for the tools and /mcp for MCP.');
}
