import type { PostgresConnection } from '../support/postgres-process.ts';
import { calledInput, calledTool, toolCount } from './tools.ts';

export type Method = 'tools/call' | 'tools/list';

/** How one side is reached, as its process says when it is ready. */
export interface Target {
  readonly port: number;
  readonly path: string;
  readonly era: '2026-07-28' | '2025-11-25';
  readonly token?: string;
}

/** What a process of Tutti is started with. */
export interface TuttiServer {
  /** Where its traces go; without it there are none. */
  readonly collector?: string;
  /** A database that it shares with others, instead of one of its own. */
  readonly shared?: PostgresConnection;
}

/** The bytes that the official client sends for one call in this revision of the protocol. */
export function httpRequest(method: Method, target: Target): string {
  const modern = target.era === '2026-07-28';
  const own = method === 'tools/call' ? { name: calledTool, arguments: calledInput } : {};
  const params = modern ? { ...own, _meta: envelope } : own;
  const body = JSON.stringify({ method, params, jsonrpc: '2.0', id: 1 });
  const headers = [
    `POST ${target.path} HTTP/1.1`,
    `host: 127.0.0.1:${target.port}`,
    'connection: keep-alive',
    ...(target.token ? [`authorization: Bearer ${target.token}`] : []),
    `mcp-protocol-version: ${target.era}`,
    ...(modern ? [`mcp-method: ${method}`] : []),
    ...(modern && method === 'tools/call' ? [`mcp-name: ${calledTool}`] : []),
    'content-type: application/json',
    'accept: application/json, text/event-stream',
    'accept-language: *',
    'sec-fetch-mode: cors',
    'user-agent: node',
    'accept-encoding: gzip, deflate',
    `content-length: ${Buffer.byteLength(body)}`,
  ];
  return `${headers.join('\r\n')}\r\n\r\n${body}`;
}

const envelope = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: 'bench', version: '1' },
  'io.modelcontextprotocol/clientCapabilities': {},
};

/** Throws unless an answer is the one that every side owes. */
export function checkAnswer(method: Method, body: string): void {
  const { result } = JSON.parse(body) as {
    result?: { tools?: unknown[]; structuredContent?: { id?: string }; isError?: boolean };
  };
  const right =
    method === 'tools/list'
      ? result?.tools?.length === toolCount
      : result?.structuredContent?.id === calledInput.item_id && !result.isError;
  if (!right) throw new Error(`not the answer of ${method}: ${body.slice(0, 500)}`);
}
