import { lookup as resolve } from 'node:dns/promises';
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { Agent, fetch, type RequestInit, type Response } from 'undici';
import { AppError, untrusted } from './errors.ts';
import { type Span, traceContext, traced, traceEvent } from './telemetry/trace.ts';

export interface EgressSettings {
  /** Addresses or CIDR ranges that are allowed although they are not public. */
  readonly allow: readonly string[];
  readonly timeoutMs: number;
  readonly maxBytes: number;
  readonly maxRedirects: number;
  /** Resolves a name; by default the resolver of the system. */
  readonly lookup?: (hostname: string) => Promise<{ address: string; family: number }>;
}

export interface EgressRequest {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  readonly signal?: AbortSignal;
}

export interface EgressResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Buffer;
}

/** The only way to the outside: `fetch` to public addresses, capped in time and size. */
export type Egress = (url: string, request?: EgressRequest) => Promise<EgressResponse>;

/** Headers that must not follow a redirect to another origin. */
const credentials = ['authorization', 'cookie', 'proxy-authorization'];

/**
 * Makes the egress. A name is resolved once and the connection goes to exactly that address, so an answer that changes
 * between the check and the connection changes nothing; each redirect is checked like the first URL.
 */
export function createEgress(settings: EgressSettings): Egress {
  const allowed = settings.allow.map(parseRange);
  const lookup = settings.lookup ?? ((hostname) => resolve(hostname));

  return async (url, request = {}) => {
    const target = checkUrl(url);
    const method = request.method ?? 'GET';
    // No path and no query: either may hold a credential, as the addresses of webhooks do.
    const facts = { 'http.request.method': method, 'server.address': target.hostname, 'server.port': portOf(target) };
    return traced(method, { kind: 'client', facts }, (span) => exchange(target, request, span));
  };

  async function exchange(first: URL, request: EgressRequest, span: Span): Promise<EgressResponse> {
    const timeout = AbortSignal.timeout(settings.timeoutMs);
    const signal = request.signal ? AbortSignal.any([timeout, request.signal]) : timeout;
    let target = first;
    let init: RequestInit = {
      method: request.method ?? 'GET',
      headers: { ...request.headers, ...traceContext() },
      ...(request.body === undefined ? {} : { body: request.body }),
      redirect: 'manual',
      signal,
    };
    for (let redirects = 0; ; redirects += 1) {
      const response = await send(target, init);
      span.set({ 'http.response.status_code': response.status });
      const location = response.headers.get('location');
      if (response.status < 300 || response.status > 399 || location === null) {
        if (response.status >= 400) span.outcome(String(response.status));
        return { status: response.status, headers: new Headers([...response.headers]), body: await read(response) };
      }
      await response.body?.cancel();
      traceEvent('redirect', { 'http.response.status_code': response.status });
      if (redirects === settings.maxRedirects) throw refused(`More than ${settings.maxRedirects} redirects.`);
      const next = checkUrl(new URL(location, target).href);
      init = follow(init, response.status, next.origin === target.origin);
      target = next;
    }
  }

  async function send(target: URL, init: RequestInit): Promise<Response> {
    const address = await addressOf(target.hostname);
    const agent = new Agent({
      connect: {
        lookup: (_name, options, done) =>
          options.all ? done(null, [address]) : done(null, address.address, address.family),
      },
      connections: 1,
      pipelining: 0,
    });
    try {
      return await fetch(target, { ...init, dispatcher: agent });
    } catch (error) {
      throw unreachable(target, error);
    } finally {
      // Ends once the body is read or cancelled.
      void agent.close().catch(() => undefined);
    }
  }

  async function addressOf(hostname: string): Promise<{ address: string; family: number }> {
    const bare = hostname.replace(/^\[|\]$/g, '');
    const family = isIP(bare);
    const found = family
      ? { address: bare, family }
      : await lookup(bare).catch(() => {
          throw new AppError(
            'UPSTREAM_FAILED',
            `The name ${bare} does not resolve.`,
            'Check the host name in the URL.',
          );
        });
    if (!isAllowed(found.address)) {
      throw refused('The URL leads to an address that is not public.', { host: bare });
    }
    return found;
  }

  function isAllowed(text: string): boolean {
    const address = ipaddr.process(text); // IPv4-mapped IPv6 becomes IPv4
    if (isPublic(address)) return true;
    return allowed.some(([range, bits]) => address.kind() === range.kind() && address.match(range, bits));
  }

  async function read(response: Response): Promise<Buffer> {
    const chunks: Uint8Array[] = [];
    let size = 0;
    try {
      for await (const chunk of response.body ?? []) {
        size += chunk.length;
        if (size > settings.maxBytes) throw refused(`The answer is larger than ${settings.maxBytes} bytes.`);
        chunks.push(chunk);
      }
    } catch (error) {
      if (error instanceof AppError) throw error;
      throw unreachable(new URL(response.url || 'http://unknown'), error);
    }
    return Buffer.concat(chunks);
  }
}

function checkUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:'))
    throw refused('Only http and https URLs are allowed.');
  if (url.username || url.password) throw refused('A URL must not carry a user name or password.');
  return url;
}

function portOf({ port, protocol }: URL): number {
  return port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port);
}

function follow(init: RequestInit, status: number, sameOrigin: boolean): RequestInit {
  const headers = new Headers(init.headers as Record<string, string>);
  if (!sameOrigin) for (const name of credentials) headers.delete(name);
  const { body, ...rest } = init;
  const asGet = status === 303 || ((status === 301 || status === 302) && init.method === 'POST');
  if (asGet) return { ...rest, method: 'GET', headers: Object.fromEntries(headers) };
  return { ...rest, headers: Object.fromEntries(headers), ...(body === undefined ? {} : { body }) };
}

/** Global unicast of IPv6; all else there is special: site-local, translated or mapped IPv4, discard. */
const global6 = ipaddr.IPv6.parseCIDR('2000::/3');
/** Benchmarking networks, and the address at which Azure's hosts serve their metadata. */
const special4 = ['198.18.0.0/15', '168.63.129.16/32'].map((range) => ipaddr.IPv4.parseCIDR(range));

function isPublic(address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  if (address.range() !== 'unicast') return false;
  if (address instanceof ipaddr.IPv6) return address.match(global6);
  return !special4.some((range) => address.match(range));
}

function parseRange(text: string): [ipaddr.IPv4 | ipaddr.IPv6, number] {
  if (text.includes('/')) return ipaddr.parseCIDR(text);
  const address = ipaddr.parse(text);
  return [address, address.kind() === 'ipv4' ? 32 : 128];
}

function refused(message: string, details?: unknown): AppError {
  return new AppError(
    'EGRESS_REFUSED',
    message,
    'Use a public http(s) address, or ask the operator to list this one.',
    details,
  );
}

function unreachable(target: URL, error: unknown): AppError {
  const aborted = error instanceof Error && (error.name === 'TimeoutError' || error.name === 'AbortError');
  const text = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
  return new AppError(
    aborted ? 'TIMED_OUT' : 'UPSTREAM_FAILED',
    aborted ? 'The other side did not answer in time.' : 'The other side could not be reached.',
    'Try again later; check that the service is up.',
    { host: target.host, cause: untrusted('network', text, 300) },
  );
}
