import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../test/support/database.ts';
import { agree, putTerms } from './agreements.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());
beforeEach(() => sql`truncate agreements`.execute(database.db));

test('the first one notes its terms, and whoever has them too agrees', async () => {
  const terms = [
    { name: 'keys', value: 'k1' },
    { name: 'place', value: 'here' },
  ];
  expect(await agree(database.db, terms)).toEqual([]);
  expect(await agree(database.db, terms)).toEqual([]);
});

test('who differs is told in what, and changes nothing', async () => {
  await agree(database.db, [{ name: 'keys', value: 'k1' }]);
  const other = [
    { name: 'place', value: 'there' },
    { name: 'keys', value: 'other', also: ['older'] },
  ];
  expect(await agree(database.db, other)).toEqual([other[1]]);
  expect(await agree(database.db, [{ name: 'place', value: 'here' }])).toEqual([]);
  expect(await agree(database.db, [{ name: 'keys', value: 'k1' }])).toEqual([]);
});

test('who still knows what was noted brings what is new, and who only knows the old one is refused', async () => {
  await agree(database.db, [{ name: 'keys', value: 'k1' }]);
  expect(await agree(database.db, [{ name: 'keys', value: 'k2', also: ['k1', 'k2'] }])).toEqual([]);
  const late = { name: 'keys', value: 'k1', also: ['k1'] };
  expect(await agree(database.db, [late])).toEqual([late]);
  await putTerms(database.db, [late]);
  expect(await agree(database.db, [late])).toEqual([]);
});

test('of many that begin at once with other terms, one is first', async () => {
  const all = Array.from({ length: 8 }, (_, at) => ({ name: 'keys', value: `k${at}` }));
  const refused = await Promise.all(all.map((term) => agree(database.db, [term])));
  expect(refused.filter((differing) => differing.length === 0)).toHaveLength(1);
});
