import { afterAll, beforeAll, expect, test } from 'vitest';
import { inTransaction } from '../src/core/db/database.ts';
import { appendEvent } from '../src/core/events/store.ts';
import { lakeOf } from './support/lake.ts';
import { connectors } from './support/mcp-clients.ts';
import { listenForUpdates, type McpListener } from './support/mcp-listen.ts';
import { startTestServer, type TestServer } from './support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

const uris = (from: number, count: number) => Array.from({ length: count }, (_, n) => `note://${from + n}`);

/** Appends an event about each of these notes, one after the other. */
async function change(notes: readonly string[]): Promise<void> {
  for (const uri of notes) {
    const event = { type: 'test.note', subject: uri.replace('://', ':'), toolset: 'lake', data: { uri } };
    await inTransaction(server.database.db, (tx) => appendEvent(tx, event));
  }
}

async function subscribers(count: number, wanted: readonly string[]): Promise<McpListener[]> {
  const made: McpListener[] = [];
  while (made.length < count) {
    const size = Math.min(50, count - made.length);
    const some = Array.from({ length: size }, () => listenForUpdates(server.url, server.admin, wanted));
    await Promise.all(some.map(({ subscribed }) => subscribed));
    made.push(...some);
  }
  return made;
}

async function told(listeners: readonly McpListener[], uri: string): Promise<void> {
  await expect.poll(() => listeners.filter((one) => !one.updates.includes(uri)).length, { timeout: 60_000 }).toBe(0);
}

test('a thousand MCP subscribers are told of everything, in order, beside fifty who read nothing', async () => {
  const wanted = uris(0, 50);
  const sleepers = await subscribers(50, wanted);
  for (const { socket } of sleepers) socket.pause();
  const readers = await subscribers(1000, wanted);
  await change(wanted);
  await told(readers, 'note://49');
  expect(readers.filter((reader) => reader.updates.join() !== wanted.join())).toEqual([]);
  for (const { socket } of sleepers) socket.resume();
  await told(sleepers, 'note://49');
  for (const one of [...readers, ...sleepers]) one.cut();
});

test('for a subscriber who reads nothing one update of each resource waits, however often it changes', async () => {
  // So long that the system's own buffers of a connection hold a part of them only.
  const wanted = uris(0, 20).map((uri) => uri.padEnd(20_000, 'x'));
  const end = 'note://end';
  const sleepers = await subscribers(5, [...wanted, end]);
  for (const { socket } of sleepers) socket.pause();
  const [reader] = (await subscribers(1, [end])) as [McpListener];
  const rounds = 50;
  for (let round = 0; round < rounds; round += 1) await change(wanted);
  await change([end]);
  await told([reader], end);
  for (const { socket } of sleepers) socket.resume();
  await told(sleepers, end);
  expect(Math.max(...sleepers.map(({ updates }) => updates.length))).toBeLessThan(wanted.length * rounds);
  for (const { updates } of sleepers) expect(new Set(updates)).toEqual(new Set([...wanted, end]));
  for (const one of [...sleepers, reader]) one.cut();
});

test('a subscriber who comes back reads what changed meanwhile, and is told of what changes from then on', async () => {
  const lake = lakeOf(server);
  const id = await lake.dataset('watched');
  const uri = `dataset://${id}`;
  const { client } = await (connectors['v2 client, negotiating'] as NonNullable<(typeof connectors)[string]>)(
    `${server.url}/mcp`,
    server.admin,
  );
  const read = async () => JSON.parse((await client.readResource({ uri })).contents[0].text);
  const touch = (key: string) => lake.upload(id, key, 'text').then(() => lake.commit(id, key));
  const [first] = (await subscribers(1, [uri])) as [McpListener];
  await touch('one');
  await told([first], uri);
  first.cut();
  await touch('two');
  const [second] = (await subscribers(1, [uri])) as [McpListener];
  expect(await read()).toMatchObject({ version: 'two' });
  // The event of the change before may come after the subscription; what counts is that none is missed.
  const before = second.updates.length;
  await touch('three');
  await expect.poll(() => second.updates.length, { timeout: 30_000 }).toBeGreaterThan(before);
  expect(await read()).toMatchObject({ version: 'three' });
  second.cut();
  await client.close();
});
