import { type Context, Hono } from 'hono';
import type { Catalogue } from '../core/catalogue.ts';
import type { ErrorEnvelope } from '../core/errors.ts';
import { type Endpoint, endpointOf, leadsTo } from './exposure.ts';
import type { Env } from './http.ts';

/** What a caller without a token needs to know to get one. */
export interface Discovery {
  /** The OIDC issuer; undefined when there are bearer tokens only. */
  readonly issuer: string | undefined;
  /** The URLs by which this server is known, the preferred one first. */
  bases(): readonly string[];
}

const metadataPath = '/.well-known/oauth-protected-resource';

/** Protected-resource metadata (RFC 9728): for the server, and for each MCP endpoint with its path behind the same name. */
export function createWellKnown(discovery: Discovery, catalogue: Catalogue): Hono<Env> {
  const app = new Hono<Env>();
  if (discovery.issuer === undefined) return app;
  const metadata = (c: Context, path: string, endpoint: Endpoint) => ({
    resource: `${baseOf(c, discovery)}${path}`,
    authorization_servers: [discovery.issuer],
    scopes_supported: scopesOf(catalogue, endpoint),
    bearer_methods_supported: ['header'],
    resource_name: 'Tutti',
    resource_documentation: `${baseOf(c, discovery)}/docs`,
  });
  app.get(metadataPath, (c) => c.json(metadata(c, '', 'all')));
  app.get(`${metadataPath}/mcp/:toolset?`, (c) => {
    const endpoint = endpointOf(c.req.param('toolset'));
    if (endpoint === undefined) return c.notFound();
    return c.json(metadata(c, c.req.path.slice(metadataPath.length), endpoint));
  });
  return app;
}

/** The headers that go with an error: how to get a token, which scope is missing, when to come again. */
export function errorHeaders(
  c: Context,
  { code, details }: ErrorEnvelope['error'],
  discovery: Discovery,
  catalogue: Catalogue,
): Record<string, string> {
  const { retry_after_s: wait, required_scope: missing } = (details ?? {}) as Record<string, unknown>;
  if (code === 'RATE_LIMITED') return { 'retry-after': String(wait) };
  if (code === 'UNAUTHENTICATED') {
    const presented = c.req.header('authorization') !== undefined;
    return challenge({
      ...(presented && { error: 'invalid_token' }),
      ...metadataOf(c, discovery),
      scope: wantedScopes(c.req.path, catalogue).join(' '),
    });
  }
  if (code === 'FORBIDDEN' && typeof missing === 'string') {
    return challenge({ error: 'insufficient_scope', scope: missing, ...metadataOf(c, discovery) });
  }
  return {};
}

function challenge(parameters: Readonly<Record<string, string>>): Record<string, string> {
  const said = Object.entries(parameters).filter(([, value]) => value !== '');
  return { 'www-authenticate': `Bearer ${said.map(([name, value]) => `${name}="${value}"`).join(', ')}`.trim() };
}

function metadataOf(c: Context, discovery: Discovery): Record<string, string> {
  if (discovery.issuer === undefined) return {};
  const path = endpointAt(c.req.path) === undefined ? '' : c.req.path;
  return { resource_metadata: `${baseOf(c, discovery)}${metadataPath}${path}` };
}

/** The base by which the caller called, if it is one of ours: a strange name in Host never comes back as our own. */
function baseOf(c: Context, discovery: Discovery): string {
  const bases = discovery.bases();
  const called = new URL(c.req.url).origin;
  return bases.find((base) => base === called) ?? bases[0] ?? called;
}

/** The MCP endpoint of a path; undefined for any other path. */
function endpointAt(path: string): Endpoint | undefined {
  const [, toolset] = /^\/mcp(?:\/([a-z]+))?$/.exec(path) ?? [];
  return path === '/mcp' || toolset !== undefined ? endpointOf(toolset) : undefined;
}

/** The scopes to ask for at an address. What destroys is not asked for until it is needed. */
function wantedScopes(path: string, catalogue: Catalogue): string[] {
  const endpoint = endpointAt(path);
  if (endpoint !== undefined) return scopesOf(catalogue, endpoint).filter((scope) => !scope.endsWith(':destroy'));
  const tool = /^(?:\/actions)?\/tools\/([^/]+)$/.exec(path)?.[1];
  const scope = tool === undefined ? undefined : catalogue.find(tool)?.face.scope;
  return scope === undefined ? [] : [scope];
}

function scopesOf(catalogue: Catalogue, endpoint: Endpoint): string[] {
  const shown = catalogue.faces.filter((face) => leadsTo(face.toolset, { endpoint }));
  return [...new Set(shown.map((face) => face.scope))].sort();
}
