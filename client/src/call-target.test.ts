import { afterEach, expect, test } from 'vitest';
import { type DescribingServer, describingServer } from '../test/describing-server.ts';
import { findTarget } from './call-target.ts';

const servers: DescribingServer[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function describing(properties: object): Promise<string> {
  const server = await describingServer('write', properties);
  servers.push(server);
  return server.url;
}

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
