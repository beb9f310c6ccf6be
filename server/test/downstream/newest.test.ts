import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler } from '@modelcontextprotocol/server';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDownstreamBench, type DownstreamBench, failureOf, until } from '../support/downstream/bench.ts';
import { newestServer } from '../support/downstream/newest-server.ts';

let changed = false;
const noted: string[] = [];
let handler: ReturnType<typeof createMcpHandler>;
let http: Server;
let bench: DownstreamBench;
beforeAll(async () => {
  const server = () =>
    newestServer(
      () => changed,
      (what) => noted.push(what),
    );
  handler = createMcpHandler(server, { legacy: 'reject' });
  const answer = toNodeHandler(handler);
  http = createServer((request, response) => void answer(request as Parameters<typeof answer>[0], response));
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const program = path.join(import.meta.dirname, '../support/downstream/newest-server.ts');
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/mcp`;
  bench = await createDownstreamBench(
    [
      { name: 'web', url },
      { name: 'pipe', command: process.execPath, args: [program] },
    ],
    { flags: ['--egress-allow', '127.0.0.1'] },
  );
});
afterAll(async () => {
  await bench.close();
  await handler.close();
  await new Promise((resolve) => http.close(resolve).closeAllConnections());
});

test.each(['web', 'pipe'])('%s: a server of the newest revision alone is called like any other', async (name) => {
  expect(await bench.downstream.call(name, 'echo', { text: 'x' })).toEqual({ text: 'x' });
  expect(await failureOf(bench.downstream.call(name, 'echo', { text: 3 }))).toMatchObject({ kind: 'tool_error' });
  expect(await failureOf(bench.downstream.call(name, 'hang', {}, { timeoutMs: 200 }))).toMatchObject({
    kind: 'timeout',
  });
  expect(await bench.downstream.call(name, 'echo', { text: 'y' })).toEqual({ text: 'y' });
});

test('a call that is given up ends at the server', async () => {
  noted.length = 0;
  const giveUp = new AbortController();
  const running = failureOf(bench.downstream.call('web', 'hang', {}, { signal: giveUp.signal }));
  await until(() => noted.includes('hang'));
  giveUp.abort();
  expect(await running).toMatchObject({ kind: 'canceled', sent: true });
  await until(() => noted.includes('given up'));
});

test('it tells that its tools have changed', async () => {
  expect((await bench.downstream.tools('web')).map(({ name }) => name)).not.toContain('second');
  changed = true;
  handler.notify.toolsChanged();
  await until(async () => (await bench.downstream.tools('web')).some(({ name }) => name === 'second'));
  expect(await bench.downstream.call('web', 'second', {})).toBe('two');
});
