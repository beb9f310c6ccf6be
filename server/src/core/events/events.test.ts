import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../test/support/database.ts';
import { authorityOf } from '../auth/authority.ts';
import type { Principal } from '../auth/principal.ts';
import { type Db, inTransaction } from '../db/database.ts';
import { insertJob } from '../jobs/store.ts';
import { createLog } from '../log.ts';
import { type Cause, causeOf } from './cause.ts';
import type { NewEvent, StoredEvent } from './event.ts';
import { createFeed, type Feed } from './feed.ts';
import { isAfter, logStart, type Position, parsePosition } from './position.ts';
import { adoptEvents, appendEvent, currentPosition, deleteEventsBefore, readEvents, setCause } from './store.ts';

let database: TestDatabase;
let db: Db;
let feed: Feed;
beforeAll(async () => {
  database = await createTestDatabase();
  db = database.db;
  feed = createFeed({ ...database, log: createLog('error'), maxEvents: 20 });
  await feed.start();
});
afterAll(async () => {
  await feed.close();
  await database.close();
});

const reader: Principal = { id: 'prn_reader', name: 'reader', admin: false, scopes: new Set(['lake:read']) };
const anyone = { principal: reader, wanted: {} };
const note = (n: number | string, more: Partial<NewEvent> = {}): NewEvent => ({
  type: 'test.noted',
  subject: `note:${n}`,
  toolset: 'lake',
  data: { n },
  ...more,
});
const append = (event: NewEvent) => inTransaction(db, (tx) => appendEvent(tx, event));
const names = (events: readonly StoredEvent[]) => events.map((event) => event.data.n);

/** A transaction that appended an event and stays open until it is told to commit. */
async function openTransaction(event: NewEvent) {
  const appended = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  const done = inTransaction(db, async (tx) => {
    await appendEvent(tx, event);
    appended.resolve();
    await gate.promise;
  });
  await appended.promise;
  return {
    async commit() {
      gate.resolve();
      await done;
    },
  };
}

/** Reads on from a position until so many events came. Transactions of other databases may hold them back for a moment. */
async function readOn(after: Position, count: number): Promise<StoredEvent[]> {
  const events: StoredEvent[] = [];
  for (let at = after; events.length < count; ) {
    const batch = await readEvents(db, { after: at, limit: 2 });
    events.push(...batch.events);
    at = batch.next;
    if (batch.events.length === 0) await sleep(10);
  }
  return events;
}

test('what commits first waits for what began first: nothing is skipped and nothing comes twice', async () => {
  const start = await currentPosition(db);
  const first = await openTransaction(note('first'));
  const second = await openTransaction(note('second'));
  await second.commit();
  const early = await readEvents(db, { after: start, limit: 10 });
  expect(early).toMatchObject({ events: [], pending: true, ahead: false });
  expect((await feed.read({ ...anyone, after: start, limit: 10 })).events).toEqual([]);
  await append(note('third'));
  expect((await readEvents(db, { after: early.next, limit: 10 })).events).toEqual([]);
  await first.commit();
  expect(names(await readOn(early.next, 3))).toEqual(['first', 'second', 'third']);
  expect(names(await readOn(start, 3))).toEqual(['first', 'second', 'third']);
  const { next } = await readEvents(db, { after: start, limit: 10 });
  expect((await readEvents(db, { after: next, limit: 10 })).events).toEqual([]);
});

test('many writers that overlap: every reader sees every event once, in one order', async () => {
  const start = await currentPosition(db);
  const count = 60;
  const follow = async (next: (after: Position) => Promise<{ events: readonly StoredEvent[]; next: Position }>) => {
    const seen: StoredEvent[] = [];
    for (let at = start; seen.length < count; ) {
      const batch = await next(at);
      seen.push(...batch.events);
      at = batch.next;
      if (batch.events.length === 0) await feed.wait(at, 20, new AbortController().signal);
    }
    return seen;
  };
  const readers = [
    follow((after) => readEvents(db, { after, limit: 7 })),
    follow((after) => feed.read({ ...anyone, after, limit: 7 })),
  ];
  const writers = Array.from({ length: 6 }, async (_, writer) => {
    for (let n = 0; n < count / 6; n += 1) {
      await inTransaction(db, async (tx) => {
        await appendEvent(tx, note(writer * 100 + n));
        await sleep(Math.random() * 20);
      });
    }
  });
  await Promise.all(writers);
  const [fromDatabase = [], fromFeed = []] = await Promise.all(readers);
  expect(new Set(names(fromDatabase)).size).toBe(count);
  expect(fromDatabase.map((event) => event.id)).toEqual(fromFeed.map((event) => event.id));
  const positions = fromDatabase.map((event) => event.position);
  expect(positions.every((position, i) => i === 0 || isAfter(position, positions[i - 1] as Position))).toBe(true);
});

test('a rollback leaves no event', async () => {
  const start = await currentPosition(db);
  await inTransaction(db, async (tx) => {
    await appendEvent(tx, note('undone'));
    throw new Error('undo');
  }).catch(() => undefined);
  await append(note('done'));
  expect(names(await readOn(start, 1))).toEqual(['done']);
});

