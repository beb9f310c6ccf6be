import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../test/support/database.ts';
import { createLog } from '../log.ts';
import { leadAlone } from './leader.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

const leading = new Set<string>();
const overlaps: string[][] = [];

function start(name: string) {
  return leadAlone(database.connection, 'test.leader', createLog('error'), async (signal) => {
    if (signal.aborted) throw new Error('nobody begins to lead after the close');
    leading.add(name);
    if (leading.size > 1) overlaps.push([...leading]);
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    leading.delete(name);
  });
}
const patient = { timeout: 20_000, interval: 20 };

test('one leads alone; another follows when it closes, or loses its connection', async () => {
  const first = start('first');
  await expect.poll(() => [...leading], patient).toEqual(['first']);
  const second = start('second');
  await sql`select pg_sleep(1.2)`.execute(database.db);
  expect([...leading]).toEqual(['first']);
  await first.close();
  await expect.poll(() => [...leading], patient).toEqual(['second']);
  const third = start('third');
  const { rows } = await sql<{ pid: number }>`
    select pid from pg_locks where locktype = 'advisory' and granted and objsubid = 1
      and database = (select oid from pg_database where datname = current_database())
      and ((classid::bigint << 32) | objid::bigint) = hashtextextended('test.leader', 0)`.execute(database.db);
  expect(rows).toHaveLength(1);
  await sql`select pg_terminate_backend(${rows[0]?.pid})`.execute(database.db);
  await expect.poll(() => leading.size, patient).toBe(1);
  expect(overlaps).toEqual([]);
  await Promise.all([second.close(), third.close()]);
  expect([...leading]).toEqual([]);
});

test('closed at any moment, nobody is left leading', async () => {
  for (let round = 0; round < 10; round += 1) {
    const both = [start('one'), start('other')];
    if (round % 2) await expect.poll(() => leading.size, patient).toBe(1);
    await Promise.all(both.map((leader) => leader.close()));
    expect([...leading]).toEqual([]);
  }
});
