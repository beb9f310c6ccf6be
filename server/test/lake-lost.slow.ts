import { readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectFailure } from './support/failure.ts';
import { type Lake, lakeOf } from './support/lake.ts';
import { policiesOf } from './support/policies.ts';
import { fire } from './support/schedule.ts';
import { startTestServer, type TestServer } from './support/server.ts';

let server: TestServer;
let lake: Lake;
let policies: ReturnType<typeof policiesOf>;
beforeAll(async () => {
  server = await startTestServer();
  lake = lakeOf(server);
  policies = policiesOf(lake);
});
afterAll(() => server.stop());

/** Removes what the served index of a dataset is kept in, behind the server's back; answers its id. */
async function lose(dataset_id: string): Promise<string> {
  const { indexes } = await lake.ok('get_dataset', { dataset_id });
  const { id, target } = indexes.find((index: { state: string }) => index.state === 'served');
  if (target === 'postgres') {
    await sql`drop table ${sql.id('lake_index', id)}`.execute(server.database.db);
  } else {
    const directory = path.join(server.dataDir, 'indexes', dataset_id);
    for (const name of readdirSync(directory)) rmSync(path.join(directory, name), { recursive: true });
  }
  return id;
}

test.each(['postgres', 'lance'])(
  'an index of %s that is gone is told as gone, and reindex brings it back',
  async (target) => {
    const id = await lake.dataset(`lost-${target}`);
    await policies.commit(id, 'v1', ['red', 'blue']);
    const mapping = { id: 'id', text: ['word'] };
    expect(await lake.ingest(id, { target, mapping })).toMatchObject({ state: 'succeeded' });
    const index = await lose(id);
    for (let time = 0; time < 2; time += 1) {
      const refused = await server.call('search_dataset', { dataset_id: id, query: 'red', target });
      expect(expectFailure(refused, 409, 'INDEX_GONE')).toMatchObject({
        suggestion: expect.stringContaining('reindex'),
        details: { index_id: index },
      });
      const shown = await lake.ok('get_dataset', { dataset_id: id });
      expect(shown.indexes).toMatchObject([{ id: index, state: 'lost', mapping }]);
      expect(shown.targets).toMatchObject([{ target, state: 'manual' }]);
      expect(shown.targets[0]).not.toHaveProperty('served_version');
    }
    expect(await lake.ended(await lake.ok('reindex', { dataset_id: id, target }))).toMatchObject({
      state: 'succeeded',
    });
    expect((await lake.search(id, 'red', { target })).items).toHaveLength(1);
    expect((await lake.ok('get_dataset', { dataset_id: id })).indexes).toMatchObject([{ state: 'served', mapping }]);
  },
);

test.each([
  ['hot-index', 'lance', 'search'],
  ['lazy', 'postgres', 'search'],
  ['busy-beaver', 'postgres', 'look'],
])('%s builds again in %s what a %s found gone', async (name, target, way) => {
  const found = async (id: string) => (await lake.search(id, 'red', { target })).items.length;
  const id = await lake.dataset(`lost-${name}`);
  await policies.commit(id, 'v1', ['red', 'blue']);
  const waiting = name === 'lazy' ? { allow_stale: false, wait_ms: 20_000 } : { debounce_ms: 0 };
  await policies.set(id, name, { targets: [target], ...waiting });
  if (name === 'lazy') expect(await found(id)).toBe(1);
  else await policies.until(id, { state: 'served' });
  await policies.quiet(id);
  await lose(id);
  if (way === 'look') expect(await fire(server, 'lake-reconcile')).toMatchObject({ state: 'succeeded' });
  else expectFailure(await server.call('search_dataset', { dataset_id: id, query: 'red', target }), 409, 'INDEX_GONE');
  if (name !== 'lazy') await policies.until(id, { state: 'served', served_version: 'v1' });
  expect(await found(id)).toBe(1);
});
