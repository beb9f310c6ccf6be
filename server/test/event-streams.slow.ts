import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { revokeToken } from '../src/core/auth/store.ts';
import { inTransaction } from '../src/core/db/database.ts';
import type { NewEvent } from '../src/core/events/event.ts';
import { appendEvent } from '../src/core/events/store.ts';
import { lakeOf } from './support/lake.ts';
import { startTestServer, type TestServer } from './support/server.ts';
import { openSse, type SseReader } from './support/sse.ts';

let server: TestServer;
let lake: ReturnType<typeof lakeOf>;
beforeAll(async () => {
  server = await startTestServer();
  lake = lakeOf(server);
});
afterAll(() => server.stop());

const open = (query = '', token = server.admin, headers: Record<string, string> = {}) =>
  openSse(`${server.url}/events${query}`, token, headers);

/** Appends events of a type as some tool would. */
async function append(type: string, numbers: readonly number[], more: Partial<NewEvent> = {}): Promise<void> {
  for (const n of numbers) {
    const event = { type, subject: `note:${n}`, toolset: 'lake', data: { n }, ...more };
    await inTransaction(server.database.db, (tx) => appendEvent(tx, event));
  }
}

const upTo = (count: number, from = 0) => Array.from({ length: count }, (_, n) => from + n);
const numbers = (reader: SseReader) => reader.events.map((event) => event.data.data.n);

test('a stream tells what changes from now on, in the form of poll_events', async () => {
  const { next } = await lake.ok('poll_events', {});
  const stream = await open();
  expect(stream.status).toBe(200);
  expect(stream.headers.get('content-type')).toMatch(/^text\/event-stream/);
  const id = await lake.dataset('streamed');
  const [event] = await stream.until(1);
  expect(event).toMatchObject({ event: 'dataset.updated', data: { subject: `dataset:${id}`, data: { id } } });
  const { items } = await lake.ok('poll_events', { since: next, wait_s: 10 });
  expect(items).toEqual([event?.data]);
  stream.cut();
});

test('a stream that was cut goes on where it was: nothing is lost and nothing comes twice', async () => {
  const query = '?types=test.cut';
  const seen: number[] = [];
  let lastId = '';
  const writing = append('test.cut', upTo(60));
  for (let stream = await open(`${query}&since=0.0`); ; ) {
    await stream.until(Math.min(1 + Math.floor(Math.random() * 7), 60 - seen.length));
    stream.cut();
    seen.push(...numbers(stream));
    lastId = stream.lastId();
    if (seen.length >= 60) break;
    stream = await open(query, server.admin, { 'last-event-id': lastId });
  }
  await writing;
  expect(seen).toEqual(upTo(60));
  const silent = await open(query, server.admin, { 'last-event-id': lastId });
  await append('test.cut', [60]);
  expect(numbers({ ...silent, events: await silent.until(1) })).toEqual([60]);
  silent.cut();
});

test('each subscriber is told of what it may see and asked for', async () => {
  const { secret: reader } = await server.token('reader', ['reader']);
  const streams = {
    admin: await open('?types=test.seen,test.end'),
    reader: await open('?types=test.seen,test.end', reader),
    dataset: await open('?types=test.seen,test.end&dataset_id=ds_seen', reader),
  };
  await append('test.seen', [1]);
  await append('test.seen', [2], { owner: 'prn_other' });
  await append('test.seen', [3], { datasetId: 'ds_seen' });
  await append('test.seen', [4], { datasetId: 'ds_seen', owner: 'prn_other' });
  await append('test.unasked', [5], { datasetId: 'ds_seen' });
  await append('test.end', [6], { datasetId: 'ds_seen' });
  await streams.admin.until(5);
  await Promise.all([streams.reader.until(3), streams.dataset.until(2)]);
  expect(numbers(streams.admin)).toEqual([1, 2, 3, 4, 6]);
  expect(numbers(streams.reader)).toEqual([1, 3, 6]);
  expect(numbers(streams.dataset)).toEqual([3, 6]);
  for (const stream of Object.values(streams)) stream.cut();
});

test('a stream ends with its token', async () => {
  const revoked = await server.token('revoked', ['reader']);
  const expiring = await server.token('expiring', ['reader'], new Date(Date.now() + 3000));
  const streams = await Promise.all([open('', revoked.secret), open('', expiring.secret)]);
  const kept = await open();
  await revokeToken(server.database.db, revoked.id);
  await Promise.all(streams.map((stream) => stream.ended));
  expect((await open('', revoked.secret)).status).toBe(401);
  await append('test.kept', [1]);
  await kept.until(1);
  kept.cut();
});

test('bad positions, missing scopes and missing tokens are refused before a stream begins', async () => {
  const { secret } = await server.token('lake-only', ['lake:read']);
  const statuses = await Promise.all([
    open('', server.admin, { 'last-event-id': 'nonsense' }),
    open(`?since=${2n ** 63n}.1`),
    open('?types=%00'),
    open('?dataset_id=%00'),
    open('', secret),
    open('', 'tutti_wrong'),
  ]);
  expect(statuses.map((stream) => stream.status)).toEqual([422, 422, 422, 422, 403, 401]);
});

/** A subscriber that asks and then reads nothing at all. */
async function stalled(query: string): Promise<Socket> {
  const { hostname, port } = new URL(server.url);
  const socket = connect(Number(port), hostname);
  socket.pause();
  socket.write(`GET /events${query} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${server.admin}\r\n\r\n`);
  return socket;
}

test('a reader who does not read delays nobody and holds no memory', async () => {
  const start = (await lake.ok('poll_events', {})).next;
  const sleepers = await Promise.all(upTo(20).map(() => stalled(`?types=test.large&since=${start}`)));
  const reader = await open('?types=test.large');
  const data = { n: 0, filling: 'x'.repeat(64 * 1024) };
  const before = process.memoryUsage().rss;
  await append('test.large', upTo(400), { data });
  await reader.until(400);
  // 26 MB of events; were they queued for each of the twenty it would be half a gigabyte.
  expect(process.memoryUsage().rss - before).toBeLessThan(300 * 2 ** 20);
  reader.cut();
  const late = sleepers[0] as Socket;
  let received = '';
  late.on('data', (chunk) => {
    received += chunk.toString('latin1');
  });
  late.resume();
  await expect.poll(() => received.split('event: test.large').length - 1, { timeout: 30_000 }).toBe(400);
  for (const sleeper of sleepers) sleeper.destroy();
});

test('two hundred subscribers are each told of everything, in order', async () => {
  const readers = await Promise.all(upTo(200).map(() => open('?types=test.many')));
  await Promise.all([append('test.many', upTo(25)), append('test.many', upTo(25, 100))]);
  await Promise.all(readers.map((reader) => reader.until(50)));
  const [first] = readers;
  const order = numbers(first as SseReader);
  expect([...order].sort((a, b) => a - b)).toEqual([...upTo(25), ...upTo(25, 100)]);
  expect(readers.every((reader) => numbers(reader).join() === order.join())).toBe(true);
  for (const reader of readers) reader.cut();
});
