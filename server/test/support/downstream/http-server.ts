import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An MCP server over HTTP, sessions of revision 2025-11-25, whose tools fail as they are named. */
export interface HttpServer {
  readonly url: string;
  /** What came: methods of MCP, `DELETE`, and `401` for each refused credential. */
  readonly seen: string[];
  /** The `Authorization` of the last request. */
  authorization(): string | undefined;
  /** Forgets all sessions, as a restart does. */
  forget(): void;
  stop(): Promise<void>;
}

export interface HttpServerOptions {
  /** Decides about the `Authorization` header; by default all may come. */
  readonly allow?: (authorization: string | undefined, url: string) => Promise<boolean> | boolean;
  /** Where tokens for it come from, told to who comes without. */
  readonly issuer?: string;
  /** The status for an unknown session: 404 by the standard, 400 of many servers. */
  readonly lostStatus?: number;
}

interface Message {
  readonly id?: number | string;
  readonly method: string;
  readonly params?: { readonly name?: string; readonly arguments?: Record<string, unknown> };
}

export async function startHttpServer(options: HttpServerOptions = {}): Promise<HttpServer> {
  const { allow = () => true, issuer, lostStatus = 404 } = options;
  const seen: string[] = [];
  const sessions = new Set<string>();
  let authorization: string | undefined;
  let url = '';
  const server = createServer((request, response) => void serve(request, response).catch(() => response.destroy()));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  url = `${base}/mcp`;

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.url?.startsWith('/.well-known/oauth-protected-resource')) {
      return json(response, issuer ? 200 : 404, { resource: url, authorization_servers: issuer ? [issuer] : [] });
    }
    if (request.url === '/elsewhere') return void response.writeHead(307, { location: 'http://192.0.2.1/mcp' }).end();
    authorization = request.headers.authorization;
    if (!(await allow(authorization, url))) {
      seen.push('401');
      const challenge = `Bearer resource_metadata="${base}/.well-known/oauth-protected-resource/mcp"`;
      return void response.writeHead(401, { 'www-authenticate': challenge }).end();
    }
    const session = request.headers['mcp-session-id'];
    if (request.method === 'GET') return void response.writeHead(405).end();
    if (request.method === 'DELETE') {
      seen.push('DELETE');
      sessions.delete(String(session));
      return void response.writeHead(200).end();
    }
    const message = (await bodyOf(request)) as Message;
    seen.push(message.params?.name ?? message.method);
    if (message.method === 'initialize') return initialise(response, message);
    if (message.method === 'server/discover') return error(response, message, -32_601, 'Method not found');
    if (!sessions.has(String(session))) return json(response, lostStatus, { message: 'No valid session ID provided' });
    if (message.id === undefined) return void response.writeHead(202).end();
    await answer(response, message);
  }

  function initialise(response: ServerResponse, message: Message): void {
    const session = `s-${sessions.size}-${seen.length}`;
    sessions.add(session);
    response.setHeader('mcp-session-id', session);
    result(response, message, {
      protocolVersion: '2025-11-25',
      capabilities: { tools: {} },
      serverInfo: { name: 'http', version: '1' },
    });
  }

  async function answer(response: ServerResponse, message: Message): Promise<void> {
    if (message.method === 'ping') return result(response, message, {});
    if (message.method === 'tools/list') {
      return result(response, message, {
        tools: Object.keys(tools).map((name) => ({ name, inputSchema: { type: 'object' } })),
      });
    }
    const tool = tools[message.params?.name ?? ''];
    if (!tool) return error(response, message, -32_602, 'Unknown tool');
    tool(response, message);
  }

  return {
    url,
    seen,
    authorization: () => authorization,
    forget: () => sessions.clear(),
    stop: () => new Promise((resolve) => server.close(() => resolve()).closeAllConnections()),
  };
}

const text = (value: string) => ({ content: [{ type: 'text', text: value }] });

const tools: Record<string, (response: ServerResponse, message: Message) => void> = {
  echo: (response, message) => result(response, message, text(String(message.params?.arguments?.text))),
  stream(response, { id }) {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end(`data: ${JSON.stringify({ jsonrpc: '2.0', id, result: text('streamed') })}\n\n`);
  },
  /** The connection breaks before the head of an answer. */
  cut: (response) => void response.destroy(),
  /** It breaks in the middle of the stream. */
  cut_stream(response) {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(': one moment\n\n', () => response.destroy());
  },
  /** The stream ends in order, without the answer. */
  end_stream: (response) => void response.writeHead(200, { 'content-type': 'text/event-stream' }).end(': so long\n\n'),
  not_json: (response) => void response.writeHead(200, { 'content-type': 'application/json' }).end('<html>'),
  html: (response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<html>'),
  broken_event: (response) =>
    void response.writeHead(200, { 'content-type': 'text/event-stream' }).end('data: {"jsonrpc": \n\n'),
  wrong_id: (response, message) => result(response, { ...message, id: 999 }, text('for somebody else')),
  large: (response, message) => result(response, message, text('x'.repeat(4 * 2 ** 20))),
  large_stream(response, { id }) {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end(`data: ${JSON.stringify({ jsonrpc: '2.0', id, result: text('x'.repeat(4 * 2 ** 20)) })}\n\n`);
  },
  status_500: (response) => void response.writeHead(500).end('it broke'),
  status_502: (response) => void response.writeHead(502).end('lost it'),
  status_503: (response) => void response.writeHead(503).end('too busy'),
  hang: () => undefined,
};

function result(response: ServerResponse, { id }: Message, value: object): void {
  json(response, 200, { jsonrpc: '2.0', id, result: value });
}

function error(response: ServerResponse, { id }: Message, code: number, message: string): void {
  json(response, 200, { jsonrpc: '2.0', id, error: { code, message } });
}

function json(response: ServerResponse, status: number, value: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString());
}
