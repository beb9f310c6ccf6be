import { type JSONRPCMessage, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import type { EgressFetch } from '../../../../core/egress.ts';
import { createTracker, requestId } from '../tracker.ts';
import { DownstreamError } from '../types.ts';
import type { TokenSource } from './client-credentials.ts';

export interface HttpTransportNeeds {
  readonly url: URL;
  readonly fetch: EgressFetch['fetch'];
  readonly headers: Readonly<Record<string, string>>;
  readonly auth: TokenSource | undefined;
}

type SendOptions = Parameters<StreamableHTTPClientTransport['send']>[1];

/** Says which request a POST carries; it does not leave the house. */
const markHeader = 'x-tutti-request';
const reconnectionOptions = {
  initialReconnectionDelay: 500,
  maxReconnectionDelay: 5000,
  reconnectionDelayGrowFactor: 2,
  maxRetries: 2,
};

/** Streamable HTTP by the SDK, which on top tells each request whose answer will not come any more. */
export class HttpTransport extends StreamableHTTPClientTransport {
  readonly #tracker = createTracker((message) => this.onmessage?.(message));
  /** Requests whose answer was one document, which has been read when `send` returns. */
  readonly #documents: Set<string>;
  /** What came that was no answer; the next request that ends without one is told it. */
  #strange: string | undefined;

  constructor({ url, fetch, headers, auth }: HttpTransportNeeds) {
    const documents = new Set<string>();
    super(url, {
      fetch: noting(fetch, documents),
      requestInit: { headers: { ...headers } },
      ...(auth && { authProvider: auth }),
      reconnectionOptions,
    });
    this.#documents = documents;
    // The client keeps what is here already and calls it first.
    this.onmessage = (message) => {
      if (!this.#tracker.came(message)) this.#strange = 'It answered a request that was never made.';
    };
    this.onerror = (error) => {
      if (error.name === 'SyntaxError' || error.name === 'ZodError')
        this.#strange = 'It sent what is no message of MCP.';
      const large = /The answer is larger than \d+ bytes\./.exec(error.message)?.[0];
      if (large !== undefined) this.#strange = large;
    };
  }

  override async send(message: JSONRPCMessage, options?: SendOptions): Promise<void> {
    const id = requestId(message);
    if (id === undefined) return super.send(message, options);
    this.#tracker.sent(message);
    const mark = String(id);
    const lost = () => {
      options?.onRequestStreamEnd?.();
      this.#tracker.fail(id, this.#lostAnswer());
    };
    const headers = { ...options?.headers, [markHeader]: mark };
    await super.send(message, { ...options, headers, onRequestStreamEnd: lost }).catch((error: unknown) => {
      this.#tracker.forget(id);
      throw error;
    });
    if (this.#documents.delete(mark) && this.#tracker.isOpen(id)) this.#tracker.fail(id, this.#lostAnswer());
  }

  #lostAnswer(): DownstreamError {
    const strange = this.#strange;
    this.#strange = undefined;
    if (strange !== undefined) return new DownstreamError('bad_answer', strange, true);
    return new DownstreamError('closed_in_flight', 'The connection ended before the answer came.', true);
  }
}

/** Notes which answers are no streams. */
function noting(fetch: EgressFetch['fetch'], documents: Set<string>): EgressFetch['fetch'] {
  return async (url, init = {}) => {
    const headers = new Headers(init.headers);
    const mark = headers.get(markHeader);
    headers.delete(markHeader);
    const response = await fetch(url, { ...init, headers });
    const isStream = response.headers.get('content-type')?.includes('text/event-stream') === true;
    if (mark !== null && response.ok && !isStream) documents.add(mark);
    return response;
  };
}