test('a reader gets what it may see and asked for, from memory and from the database alike', async () => {
  const start = await currentPosition(db);
  await append(note('mine', { owner: reader.id, datasetId: 'ds_1' }));
  await append(note('theirs', { owner: 'prn_other', datasetId: 'ds_1' }));
  await append(note('ops', { toolset: 'ops' }));
  await append(note('other type', { type: 'test.other' }));
  await readOn(start, 4);
  const recent = createFeed({ ...database, log: createLog('error') });
  for (const source of [feed, recent]) {
    const read = async (principal: Principal, wanted = {}) =>
      names((await source.read({ principal, wanted, after: start, limit: 10 })).events);
    await expect.poll(() => read(reader)).toEqual(['mine', 'other type']);
    expect(await read({ ...reader, admin: true })).toEqual(['mine', 'theirs', 'other type']);
    expect(await read(reader, { types: ['test.other'] })).toEqual(['other type']);
    expect(await read(reader, { datasetId: 'ds_1' })).toEqual(['mine']);
    expect(await read({ ...reader, scopes: new Set() })).toEqual([]);
  }
});

test('a reader who falls behind what memory holds reads on in the database', async () => {
  const start = await currentPosition(db);
  for (let n = 0; n < 50; n += 1) await append(note(n));
  await readOn(start, 50);
  const seen: unknown[] = [];
  for (let at = start; seen.length < 50; ) {
    const batch = await feed.read({ ...anyone, after: at, limit: 3 });
    seen.push(...names(batch.events));
    at = batch.next;
    // The newest reach memory a moment later; a loop that asks memory alone would never let them in.
    if (batch.events.length === 0) await feed.wait(at, 20, new AbortController().signal);
  }
  expect(seen).toEqual(Array.from({ length: 50 }, (_, n) => n));
});

test('events copied from another database are read, before all others and in their order', async () => {
  const start = await currentPosition(db);
  for (const n of ['old', 'older']) await append(note(n));
  const copied = await readOn(start, 2);
  await sql`update events set xid = (${String(2n ** 62n)}::text::xid8) where id = ${copied[0]?.id}`.execute(db);
  await adoptEvents(db);
  await append(note('new'));
  await readOn(copied[1]?.position ?? logStart, 1);
  const all = await readEvents(db, { after: logStart, limit: 1000 });
  expect(names(all.events.slice(-3))).toEqual(['old', 'older', 'new']);
});

test('a position of another database is refused', async () => {
  const beyond = { xid: 2n ** 62n, seq: 1 };
  expect((await readEvents(db, { after: beyond, limit: 1 })).ahead).toBe(true);
  await expect(feed.read({ ...anyone, after: beyond, limit: 1 })).rejects.toMatchObject({ code: 'BAD_CURSOR' });
  expect(parsePosition('1.2')).toEqual({ xid: 1n, seq: 2 });
  for (const bad of ['', '1', '1.', '-1.2', '1.2.3', '99999999999999999999.1', '1.1e5']) {
    expect(parsePosition(bad), bad).toBeUndefined();
  }
});

test('a chain of causes is passed on through transactions and jobs, and ends', async () => {
  const start = await currentPosition(db);
  const root = { id: 'evt_root' };
  const cause = causeOf(root, 'trigger a') as Cause;
  expect(cause).toEqual({ event_id: 'evt_root', depth: 1, via: ['trigger a'] });
  await inTransaction(db, async (tx) => {
    await setCause(tx, cause);
    await appendEvent(tx, note('caused'));
    await insertJob(tx, {
      id: 'job_caused',
      kind: 'lake.ingest',
      handler: 'lake.ingest@1',
      toolset: 'lake',
      authority: authorityOf(reader),
      dataset_id: null,
      input: {},
      metadata: {},
      timeout_s: 1,
    });
  });
  await append(note('not caused'));
  const [caused, job, plain] = await readOn(start, 3);
  expect([caused?.cause, job?.cause, plain?.cause]).toEqual([cause, cause, undefined]);
  expect(job?.type).toBe('job.updated');

  expect(causeOf(caused as StoredEvent, 'trigger a'), 'its own doing').toBeUndefined();
  let event: { id: string; cause?: Cause } = root;
  for (let depth = 1; depth <= 5; depth += 1) {
    const next = causeOf(event, `trigger ${depth}`) as Cause;
    expect(next.depth).toBe(depth);
    event = { id: `evt_${depth}`, cause: next };
  }
  expect(causeOf(event, 'trigger 6'), 'too deep').toBeUndefined();
});

test('old events are forgotten, in batches', async () => {
  const later = new Date(Date.now() + 60_000);
  expect(await deleteEventsBefore(db, new Date(Date.now() - 3_600_000), 1000)).toBe(0);
  expect(await deleteEventsBefore(db, later, 2)).toBe(2);
  while ((await deleteEventsBefore(db, later, 100)) > 0);
  expect((await readEvents(db, { after: logStart, limit: 10 })).events).toEqual([]);
});
