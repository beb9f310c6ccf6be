import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface DescribingServer {
  readonly url: string;
  /** The input of every call that came, as JSON. */
  readonly calls: readonly string[];
  close(): void;
}

/** A server that describes one tool, `put_hook`, and takes note of its calls: for tools that no capability brings yet. */
export async function describingServer(effect: string, properties: object): Promise<DescribingServer> {
  const operation = {
    operationId: 'put_hook',
    summary: 'Put a hook',
    description: '',
    tags: ['system'],
    'x-effect': effect,
    'x-scope': 'system:write',
    'x-aliases': ['make_hook'],
    requestBody: { content: { 'application/json': { schema: { type: 'object', properties } } } },
  };
  const calls: string[] = [];
  const server = createServer((request, response) => {
    if (request.method !== 'POST') {
      response.end(JSON.stringify({ paths: { '/tools/put_hook': { post: operation } } }));
      return;
    }
    void request.toArray().then((chunks) => {
      calls.push(Buffer.concat(chunks).toString());
      response.end('{"done": true}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, calls, close: () => server.close() };
}
