import { Agent, fetch, type RequestInit, type Response } from 'undici';
import { type AddressOf, type AddressSettings, addressCheck, isLiteral, refused } from './egress-address.ts';
import { capBody } from './egress-body.ts';
import { AppError, untrusted } from './errors.ts';
import { type Span, traceContext, traced, traceEvent } from './telemetry/trace.ts';

export interface EgressSettings extends AddressSettings {
  readonly timeoutMs: number;
  readonly maxBytes: number;
  readonly maxRedirects: number;
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
  const addressOf = addressCheck(settings);

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

export interface EgressFetchSettings extends AddressSettings {
  /** Largest body, in bytes; of a stream of events the largest event. */
  readonly maxBytes: number;
}

/** `fetch` for long talks with one server. */
export interface EgressFetch {
  /**
   * Answers as soon as the head is there; the body is a stream without a limit in time: give a signal. Redirects are not
   * followed. Throws `EGRESS_REFUSED` for an address that is not allowed, and for the rest what `fetch` throws.
   */
  fetch(url: string | URL, init?: globalThis.RequestInit): Promise<globalThis.Response>;
  /** Ends its connections, whatever runs on them. */
  close(): Promise<void>;
}

/**
 * The streaming variant of the egress: connections are kept, and each new one goes to an address that was checked as it
 * was resolved.
 */
export function createEgressFetch(settings: EgressFetchSettings): EgressFetch {
  const addressOf = addressCheck(settings);
  const agent = new Agent({
    connect: {
      timeout: 10_000,
      lookup: (name, options, done) => {
        addressOf(name).then(
          (address) => (options.all ? done(null, [address]) : done(null, address.address, address.family)),
          (error: Error) => done(error, '', 0),
        );
      },
    },
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  return {
    async fetch(url, init = {}) {
      const target = checkUrl(String(url));
      await checkLiteral(target, addressOf);
      const headers = { ...Object.fromEntries(new Headers(init.headers)), ...traceContext() };
      const sent = { ...init, headers, redirect: 'manual', dispatcher: agent } as RequestInit;
      const response = await fetch(target, sent).catch((error: unknown) => {
        throw error instanceof Error && error.cause instanceof AppError ? error.cause : error;
      });
      return capBody(response as unknown as globalThis.Response, settings.maxBytes);
    },
    close: () => agent.destroy(),
  };
}

/** An address that is written as such is never looked up, so it is checked before. */
async function checkLiteral(target: URL, addressOf: AddressOf): Promise<void> {
  if (isLiteral(target.hostname)) await addressOf(target.hostname);
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
