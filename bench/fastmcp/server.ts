import type { Target } from '../mcp/requests.ts';
import { peerTools, runPeerTool } from '../mcp/tools.ts';
import { freePort } from '../support/free-port.ts';
import { type Served, serveChild, type Undo } from '../support/serve-child.ts';

/** What is used of the package, which is installed here only when a benchmark asks for it. */
interface FastMcpModule {
  readonly FastMCP: new (options: {
    name: string;
    version: string;
    logger: unknown;
  }) => {
    addTool(tool: Record<string, unknown>): void;
    start(options: {
      transportType: 'httpStream';
      httpStream: { host: string; port: number; stateless: boolean; enableJsonResponse: boolean };
    }): Promise<void>;
    stop(): Promise<void>;
  };
}

/** It logs every request on the console, whose cost is not what is compared. */
const logger = { debug() {}, error() {}, info() {}, log() {}, warn() {} };

await serveChild(start);

/** The package's stateless mode with JSON answers; it speaks the revisions up to 2025-11-25. */
async function start(_: null, undo: Undo): Promise<Served> {
  const packageName: string = 'fastmcp';
  const { FastMCP } = (await import(packageName)) as FastMcpModule;
  const server = new FastMCP({ name: 'peer', version: '0.0.0', logger });
  for (const tool of peerTools()) {
    server.addTool({
      name: tool.name,
      description: tool.description,
      annotations: { title: tool.title, readOnlyHint: tool.effect === 'read' },
      parameters: tool.input,
      outputSchema: tool.output,
      execute: (args: unknown) => runPeerTool(tool, args),
    });
  }
  const port = await freePort();
  await server.start({
    transportType: 'httpStream',
    httpStream: { host: '127.0.0.1', port, stateless: true, enableJsonResponse: true },
  });
  const info: Target = { port, path: '/mcp', era: '2025-11-25' };
  undo(() => server.stop());
  return { info };
}
