import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { Client as FormerClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as FormerTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport as FormerTransportType } from '@modelcontextprotocol/sdk/shared/transport.js';

// biome-ignore lint/suspicious/noExplicitAny: what comes back is checked by the tests, and the clients type it differently
type Result = Promise<any>;

/** What both generations of the official client can do, with the same words. */
export interface AnyClient {
  listTools(params?: { cursor?: string }): Result;
  callTool(params: { name: string; arguments?: Record<string, unknown> }, options?: CallOptions): Result;
  listPrompts(): Result;
  getPrompt(params: { name: string; arguments?: Record<string, string> }): Result;
  complete(params: {
    ref: { type: 'ref/prompt'; name: string } | { type: 'ref/resource'; uri: string };
    argument: { name: string; value: string };
  }): Result;
  readResource(params: { uri: string }): Result;
  listResources(): Result;
  listResourceTemplates(): Result;
  getInstructions(): string | undefined;
  close(): Promise<void>;
}

interface CallOptions {
  readonly signal?: AbortSignal;
  readonly onprogress?: (progress: unknown) => void;
}

export interface Connected {
  readonly client: AnyClient;
  /** The protocol revision that both sides agreed on. */
  readonly revision: string | undefined;
}

type Connect = (url: string, token: string, headers?: Record<string, string>) => Promise<Connected>;

/** The official clients, connected over HTTP with a bearer token. */
export const connectors: Readonly<Record<string, Connect>> = {
  'v2 client, negotiating': (url, token, headers) => connect(url, bearer(token, headers), 'auto'),
  'v2 client, legacy': (url, token, headers) => connect(url, bearer(token, headers), 'legacy'),
  'v1 client': async (url, token, headers) => {
    const client = new FormerClient({ name: 'test', version: '1.0.0' });
    const transport = new FormerTransport(new URL(url), { requestInit: bearer(token, headers) });
    await client.connect(transport as FormerTransportType);
    // It takes a schema of the result before the options.
    const callTool: AnyClient['callTool'] = (params, options) =>
      FormerClient.prototype.callTool.call(client, params, undefined, options);
    return {
      client: Object.assign(client, { callTool }) as unknown as AnyClient,
      revision: transport.protocolVersion,
    };
  },
};

async function connect(url: string, requestInit: RequestInit, mode: 'auto' | 'legacy'): Promise<Connected> {
  const client = new Client({ name: 'test', version: '1.0.0' }, { versionNegotiation: { mode } });
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit }));
  return { client: client as unknown as AnyClient, revision: client.getNegotiatedProtocolVersion() };
}

const bearer = (token: string, headers: Record<string, string> = {}) => ({
  headers: { ...headers, authorization: `Bearer ${token}` },
});
