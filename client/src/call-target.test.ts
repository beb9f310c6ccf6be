import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { findTarget } from './call-target.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

const none = { url: undefined, token: undefined, dataDir: '/nonexistent' };

test('a field of the tool keeps its name: --url is the webhook, not the server', async () => {
  const url = await describing({ url: { type: 'string' } });
  const target = await findTarget('put_hook', ['--url', 'https://example.com', '--token', 't'], {}, { ...none, url });
  expect(target.server).toEqual({ url, token: 't' });
  expect(target.words).toEqual(['--url', 'https://example.com']);
});

test('without such a field --url names the server, whatever else is configured', async () => {
  const url = await describing({});
  const configured = { ...none, url: 'http://127.0.0.1:1', token: 't' };
  const target = await findTarget('put_hook', [`--url=${url}`, '--name', 'x'], {}, configured);
  expect(target).toMatchObject({ server: { url, token: 't' }, words: ['--name', 'x'] });
});

test('a former name of a tool still finds it', async () => {
  const url = await describing({});
  const target = await findTarget('make-hook', [], {}, { ...none, url });
  expect(target.tool.name).toBe('put_hook');
});

/** A server that describes one tool with these fields. */
async function describing(properties: object): Promise<string> {
  const operation = {
    operationId: 'put_hook',
    summary: 'Put a hook',
    description: '',
    tags: ['system'],
    'x-effect': 'write',
    'x-scope': 'system:write',
    'x-aliases': ['make_hook'],
    requestBody: { content: { 'application/json': { schema: { type: 'object', properties } } } },
  };
  const server = createServer((_, response) => response.end(JSON.stringify({ paths: { a: { post: operation } } })));
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
