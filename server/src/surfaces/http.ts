import { Hono } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { Audit } from '../core/audit/audit.ts';
import type { Identity } from '../core/auth/identity.ts';
import type { Principal } from '../core/auth/principal.ts';
import { rememberCallers } from '../core/auth/remembered.ts';
import type { Catalogue } from '../core/catalogue.ts';
import { asUnavailable, type Db } from '../core/db/database.ts';
import type { DocumentRoute } from '../core/document.ts';
import { AppError, envelope, errorRow, readOnlyServer } from '../core/errors.ts';
import type { Feed } from '../core/events/feed.ts';
import type { Invoke } from '../core/invoke.ts';
import type { Logger } from '../core/log.ts';
import type { DiskObjects } from '../core/objects/disk.ts';
import type { S3Objects } from '../core/objects/s3.ts';
import type { Cursors } from '../core/page.ts';
import type { Prompt } from '../core/prompt.ts';
import type { ResourceKind } from '../core/resource.ts';
import type { Metrics } from '../core/telemetry/metrics.ts';
import { callerAddress } from './address.ts';
import { type AuthenticateSettings, authentication } from './authenticate.ts';
import { createDocuments } from './documents.ts';
import { createDownloads } from './downloads.ts';
import { createEvents } from './events.ts';
import { endpointOf, narrow } from './exposure.ts';
import { asBrokenOff, guardHosts, limitBody } from './guard.ts';
import { createHealth } from './health.ts';
import { createHooks, type HookSettings } from './hooks.ts';
import { createMcp, type ExtendMcp } from './mcp.ts';
import { createUpdates } from './mcp-updates.ts';
import { createMetricsRoute, measured } from './metrics.ts';
import { docsPage, openApi } from './openapi.ts';
import { actionsOpenApi, actionsPath } from './openapi-actions.ts';
import { createActions, createRest } from './rest.ts';
import { createStanding } from './standing.ts';
import { createTrust } from './trust.ts';
import { createUploads, type Uploaded } from './uploads.ts';
import { createWellKnown, errorHeaders } from './well-known.ts';

export type Env = { Variables: { principal: Principal } };

export interface HttpSettings {
  readonly catalogue: Catalogue;
  readonly invoke: Invoke;
  readonly resources: readonly ResourceKind[];
  readonly documents?: readonly DocumentRoute[];
  readonly prompts: readonly Prompt[];
  readonly cursors: Cursors;
  /** The MCP endpoints take calls of reading tools only. */
  readonly readOnly: boolean;
  /** Whether bytes and webhooks are taken; a server that only reads its database takes none. */
  readonly writes: boolean;
  /** How long callers are known while the database is away. */
  readonly rememberMs: number;
  readonly extendMcp?: ExtendMcp | undefined;
  readonly objects: DiskObjects | S3Objects;
  readonly feed: Feed;
  readonly audit?: Audit;
  readonly metrics: Metrics;
  /** Callers on this machine read the metrics without a token. */
  readonly openMetrics: boolean;
  readonly db: Db;
  readonly log: Logger;
  readonly version: string;
  /** The URL by which callers reach this server, if that is set. */
  readonly publicUrl?: string | undefined;
  readonly maxBodyBytes: number;
  readonly hooks: Omit<HookSettings, 'limits'>;
  readonly allowedHosts: readonly string[];
  readonly identity: Identity;
  readonly limits: Omit<AuthenticateSettings, 'identify'>;
  readonly uploaded?: Uploaded;
  /** Throws when the server cannot do its work now. */
  readonly ready: () => Promise<void>;
}

/** All of the server's HTTP: health, presigned uploads, MCP, REST and its description. */
export function createHttp(settings: HttpSettings): { app: Hono<Env>; close(): Promise<void> } {
  const { catalogue, db, log, version } = settings;
  const standing = createStanding(settings.identity.identify);
  const mcp = createMcp({ ...settings, updates: createUpdates(settings.feed, standing) });
  const app = new Hono<Env>();
  const limited = limitBody(settings.maxBodyBytes);
  const callers = rememberCallers({ identify: settings.identity.identify, maxAgeMs: settings.rememberMs });
  const trust = createTrust(settings);
  const authenticated = authentication({
    identify: (secret, path) => {
      const trustMs = trust(path);
      return trustMs === undefined ? callers.identify(secret, path) : callers.recall(secret, path, trustMs);
    },
    ...settings.limits,
  });

  app.onError((thrown, c) => {
    const error = asUnavailable(asBrokenOff(thrown));
    const body = envelope(error);
    if (!(error instanceof AppError)) log.error({ error, path: c.req.path }, 'a request failed');
    const headers = errorHeaders(c, body.error, settings.identity, catalogue);
    if (body.error.code === 'UNAUTHENTICATED' || body.error.code === 'WEBHOOK_REFUSED') {
      settings.audit?.unauthenticated(callerAddress(c, settings.limits.behindProxy));
    }
    return c.json(body, errorRow(body.error.code).http as ContentfulStatusCode, headers);
  });
  app.notFound((c) => c.json(envelope(nothingHere()), 404));

  app.use(measured(settings.metrics));
  app.use(guardHosts(settings.allowedHosts));
  app.route('/', createHealth(settings.ready, log));
  app.get('/openapi.json', (c) => c.json(openApi(catalogue, version, settings.resources)));
  app.get('/openapi/:file{[a-z]+\\.json}', (c) => {
    const toolset = endpointOf(c.req.param('file').replace('.json', ''));
    if (toolset === undefined || toolset === 'default' || toolset === 'all') throw nothingHere();
    return c.json(actionsOpenApi(catalogue, version, toolset, settings.publicUrl));
  });
  app.route('/', createWellKnown(settings.identity, catalogue));
  app.get('/docs', (c) => c.html(docsPage(catalogue, version)));
  if (!settings.writes) app.on('PUT', '/objects/*', refuseWrite).all('/hooks/*', refuseWrite);
  if (settings.objects.kind === 'disk') {
    app.route('/', createUploads(settings.objects, db, settings.uploaded));
    app.route('/', createDownloads(settings.objects));
  }
  app.route('/', createHooks({ ...settings.hooks, limits: settings.limits }));

  app.use('/mcp/*', limited, authenticated);
  app.use('/tools/*', limited, authenticated);
  app.use(`${actionsPath}/*`, limited, authenticated);
  app.use('/resources/*', authenticated);
  app.use('/events', authenticated);
  app.all('/mcp/:toolset?', (c) => {
    const endpoint = endpointOf(c.req.param('toolset'));
    if (endpoint === undefined) throw nothingHere();
    const exposure = narrow(endpoint, c.req.raw.headers, settings.readOnly);
    return mcp.fetch(c.req.raw, exposure, c.get('principal'));
  });
  app.route('/', createMetricsRoute({ metrics: settings.metrics, open: settings.openMetrics, authenticated }));
  app.route('/', createEvents({ feed: settings.feed, standing }));
  app.route('/', createDocuments(settings.documents ?? [], db, authenticated));
  app.route('/', createRest(settings.invoke, settings.resources, db));
  app.route(actionsPath, createActions(settings.invoke));
  return { app, close: mcp.close };
}

function refuseWrite(): never {
  throw readOnlyServer();
}

function nothingHere(): AppError {
  return new AppError('NOT_FOUND', 'There is nothing at this address.', 'See /docs for the tools and /mcp for MCP.');
}
