import { rmSync } from 'node:fs';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createClock } from '../../../examples/orchestra-simulator/clock.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { simulated, simulatorKey } from '../support/orchestra.ts';
import { type ServeProcess, serveProcess } from '../support/serve-process.ts';
import { makeTempDir } from '../support/temp-dir.ts';

// A watch over SIGKILL of the server: while it is parked, while it asks, and while it writes down what it saw.

const clock = createClock({ start: Date.now(), speed: 0 });
const simulator = await simulated({ clock });
const dataDir = makeTempDir('orchestra-kill');
let database: TestDatabase;
let server: ServeProcess;

beforeAll(async () => {
  database = await createTestDatabase();
  server = await start();
});
afterAll(async () => {
  await server.kill();
  await database.close();
  rmSync(dataDir, { recursive: true, force: true });
});

const start = () =>
  serveProcess(
    dataDir,
    ['--database-url', database.url, '--orchestra-api-base-url', simulator.url, '--egress-allow', '127.0.0.1'],
    { env: { ORCHESTRA_API_KEY: simulatorKey } },
  );

// biome-ignore lint/suspicious/noExplicitAny: answers are checked field by field
async function ok(name: string, input: unknown): Promise<any> {
  const { status, body } = await server.call(name, input);
  expect({ name, status, refused: status !== 200 && body }).toEqual({ name, status: 200, refused: false });
  return body;
}

async function killAndStart(): Promise<void> {
  await server.kill();
  server = await start();
}

/** The statuses that were told of a run, in their order. */
async function told(run: string): Promise<string[]> {
  const { rows } = await sql<{ status: string }>`
    select data ->> 'status' as status from events where subject = ${`orchestra-run:${run}`} order by seq`.execute(
    database.db,
  );
  return rows.map(({ status }) => status);
}
const isTold = (run: string, statuses: readonly string[]) =>
  expect.poll(() => told(run), { timeout: 60_000, interval: 50 }).toEqual(statuses);
const looks = (run: string) => simulator.seen.filter(({ path }) => path.endsWith(`${run}/status`)).length;

test('it goes on after each kill, tells each change once, and ends with the run', async () => {
  const { pipeline_run_id: run } = await ok('trigger_pipeline', { pipeline_id: 'every_half_hour' });
  const watch = await ok('watch_pipeline_run', { pipeline_run_id: run });
  await isTold(run, ['CREATED']);
  await killAndStart();
  clock.advance(2000);
  await isTold(run, ['CREATED', 'RUNNING']);

  // While it asks.
  simulator.faults.add('slow=5000', 1, `${run}/status`);
  const before = looks(run);
  await expect.poll(() => looks(run), { timeout: 60_000, interval: 20 }).toBeGreaterThan(before);
  await killAndStart();
  expect(await told(run)).toEqual(['CREATED', 'RUNNING']);

  // While it writes down the end: neither the event nor the end is there, or both are.
  await sql
    .raw(`
      create function hold_watch() returns trigger language plpgsql as $$ begin perform pg_advisory_xact_lock(7); return new; end $$;
      create trigger hold before update on orchestra_watches for each row
        when (new.seen ->> 'status' = 'SUCCEEDED') execute function hold_watch();`)
    .execute(database.db);
  const holder = await database.db.connection().execute(async (connection) => {
    await sql`select pg_advisory_lock(7)`.execute(connection);
    clock.advance(60_000);
    const waiting = async () => {
      const { rows } =
        await sql`select 1 from pg_locks where locktype = 'advisory' and not granted and objid = 7`.execute(connection);
      return rows.length;
    };
    await expect.poll(waiting, { timeout: 60_000, interval: 20 }).toBe(1);
    await server.kill();
    await sql`select pg_advisory_unlock(7)`.execute(connection);
    return 'killed';
  });
  expect(holder).toBe('killed');
  server = await start();
  expect(await ok('job_status', { job_id: watch.id, wait_s: 15 })).toMatchObject({
    state: 'succeeded',
    metadata: { pipeline_run: { pipeline_run_id: run, status: 'SUCCEEDED' } },
  });
  expect(await told(run)).toEqual(['CREATED', 'RUNNING', 'SUCCEEDED']);
});
