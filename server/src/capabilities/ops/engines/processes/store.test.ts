import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../../../test/support/database.ts';
import { isAway, listEngines, putEngine } from '../store.ts';
import { deleteProcess, otherProcesses, putProcess } from './store.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database?.close());
beforeEach(async () => {
  const { db } = database;
  await sql`truncate executors, ops_engines, ops_engine_processes`.execute(db);
  await putEngine(db, { name: 'east', labels: ['gpu'], capacity: 2, version: '28.2.2', info: null });
});

/** A process that lives. */
async function begin(id: string): Promise<string> {
  await sql`insert into executors (id, heartbeat_at) values (${id}, now())`.execute(database.db);
  return id;
}

/** A process looks at its engine. */
async function look(id: string, identity: string | null, reason: string | null = null) {
  const ours = { id, engine: 'east', identity };
  await putProcess(database.db, { ...ours, reason });
  return otherProcesses(database.db, ours);
}

test('processes beside the same engine share its name, and each waits until the others know of it', async () => {
  const [a, b] = [await begin('a'), await begin('b')];
  expect(await look(a, 'one')).toEqual({ count: 0, taken: false, unaware: false });
  expect(await look(b, 'one')).toEqual({ count: 1, taken: false, unaware: true });
  expect(await look(a, 'one')).toEqual({ count: 1, taken: false, unaware: false });
  expect(await look(b, 'one')).toEqual({ count: 1, taken: false, unaware: false });
});

test('who had the name first keeps it while it lives', async () => {
  const [a, b] = [await begin('b-first'), await begin('a-second')];
  await look(a, 'one');
  expect(await look(b, 'two')).toMatchObject({ taken: true });
  expect(await look(a, 'one')).toMatchObject({ taken: false });
  // One that takes no jobs stands behind all of them.
  expect(await otherProcesses(database.db, { id: 'none', engine: 'east', identity: 'two' })).toMatchObject({
    taken: true,
  });
  await sql`delete from executors where id = ${a}`.execute(database.db);
  expect(await look(b, 'two')).toEqual({ count: 0, taken: false, unaware: false });
});

test('an engine that was away and comes back is the same; one made anew is agreed upon by all beside it', async () => {
  const [a, b] = [await begin('a'), await begin('b')];
  for (const id of [a, b]) await look(id, 'one');
  await look(a, null, 'away');
  expect(await look(a, 'one')).toMatchObject({ taken: false, unaware: false });
  expect(await look(a, 'new')).toMatchObject({ taken: true });
  expect(await look(b, 'new')).toMatchObject({ taken: false });
  expect(await look(a, 'new')).toMatchObject({ taken: false });
});

test('an engine is reached when a process that lives reaches it, and is away otherwise, for the reason that is told', async () => {
  const { db } = database;
  const told = async () => (await listEngines(db))[0];
  expect(await told()).toMatchObject({ name: 'east', labels: ['gpu'], processes: 0, reachable: false, reason: null });
  expect(await isAway(db, 'east')).toBe(true);
  const [a, b] = [await begin('a'), await begin('b')];
  await look(a, null, 'No Docker engine answers.');
  expect(await told()).toMatchObject({ processes: 1, reachable: false, reason: 'No Docker engine answers.' });
  await look(b, 'one');
  expect(await told()).toMatchObject({ processes: 2, reachable: true, reason: null });
  expect(await isAway(db, 'east')).toBe(false);
  await sql`delete from executors where id = ${b}`.execute(db);
  expect(await told()).toMatchObject({ processes: 1, reachable: false });
  expect(await isAway(db, 'east')).toBe(true);
  await deleteProcess(db, a);
  expect(await told()).toMatchObject({ processes: 0, reason: null });
});
