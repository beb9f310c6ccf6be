import { expect, test } from 'vitest';
import { readSettings } from './settings.ts';

const read = (servers: unknown, ...flags: string[]) =>
  readSettings(['--data-dir', '/tmp/tutti-none', '--workflows-servers', JSON.stringify(servers), ...flags], {});

test('a server is a command or a URL, with limits of its own', () => {
  const servers = [
    { name: 'mail', command: 'node', args: ['mail.js'], env: { KEY: 'secret:mail-key' } },
    { name: 'graph', url: 'https://graph.example.com/mcp', bearer: 'env:GRAPH_TOKEN', concurrency: 2 },
  ];
  expect(read(servers)['workflows.servers']).toMatchObject([
    { name: 'mail', concurrency: 8, timeout_s: 60, isolation: 'full' },
    { name: 'graph', concurrency: 2 },
  ]);
});

test.each<[object[], RegExp]>([
  [[{ name: 'mail' }], /either command or url/],
  [[{ name: 'mail', command: 'node', url: 'https://example.com' }], /either command or url/],
  [[{ name: 'mail', command: 'node', bearer: 'secret:x' }], /with a url only/],
  [[{ name: 'mail', url: 'https://example.com', env: { A: 'b' } }], /with a command only/],
  [[{ name: 'mail', url: 'https://example.com', bearer: 'the token itself' }], /never the value/],
  [[{ name: 'mail', url: 'file:///etc/passwd' }], /url/i],
  [[{ name: 'mail', url: 'https://a:b@example.com' }], /no user or password/],
  [[{ name: 'tutti', command: 'node' }], /our own tools/],
  [[{ name: 'a b', command: 'node' }], /short name/],
  [[{ name: 'mail', command: 'node', comand: 'x' }], /comand/],
  [
    [
      { name: 'mail', command: 'node' },
      { name: 'mail', command: 'deno' },
    ],
    /differ/,
  ],
])('%j stops the start with a sentence', (servers, words) => {
  expect(() => read(servers)).toThrow(words);
});

test('working directories are never in the data directory', () => {
  expect(() => read([], '--workflows-servers-dir', '/tmp/tutti-none/servers')).toThrow(/data directory/);
  expect(read([], '--workflows-servers-dir', '/tmp/tutti-none-servers')['workflows.servers_dir']).toBeDefined();
});
