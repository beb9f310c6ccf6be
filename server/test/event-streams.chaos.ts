import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { inTransaction } from '../src/core/db/database.ts';
import { appendEvent } from '../src/core/events/store.ts';
import { startTestServer, type TestServer } from './support/server.ts';
import { openSse } from './support/sse.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

async function inBatches<T>(count: number, make: (n: number) => Promise<T>): Promise<T[]> {
  const made: T[] = [];
  while (made.length < count) {
    const size = Math.min(50, count - made.length);
    made.push(...(await Promise.all(Array.from({ length: size }, (_, n) => make(made.length + n)))));
  }
  return made;
}

async function subscriber(uri: string) {
  const client = new Client({ name: 'test', version: '1.0.0' }, { versionNegotiation: { mode: 'auto' } });
  const requestInit = { headers: { authorization: `Bearer ${server.admin}` } };
  await client.connect(new StreamableHTTPClientTransport(new URL(`${server.url}/mcp`), { requestInit }));
  const told = Promise.withResolvers<void>();
  client.setNotificationHandler('notifications/resources/updated', () => told.resolve());
  await client.listen({ resourceSubscriptions: [uri] });
  return { told: told.promise, close: () => client.close() };
}

test('a thousand streams and two hundred MCP subscriptions of one process are told of everything', async () => {
  const events = 200;
  const tokens = await inBatches(100, async (n) => (await server.token(`reader ${n}`, ['reader'])).secret);
  const readers = await inBatches(1000, (n) => openSse(`${server.url}/events`, tokens[n % 100] ?? ''));
  const subscribers = await inBatches(200, () => subscriber('note://199'));
  await inBatches(events, (n) =>
    inTransaction(server.database.db, (tx) =>
      appendEvent(tx, { type: 'test.many', subject: `note:${n}`, toolset: 'lake', data: { n } }),
    ),
  );
  await Promise.all(readers.map((reader) => reader.until(events)));
  await Promise.all(subscribers.map(({ told }) => told));
  const order = readers[0]?.events.map((event) => event.id).join();
  expect(new Set(readers[0]?.events.map((event) => event.id)).size).toBe(events);
  expect(readers.filter((reader) => reader.events.map((event) => event.id).join() !== order)).toEqual([]);
  for (const reader of readers) reader.cut();
  await Promise.all(subscribers.map(({ close }) => close()));
});
