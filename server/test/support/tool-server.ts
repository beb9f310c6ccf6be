import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface ServedTool {
  /** Answers the structured result; throws for a result that is an error. It may take its time. */
  run(args: Record<string, unknown>): unknown;
  readonly idempotent?: boolean;
}

export interface ToolServer {
  readonly url: string;
  /** Every call that came, in order. */
  readonly calls: { readonly tool: string; readonly args: Record<string, unknown> }[];
  /** Flags of a server that has it declared as `name` and reaches it. */
  flags(name: string): string[];
  stop(): Promise<void>;
}

interface Message {
  readonly id?: number | string;
  readonly method: string;
  readonly params?: { readonly name?: string; readonly arguments?: Record<string, unknown> };
}

/** An MCP server over HTTP that outlives the servers under test, and tells what came. */
export async function startToolServer(tools: Readonly<Record<string, ServedTool>>): Promise<ToolServer> {
  const calls: { tool: string; args: Record<string, unknown> }[] = [];

  async function answer({ method, params }: Message): Promise<object> {
    if (method === 'initialize') {
      return {
        protocolVersion: '2025-11-25',
        capabilities: { tools: {} },
        serverInfo: { name: 'tools', version: '1' },
      };
    }
    if (method === 'tools/list') {
      const listed = Object.entries(tools).map(([name, { idempotent = false }]) => ({
        name,
        inputSchema: { type: 'object' },
        annotations: { idempotentHint: idempotent },
      }));
      return { tools: listed };
    }
    if (method !== 'tools/call') return {};
    const { name = '', arguments: args = {} } = params ?? {};
    calls.push({ tool: name, args });
    try {
      const structuredContent = await tools[name]?.run(args);
      return { content: [{ type: 'text', text: JSON.stringify(structuredContent) }], structuredContent };
    } catch (error) {
      return { content: [{ type: 'text', text: String(error) }], isError: true };
    }
  }

  async function serve(request: IncomingMessage): Promise<{ status: number; body?: object }> {
    if (request.method !== 'POST') return { status: 405 };
    const message = JSON.parse(await text(request)) as Message;
    if (message.id === undefined) return { status: 202 };
    if (message.method === 'server/discover') {
      return { status: 200, body: { id: message.id, error: { code: -32_601, message: 'Method not found' } } };
    }
    return { status: 200, body: { id: message.id, result: await answer(message) } };
  }

  const server = createServer((request, response) => {
    void serve(request).then(({ status, body }) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(body && JSON.stringify({ jsonrpc: '2.0', ...body }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
  return {
    url,
    calls,
    flags: (name) => ['--workflows-servers', JSON.stringify([{ name, url }]), '--egress-allow', '127.0.0.1/32'],
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
