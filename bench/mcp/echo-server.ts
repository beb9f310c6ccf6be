import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createCatalogue } from '../../server/src/core/catalogue.ts';
import { type Served, serveChild, type Undo } from '../support/serve-child.ts';
import type { Target } from './requests.ts';
import { peerTools, runPeerTool } from './tools.ts';

await serveChild(start);

/** The floor: Node's own server, which parses the JSON, calls, and writes JSON. No protocol, no checks. */
async function start(_: null, undo: Undo): Promise<Served> {
  const tools = peerTools();
  const byName = new Map(tools.map((tool) => [tool.name, tool]));
  const faces = createCatalogue(tools).faces.map(
    ({ name, title, description, inputSchema, outputSchema, annotations }) => ({
      name,
      title,
      description,
      inputSchema,
      outputSchema,
      annotations,
    }),
  );
  const answer = async (text: string) => {
    const { id, method, params } = JSON.parse(text);
    if (method === 'tools/list') return JSON.stringify({ jsonrpc: '2.0', id, result: { tools: faces } });
    const tool = byName.get(params.name);
    if (!tool) throw new Error(`no tool ${params.name}`);
    const output = await runPeerTool(tool, params.arguments);
    const content = [{ type: 'text', text: JSON.stringify(output) }];
    return JSON.stringify({ jsonrpc: '2.0', id, result: { structuredContent: output, content } });
  };
  const listener = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    const finish = async () => {
      const body = Buffer.from(await answer(Buffer.concat(chunks).toString()));
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length }).end(body);
    };
    request.on('end', () => void finish());
  });
  undo(() => {
    listener.close();
    listener.closeAllConnections();
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const info: Target = { port: (listener.address() as AddressInfo).port, path: '/', era: '2026-07-28' };
  return { info };
}
