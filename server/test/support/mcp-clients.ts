import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { Client as FormerClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as FormerTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport as FormerTransportType } from '@modelcontextprotocol/sdk/shared/transport.js';

// biome-ignore lint/suspicious/noExplicitAny: what comes back is checked by the tests, and the clients type it differently
type Result = Promise<any>;

/** What both generations of the official client can do, with the same words. */
export interface AnyClient {
  listTools(): Result;
  callTool(params: { name: string; arguments?: Record<string, unknown> }): Result;
  readResource(params: { uri: string }): Result;
  listResources(): Result;
  listResourceTemplates(): Result;
  getInstructions(): string | undefined;
  close(): Promise<void>;
}

export interface Connected {
  readonly client: AnyClient;
  /** The protocol revision that both sides agreed on. */
  readonly revision: string | undefined;
}

type Connect = (url: string, token: string) => Promise<Connected>;

/** The official clients, connected over HTTP with a bearer token. */
export const connectors: Readonly<Record<string, Connect>> = {
  'v2 client, negotiating': (url, token) => connect(url, token, 'auto'),
  'v2 client, legacy': (url, token) => connect(url, token, 'legacy'),
  'v1 client': async (url, token) => {
    const client = new FormerClient({ name: 'test', version: '1.0.0' });
    const transport = new FormerTransport(new URL(url), { requestInit: bearer(token) });
    await client.connect(transport as FormerTransportType);
    return { client: client as unknown as AnyClient, revision: transport.protocolVersion };
  },
};

async function connect(url: string, token: string, mode: 'auto' | 'legacy'): Promise<Connected> {
  const client = new Client({ name: 'test', version: '1.0.0' }, { versionNegotiation: { mode } });
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: bearer(token) }));
  return { client: client as unknown as AnyClient, revision: client.getNegotiatedProtocolVersion() };
}

const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });
