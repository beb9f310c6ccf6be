import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { inTransaction } from '../../src/core/db/database.ts';
import { appendEvent } from '../../src/core/events/store.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { type ServeProcess, serveProcess } from '../support/serve-process.ts';
import { makeTempDir } from '../support/temp-dir.ts';
import { workflowDocument } from '../support/workflows.ts';

const dataDir = makeTempDir('triggers');
let database: TestDatabase;
let server: ServeProcess;
const serve = () => serveProcess(dataDir, ['--database-url', database.url, '--jobs-dead-after-s', '3']);
beforeAll(async () => {
  database = await createTestDatabase();
  server = await serve();
});
afterAll(async () => {
  await server.stop();
  await database.close();
  rmSync(dataDir, { recursive: true, force: true });
});

const echo = { Done: { Type: 'Pass', End: true } };
async function put(name: string, triggers: object[]): Promise<void> {
  const { status } = await server.call('put_workflow', { definition: workflowDocument(name, echo, { triggers }) });
  expect(status).toBe(200);
}
const note = (n: number) =>
  inTransaction(database.db, (tx) =>
    appendEvent(tx, { type: 'test.noted', subject: `note:${n}`, toolset: 'lake', data: { n } }),
  );
async function runs(workflow: string): Promise<{ trigger: { at?: string; event_id?: string }; status: string }[]> {
  const { rows } = await sql<{ trigger: { at?: string }; status: string }>`
    select trigger, status from workflow_runs where workflow = ${workflow} order by id`.execute(database.db);
  return rows;
}

test('each event and each time starts its run once, however often the server is killed', async () => {
  await put('noted', [{ event: { type: 'test.noted' }, input: { n: '{% $states.input.data.n %}' } }]);
  await put('ticks', [{ schedule: { cron: '* * * * * *', missed: 'all' } }]);
  let sent = 0;
  for (let round = 0; round < 4; round += 1) {
    for (const until = Date.now() + 2500; Date.now() < until; sent += 1) {
      await note(sent);
      await sleep(Math.random() * 60);
    }
    await server.kill();
    await note(sent);
    sent += 1;
    server = await serve();
  }
  await expect.poll(async () => (await runs('noted')).length, { timeout: 60_000 }).toBeGreaterThanOrEqual(sent);
  const ended = async () => (await runs('noted')).filter(({ status }) => status === 'succeeded').length;
  await expect.poll(ended, { timeout: 60_000 }).toBe(sent);
  const noted = await runs('noted');
  expect(new Set(noted.map(({ trigger }) => trigger.event_id)).size).toBe(noted.length);
  const times = (await runs('ticks')).map(({ trigger }) => Date.parse(trigger.at ?? '') / 1000);
  expect(times.length).toBeGreaterThan(8);
  // One a second from the first to the last, none twice and none left out.
  expect([...times].sort((a, b) => a - b)).toEqual(times.map((_, n) => Math.min(...times) + n));
});
