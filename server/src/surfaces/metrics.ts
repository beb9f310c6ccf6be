import { type Context, Hono, type MiddlewareHandler } from 'hono';
import { AppError } from '../core/errors.ts';
import { isLoopback } from '../core/settings.ts';
import type { Metrics } from '../core/telemetry/metrics.ts';
import { peerAddress } from './address.ts';
import type { Env } from './http.ts';

const scope = 'system:read';

/** Classes of routes; a path of a caller's making never becomes a label. */
const routes = new Set([
  'mcp',
  'tools',
  'actions',
  'resources',
  'objects',
  'events',
  'hooks',
  'openapi',
  'openapi.json',
  'docs',
  'healthz',
  'readyz',
  'metrics',
  '.well-known',
  'artifacts',
  'config',
  'schemas',
]);
const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS']);

/** Measures every request by the class of its route. */
export function measured(metrics: Metrics): MiddlewareHandler<Env> {
  return async (c, next) => {
    const started = performance.now();
    await next();
    const first = c.req.path.split('/', 2)[1] ?? '';
    const route = routes.has(first) ? first : 'other';
    const method = methods.has(c.req.method) ? c.req.method : 'other';
    metrics.request(route, method, c.res.status, (performance.now() - started) / 1000);
  };
}

export interface MetricsRouteSettings {
  readonly metrics: Metrics;
  /** Callers on this machine need no token. */
  readonly open: boolean;
  readonly authenticated: MiddlewareHandler<Env>;
}

/** `GET /metrics` for Prometheus, to whoever may read the system. */
export function createMetricsRoute({ metrics, open, authenticated }: MetricsRouteSettings): Hono<Env> {
  const app = new Hono<Env>();
  app.get(
    '/metrics',
    (c, next) => (open && isLocal(c) ? next() : authenticated(c, next)),
    async (c) => {
      // Absent for a caller on this machine, where that is allowed.
      const principal = c.get('principal') as Env['Variables']['principal'] | undefined;
      if (principal && !principal.scopes.has(scope)) throw forbidden();
      return c.body(await metrics.text(), 200, { 'content-type': metrics.contentType });
    },
  );
  return app;
}

/** Whether a request began on this machine: a proxy's does not, though its last part did. */
function isLocal(c: Context<Env>): boolean {
  const address = peerAddress(c);
  const forwarded = ['forwarded', 'x-forwarded-for', 'via'].some((name) => c.req.header(name) !== undefined);
  return isLoopback(address.replace(/^::ffff:/, '')) && isLoopback(hostOf(c)) && !forwarded;
}

function hostOf(c: Context<Env>): string {
  const url = `http://${c.req.header('host')}`;
  return URL.canParse(url) ? new URL(url).hostname.replace(/^\[(.*)\]$/, '$1') : '';
}

function forbidden(): AppError {
  return new AppError(
    'FORBIDDEN',
    `This token lacks the scope ${scope}, which /metrics needs.`,
    `Ask the operator for a token with it: tutti token create <name> --grant ${scope}`,
    { required_scope: scope },
  );
}
