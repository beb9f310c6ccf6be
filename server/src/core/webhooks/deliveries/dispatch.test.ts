import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../../test/support/database.ts';
import { putPrincipal } from '../../auth/store.ts';
import { type Db, inTransaction } from '../../db/database.ts';
import type { NewEvent } from '../../events/event.ts';
import { adoptEvents, appendEvent } from '../../events/store.ts';
import { newId } from '../../ids.ts';
import { saveWebhook } from '../store.ts';
import { dispatch } from './dispatch.ts';
import { settlePosition, skipToNow } from './store.ts';

let database: TestDatabase;
let db: Db;
let webhook = '';
beforeAll(async () => {
  database = await createTestDatabase();
  db = database.db;
});
afterAll(() => database.close());
beforeEach(async () => {
  await sql`delete from webhooks`.execute(db);
  await sql`delete from events`.execute(db);
  webhook = await put();
});

async function put(): Promise<string> {
  const principal = await putPrincipal(db, { id: newId('prn'), name: 'one', grants: ['writer'] });
  const row = await inTransaction(db, async (tx) => {
    await skipToNow(tx);
    const authority = { scopes: ['lake:read', 'system:write'], admin: false };
    const plain = { name: 'x', direction: 'out', url: 'https://example.com/', types: ['test.noted'], dataset_id: null };
    const rest = { verify: null, secret: null, enabled: true, disabled_reason: null };
    return saveWebhook(tx, { id: newId('wh'), principal_id: principal, authority, ...plain, ...rest }, true);
  });
  return row.id;
}

const append = (n: number, more: Partial<NewEvent> = {}) =>
  inTransaction(db, (tx) =>
    appendEvent(tx, { type: 'test.noted', subject: `note:${n}`, toolset: 'lake', data: { n }, ...more }),
  );

async function subjects(id = webhook): Promise<string[]> {
  const { rows } = await sql<{ subject: string }>`
    select subject from webhook_deliveries where webhook_id = ${id} order by seq`.execute(db);
  return rows.map((row) => row.subject);
}

/** Dispatches until so many deliveries are there: transactions of other databases may hold events back for a moment. */
async function dispatchUntil(count: number, id = webhook): Promise<string[]> {
  const look = async () => {
    await dispatch(db);
    return (await subjects(id)).length;
  };
  await expect.poll(look, { timeout: 30_000, interval: 10 }).toBeGreaterThanOrEqual(count);
  return subjects(id);
}

const notes = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, n) => `note:${from + n}`);

test('many dispatchers at once make each delivery once, in order', async () => {
  for (let n = 1; n <= 250; n += 1) await append(n);
  const done = dispatchUntil(250);
  await Promise.all([done, ...Array.from({ length: 5 }, () => dispatchUntil(250))]);
  expect(await subjects()).toEqual(notes(1, 250));
});

test('a second webhook gets only what comes after it was made', async () => {
  for (let n = 1; n <= 3; n += 1) await append(n);
  const second = await put();
  for (let n = 4; n <= 5; n += 1) await append(n);
  expect(await dispatchUntil(5)).toEqual(notes(1, 5));
  expect(await subjects(second)).toEqual(notes(4, 5));
});

test.each([
  ['a backup', sql`update events set xid = '3'`, sql`update webhook_position set xid = '3'`],
  [
    'a copy of another cluster',
    sql`update events set xid = ${String(2n ** 62n)}::text::xid8`,
    sql`update webhook_position set xid = ${String(2n ** 62n)}::text::xid8`,
  ],
])('after a restore of %s what was not dispatched is, and nothing twice', async (_, moveEvents, movePosition) => {
  for (let n = 1; n <= 6; n += 1) await append(n);
  expect(await dispatchUntil(6)).toEqual(notes(1, 6));
  // The last three are taken back, as if they had not been looked at when the copy was made.
  await sql`delete from webhook_deliveries where subject in ('note:4', 'note:5', 'note:6')`.execute(db);
  await moveEvents.execute(db);
  await movePosition.execute(db);
  await adoptEvents(db);
  await settlePosition(db);
  expect(await dispatchUntil(6)).toEqual(notes(1, 6));
  await append(7);
  expect(await dispatchUntil(7)).toEqual(notes(1, 7));
});
