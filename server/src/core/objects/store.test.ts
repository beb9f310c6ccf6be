import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../test/support/database.ts';
import { newId } from '../ids.ts';
import { deleteAbandoned, findUpload, insertUpload, listArrived, markReceived } from './store.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

const soon = () => new Date(Date.now() + 60_000);
/** An upload that was asked for, and answers its id. */
async function asked(holder: string, object_key: string, expires_at = soon()): Promise<string> {
  const id = newId('up');
  await insertUpload(database.db, { id, holder, object_key, content_type: 'text/csv', size: null, expires_at });
  return id;
}
const received = (id: string) =>
  markReceived(database.db, id, { staging_key: `staged-${id}`, sha256: 'a'.repeat(64), etag: 'a', size: 1 });
const staged = async (holder: string) => (await listArrived(database.db, holder)).map((upload) => upload.id);

test('an upload arrives once', async () => {
  const id = await asked('once', 'a');
  expect(await staged('once')).toEqual([]);
  expect((await Promise.all([received(id), received(id), received(id)])).filter(Boolean)).toHaveLength(1);
  expect(await staged('once')).toEqual([id]);
  expect(await received('up_none')).toBe(false);
});

test('what is staged is of each key the newest that arrived, in whatever order they did', async () => {
  const [a1, a2, b] = [await asked('newest', 'a'), await asked('newest', 'a'), await asked('newest', 'b')];
  await asked('newest', 'a');
  for (const id of [a2, b, a1]) await received(id);
  expect((await staged('newest')).sort()).toEqual([a2, b].sort());
});

test('what expired and never arrived is forgotten; what arrived stays', async () => {
  const past = new Date(Date.now() - 1000);
  const [abandoned, arrived, waiting] = [
    await asked('old', 'a', past),
    await asked('old', 'b', past),
    await asked('old', 'c'),
  ];
  await received(arrived);
  expect(await deleteAbandoned(database.db, new Date())).toBe(1);
  const left = await Promise.all([abandoned, arrived, waiting].map((id) => findUpload(database.db, id)));
  expect(left.map((upload) => upload?.id)).toEqual([undefined, arrived, waiting]);
});
