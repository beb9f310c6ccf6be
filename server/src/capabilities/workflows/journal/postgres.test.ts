import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../../test/support/database.ts';
import { openJournal } from './postgres.ts';
import type { StateRow } from './row.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

const row = (seq: number): StateRow => ({
  seq,
  path: `${seq - 1}:A`,
  scope: '',
  name: 'A',
  type: 'Pass',
  generation: 0,
  entered_at: '2026-01-01T00:00:00.000Z',
  status: 'entered',
  attempts: [],
  tries: 0,
  next: null,
  error: null,
  server: null,
  tool: null,
  exited_at: null,
  wake_at: null,
  ms: null,
  sealed: false,
  sealed_input: false,
  assigns: false,
});

test('states wait for the journal once many bytes wait to be written, however few the rows', async () => {
  const gate = Promise.withResolvers<void>();
  let writes = 0;
  const journal = await openJournal({
    db: database.db,
    runId: 'run_none',
    payloads: { inline: () => undefined, keep: async () => ({ v: null }), open: async () => null },
    async write<T>() {
      writes += 1;
      await gate.promise;
      return undefined as T;
    },
    writeOnce: () => Promise.reject(new Error('all of it is too large')),
  });
  const put = (seq: number) => journal.put(row(seq), { input: 'x'.repeat(16 * 2 ** 20) });
  put(1);
  await expect.poll(() => writes, { interval: 5 }).toBe(1);
  for (const seq of [2, 3, 4, 5]) put(seq);
  await journal.room();
  put(6);
  let roomy = false;
  const room = journal.room().then(() => {
    roomy = true;
  });
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(roomy).toBe(false);
  gate.resolve();
  await room;
  await journal.flush();
  expect(writes).toBe(2);
});
