import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { inTransaction } from '../../src/core/db/database.ts';
import { findDoubtfulCall, putCall } from '../../src/core/jobs/calls/store.ts';
import { requeueJob } from '../../src/core/jobs/store.ts';
import { createEngineBench, type EngineBench, type EngineProcess, jobEnd } from '../support/engine.ts';

let bench: EngineBench;
beforeEach(async () => {
  bench = await createEngineBench();
});
afterEach(() => bench.close());

/** A job whose outside call was sent, and whose process died before it recorded an answer. */
async function cutOff(idempotent: boolean): Promise<{ id: string; next: EngineProcess }> {
  const first = await bench.engine();
  const id = await first.enqueue({ kind: 'test.call', input: { idempotent } });
  await bench.stage.seen(/^sent/);
  await first.kill();
  return { id, next: await bench.engine() };
}

const sent = () => bench.stage.lines().filter((line) => line.startsWith('sent')).length;

/** What resolve_in_doubt_call does, without a server around it. */
async function resolve(engine: EngineProcess, id: string, state: 'resolved' | 'answered', result?: unknown) {
  const call = await findDoubtfulCall(bench.db, id);
  if (!call) throw new Error('no call is in doubt');
  await inTransaction(bench.db, async (tx) => {
    await requeueJob(tx, id);
    await putCall(tx, { ...call, state, result });
    await engine.rewind(id, call.step);
  });
}

test('an idempotent call in doubt is sent again', async () => {
  const { id } = await cutOff(true);
  await bench.stage.seen(/^sent/, 2);
  bench.stage.release('answer');
  expect(await jobEnd(bench.db, id)).toMatchObject({ state: 'succeeded', metadata: { answer: 'charged' } });
});

test('a call in doubt that is not idempotent is never sent again by itself', async () => {
  const { id } = await cutOff(false);
  expect(await jobEnd(bench.db, id)).toMatchObject({
    state: 'failed',
    error: { code: 'IN_DOUBT', details: { job_id: id, call: 'charge' } },
  });
  expect(sent()).toBe(1);
});

test('a call in doubt can be resolved with what the other side says', async () => {
  const { id, next } = await cutOff(false);
  await jobEnd(bench.db, id);
  await resolve(next, id, 'resolved', 'charged, says the bank');
  expect(await jobEnd(bench.db, id)).toMatchObject({
    state: 'succeeded',
    error: null,
    metadata: { answer: 'charged, says the bank' },
  });
  expect(sent()).toBe(1);
});

test('a call in doubt can be sent again by hand', async () => {
  const { id, next } = await cutOff(false);
  await jobEnd(bench.db, id);
  bench.stage.release('answer');
  await resolve(next, id, 'answered');
  expect(await jobEnd(bench.db, id)).toMatchObject({ state: 'succeeded', metadata: { answer: 'charged' } });
  expect(sent()).toBe(2);
});

test('a job that has ended, but not for the engine yet, is waited for', async () => {
  await sql
    .raw(`
      create function hold() returns trigger language plpgsql as $$ begin perform pg_advisory_xact_lock(1); return new; end $$;
      create trigger hold before update on dbos.workflow_status for each row
        when (old.status = 'PENDING' and new.status in ('SUCCESS', 'ERROR')) execute function hold();`)
    .execute(bench.db);
  let resolved: Promise<void> | undefined;
  // The engine cannot write the end down before this transaction is over.
  const id = await inTransaction(bench.db, async (tx) => {
    await sql`select pg_advisory_xact_lock(1)`.execute(tx);
    const cut = await cutOff(false);
    await jobEnd(bench.db, cut.id);
    resolved = resolve(cut.next, cut.id, 'resolved', 'charged');
    resolved.catch(() => undefined);
    await sleep(300);
    return cut.id;
  });
  await resolved;
  expect(await jobEnd(bench.db, id)).toMatchObject({ state: 'succeeded', metadata: { answer: 'charged' } });
});
