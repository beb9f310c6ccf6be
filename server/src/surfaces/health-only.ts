import { Hono } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { asUnavailable } from '../core/db/database.ts';
import { AppError, envelope, errorRow } from '../core/errors.ts';
import type { Logger } from '../core/log.ts';
import type { Metrics } from '../core/telemetry/metrics.ts';
import { type AuthenticateSettings, authentication } from './authenticate.ts';
import { guardHosts } from './guard.ts';
import { createHealth } from './health.ts';
import type { Env } from './http.ts';
import { createMetricsRoute } from './metrics.ts';

export interface HealthOnlySettings {
  readonly log: Logger;
  readonly metrics: Metrics;
  /** Callers on this machine read the metrics without a token. */
  readonly openMetrics: boolean;
  readonly allowedHosts: readonly string[];
  readonly authenticate: AuthenticateSettings;
  /** Throws when the process cannot do its work now. */
  readonly ready: () => Promise<void>;
}

/** The HTTP of a process that serves nothing: `/healthz`, `/readyz` and `/metrics`. */
export function createHealthOnly(settings: HealthOnlySettings): Hono<Env> {
  const { log, metrics } = settings;
  const app = new Hono<Env>();
  app.onError((thrown, c) => {
    const error = asUnavailable(thrown);
    if (!(error instanceof AppError)) log.error({ error, path: c.req.path }, 'a request failed');
    const body = envelope(error);
    return c.json(body, errorRow(body.error.code).http as ContentfulStatusCode);
  });
  app.notFound((c) => c.json(envelope(noServer()), 404));
  app.use(guardHosts(settings.allowedHosts));
  app.route('/', createHealth(settings.ready, log));
  const authenticated = authentication(settings.authenticate);
  app.route('/', createMetricsRoute({ metrics, open: settings.openMetrics, authenticated }));
  return app;
}

function noServer(): AppError {
  return new AppError(
    'NOT_FOUND',
    'This is a worker: it has /healthz, /readyz and /metrics.',
    'Call a server of the same database.',
  );
}
