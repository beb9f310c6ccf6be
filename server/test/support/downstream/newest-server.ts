/** An MCP server that speaks revision 2026-07-28 alone: over stdio by itself, over HTTP where a test makes it. */
import { McpServer } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { z } from 'zod';

/** `changed` says that its tools are others than before: `second` has come. `noted` is told of calls of `hang`. */
export function newestServer(changed: () => boolean, noted: (what: string) => void = () => undefined): McpServer {
  const server = new McpServer({ name: 'newest', version: '1' }, { capabilities: { tools: { listChanged: true } } });
  const said = z.object({ text: z.string() });
  server.registerTool('echo', { inputSchema: said, outputSchema: said }, async ({ text }) => ({
    content: [{ type: 'text', text }],
    structuredContent: { text },
  }));
  server.registerTool('hang', {}, async ({ mcpReq }) => {
    noted('hang');
    await new Promise<void>((resolve) => mcpReq.signal.addEventListener('abort', () => resolve(), { once: true }));
    noted('given up');
    return { content: [] };
  });
  if (changed()) server.registerTool('second', {}, async () => ({ content: [{ type: 'text', text: 'two' }] }));
  return server;
}

if (process.argv[1] === import.meta.filename) serveStdio(() => newestServer(() => false), { legacy: 'reject' });
