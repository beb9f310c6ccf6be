import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server';
import { type Served, serveChild, type Undo } from '../support/serve-child.ts';
import type { Target } from './requests.ts';
import { peerTools, runPeerTool } from './tools.ts';

await serveChild(start);

/** The SDK's own way: an `McpServer` made for each request, with every tool registered on it. */
async function start(_: null, undo: Undo): Promise<Served> {
  const tools = peerTools();
  const build = () => {
    const server = new McpServer({ name: 'peer', version: '0.0.0' });
    for (const tool of tools) {
      const { title, description, input: inputSchema, output: outputSchema, effect } = tool;
      const annotations = { readOnlyHint: effect === 'read', destructiveHint: effect === 'destroy' };
      server.registerTool(tool.name, { title, description, inputSchema, outputSchema, annotations }, async (args) => {
        const output = await runPeerTool(tool, args);
        return { structuredContent: output, content: [{ type: 'text', text: JSON.stringify(output) }] };
      });
    }
    return server;
  };
  const handler = createMcpHandler(build);
  undo(() => handler.close());
  const answer = toNodeHandler(handler);
  const listener = createServer((request, response) => void answer(request as Parameters<typeof answer>[0], response));
  undo(() => {
    listener.close();
    listener.closeAllConnections();
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const info: Target = { port: (listener.address() as AddressInfo).port, path: '/mcp', era: '2026-07-28' };
  return { info };
}
