import { type Failure, TuttiError } from './error.ts';

export type Fetch = typeof globalThis.fetch;

/** Sends a request and answers its JSON. Everything else, also silence, is thrown as `TuttiError`. */
export async function requestJson(fetch: Fetch, url: URL, init: RequestInit = {}): Promise<unknown> {
  const { status, ok, text } = await send(fetch, url, init);
  const body = parse(text);
  if (ok && body !== undefined) return body;
  throw new TuttiError(isEnvelope(body) ? body.error : notOurs(url, status, text), status);
}

/** The address of a path below the server's own, which may have a path itself when a proxy stands in front. */
export function addressOf(base: string, path: string): URL {
  return new URL(path, base.endsWith('/') ? base : `${base}/`);
}

async function send(fetch: Fetch, url: URL, init: RequestInit) {
  try {
    const response = await fetch(url, init);
    return { status: response.status, ok: response.ok, text: await response.text() };
  } catch (cause) {
    throw new TuttiError(
      {
        code: 'UNAVAILABLE',
        message: `Nothing answers at ${url.origin}.`,
        suggestion: 'Start the server with `tutti serve`, or give the address of a running one.',
        retryable: true,
      },
      undefined,
      { cause },
    );
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isEnvelope(body: unknown): body is { error: Failure } {
  const { error } = (body ?? {}) as { error?: Partial<Failure> };
  return typeof error?.code === 'string' && typeof error.message === 'string';
}

/** A proxy's page, or another program's answer: foreign text, so it stays data. */
function notOurs(url: URL, status: number, text: string): Failure {
  return {
    code: 'UNEXPECTED_ANSWER',
    message: `What answered with status ${status} at ${url.origin} does not speak as Tutti does.`,
    suggestion: 'Check the address, and any proxy on the way.',
    retryable: status >= 500,
    details: { untrusted: true, source: url.origin, text: text.slice(0, 2000) },
  };
}
