import { createHash } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { keepFromCollector, readPinned } from '../src/backup/tables.ts';
import { type Db, inTransaction } from '../src/core/db/database.ts';
import { holdObject, releaseObjects } from '../src/core/objects/holds/store.ts';
import { expectFailure } from './support/failure.ts';
import { lakeOf } from './support/lake.ts';
import { startTestServer, type TestServer } from './support/server.ts';

let server: TestServer;
let lake: ReturnType<typeof lakeOf>;
beforeAll(async () => {
  server = await startTestServer();
  lake = lakeOf(server);
});
afterAll(() => server.stop());

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const isPinned = (text: string) => {
  const hash = sha256(text);
  return existsSync(path.join(server.dataDir, 'objects/sha256', hash.slice(0, 2), hash));
};
const collect = async (input: object = {}) => {
  const job = await lake.ended(await lake.ok('collect_garbage', input));
  expect(job).toMatchObject({ kind: 'lake.gc', state: 'succeeded' });
  return job.metadata.report;
};
const now = { dry_run: false, older_than_days: 0 };

describe('the collector', () => {
  test('removes what only a deleted version named, and counts it first', async () => {
    const id = await lake.dataset('gc');
    await lake.upload(id, 'shared.txt', 'gc shared');
    await lake.upload(id, 'old.txt', 'gc old bytes');
    await lake.commit(id, 'v1');
    await lake.upload(id, 'old.txt', 'gc new');
    await lake.commit(id, 'v2');
    await lake.upload(id, 'staged.txt', 'gc staged');
    const nothing = { manifests: { count: 0 }, objects: { count: 0, bytes: 0 }, indexes: { count: 0 } };
    expect(await collect(now)).toMatchObject(nothing);

    await lake.ok('delete_version', { dataset_id: id, version: 'v1' });
    expect(await collect({ older_than_days: 1 })).toMatchObject(nothing);
    const garbage = { manifests: { count: 1 }, objects: { count: 1, bytes: 12 }, indexes: { count: 0 } };
    expect(await collect({ older_than_days: 0 })).toMatchObject(garbage);
    expect(isPinned('gc old bytes')).toBe(true);
    expect(await collect(now)).toMatchObject(garbage);
    expect(await collect(now)).toMatchObject(nothing);
    expect([isPinned('gc old bytes'), isPinned('gc shared'), isPinned('gc new')]).toEqual([false, true, true]);
    await lake.commit(id, 'v3');
    expect((await lake.keys(id)).length).toBe(3);
    expect(isPinned('gc staged')).toBe(true);
  });

  test('removes objects and indexes of a deleted dataset, but not what another one has too', async () => {
    const [id, other] = [await lake.dataset('gc-deleted'), await lake.dataset('gc-other')];
    for (const one of [id, other]) await lake.upload(one, 'a.csv', 'a\nboth\n');
    await lake.upload(id, 'b.csv', 'a\nalone\n');
    for (const one of [id, other]) await lake.commit(one, 'v1');
    await lake.ingest(id);
    const place = path.join(server.dataDir, 'indexes', id);
    expect(readdirSync(place).length).toBeGreaterThan(0);
    await lake.ok('delete_dataset', { dataset_id: id, force: true });
    expect(await collect(now)).toMatchObject({
      manifests: { count: 1 },
      objects: { count: 1, bytes: 8 },
      tables: { count: 1 },
      indexes: { count: 1 },
    });
    expect([isPinned('a\nboth\n'), isPinned('a\nalone\n')]).toEqual([true, false]);
    expect(existsSync(place) ? readdirSync(place) : []).toEqual([]);
    expect((await lake.ingest(other)).state).toBe('succeeded');
  });

  test('takes nothing from a commit, however old the bytes are that it names again', async () => {
    const contents = Array.from({ length: 6 }, (_, at) => `gc stress ${at}`);
    const known = new Map<string, string>();
    let committing = true;
    const collecting = async () => {
      while (committing) await collect(now);
    };
    const committer = async (who: number) => {
      for (let round = 0; round < 8; round += 1) {
        const name = `gc-stress-${who}-${round}`;
        const id = await lake.dataset(name);
        // The same few bytes come and go all the time.
        const text = contents[(who + round) % contents.length] ?? '';
        await lake.upload(id, 'x.txt', text);
        await lake.commit(id, 'v1');
        if (round % 2 === 0) await lake.ok('delete_dataset', { dataset_id: id });
        else known.set(id, text);
      }
    };
    await Promise.all([
      collecting(),
      Promise.all([0, 1, 2, 3].map(committer)).finally(() => {
        committing = false;
      }),
    ]);
    await collect(now);
    expect(known.size).toBe(16);
    for (const [dataset_id, text] of known) {
      const { url } = await lake.ok('create_presigned_download', { dataset_id, object_key: 'x.txt' });
      expect(await (await fetch(url)).text()).toBe(text);
    }
    const { rows } = await sql<{ loose: number }>`
      select count(*) as loose from lake_manifests m
      where not exists (select from dataset_versions v where v.manifest_id = m.id)`.execute(server.database.db);
    expect(rows).toEqual([{ loose: 0 }]);
  });

  test('leaves alone, like a backup takes along, what another capability holds, until it lets go', async () => {
    const id = await lake.dataset('gc-held');
    await lake.upload(id, 'x.txt', 'gc held');
    await lake.commit(id, 'v1');
    const hold = (tx: Db) => holdObject(tx, 'ops:job_x', sha256('gc held'));
    await inTransaction(server.database.db, async (tx) => {
      await hold(tx);
      await hold(tx);
    });
    await lake.ok('delete_dataset', { dataset_id: id });
    await collect(now);
    expect(isPinned('gc held')).toBe(true);
    const client = new pg.Client({ connectionString: server.database.url });
    await client.connect();
    const backedUp: string[] = [];
    for await (const hash of readPinned(client)) backedUp.push(hash);
    expect(backedUp).toContain(sha256('gc held'));
    await client.end();
    await inTransaction(server.database.db, (tx) => releaseObjects(tx, ['ops:job_x']));
    await collect(now);
    expect(isPinned('gc held')).toBe(false);
  });

  test('waits for whoever pins or makes a backup, and holds up no commit meanwhile', async () => {
    const id = await lake.dataset('gc-waits');
    await lake.upload(id, 'x.txt', 'gc waits');
    await lake.commit(id, 'v1');
    await lake.ok('delete_dataset', { dataset_id: id });
    const client = new pg.Client({ connectionString: server.database.url });
    await client.connect();
    await keepFromCollector(client);
    const job = await lake.ok('collect_garbage', now);
    while ((await lake.ok('job_status', { job_id: job.id })).state === 'queued') await sleep(20);
    const other = await lake.dataset('gc-goes-on');
    await lake.upload(other, 'x.txt', 'gc goes on');
    await lake.commit(other, 'v1');
    expect(await lake.ok('job_status', { job_id: job.id })).toMatchObject({ state: 'running' });
    expect(isPinned('gc waits')).toBe(true);
    await client.end();
    expect(await lake.ended(job)).toMatchObject({
      state: 'succeeded',
      metadata: { report: { objects: { count: 1 } } },
    });
    expect([isPinned('gc waits'), isPinned('gc goes on')]).toEqual([false, true]);
  });

  test('is for whoever may destroy', async () => {
    const writer = await server.token('gc-writer', ['lake:write']);
    expectFailure(await server.call('collect_garbage', {}, writer.secret), 403, 'FORBIDDEN');
    expectFailure(await server.call('collect_garbage', { older_than_days: -1 }), 422, 'VALIDATION_FAILED');
  });
});
