import { ulid } from 'ulid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { removeContainer } from '../../src/capabilities/ops/docker/containers.ts';
import { createEnds } from '../../src/capabilities/ops/docker/ends.ts';
import { createLocalEngine } from '../../src/capabilities/ops/engines/local-engine.ts';
import { createReconciler, type Reconciler } from '../../src/capabilities/ops/reconcile/reconciler.ts';
import { createLog } from '../../src/core/log.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import {
  type CuttableEngine,
  createCuttableEngine,
  createTestEngine,
  describeDocker,
  type TestEngine,
} from '../support/docker.ts';

describeDocker('reconciling the engine with the database', () => {
  let database: TestDatabase;
  let engine: TestEngine;
  let way: CuttableEngine;
  let reconciler: Reconciler | undefined;
  beforeAll(async () => {
    [database, engine, way] = await Promise.all([createTestDatabase(), createTestEngine(), createCuttableEngine()]);
  });
  afterAll(async () => {
    await reconciler?.stop();
    await engine?.close();
    await way?.close();
    await database?.close();
  });

  const named = (expires: Date, more = {}) => engine.park({ name: `tutti-${ulid().toLowerCase()}`, expires, ...more });
  const measure = (name: string) => reconciler?.measures().find((one) => one.name === name)?.value;

  test('what nobody knows goes at the start, ends and returns are told, and others’ containers are not touched', async () => {
    const [past, future] = [new Date(Date.now() - 1000), new Date(Date.now() + 600_000)];
    const lost = await named(past);
    const kept = [
      await named(future),
      // Bears the mark, and is not named as this server names its own.
      await engine.park({ expires: past }),
      await named(past, { kind: 'sandbox' }),
      await named(past, { server: `${engine.server}-other` }),
    ];
    const log = createLog('silent');
    const local = createLocalEngine({
      db: database.db,
      log,
      host: way.host,
      name: 'local',
      labels: [],
      capacity: 1,
      executorId: () => 'exec_test',
    });
    let changes = 0;
    reconciler = createReconciler({
      db: database.db,
      log,
      engine: local,
      ends: createEnds(),
      installation: async () => engine.server,
      onChange: () => {
        changes += 1;
      },
    });
    reconciler.start();
    const there = async () => new Set((await engine.docker.listContainers({ all: true })).map(({ Id }) => Id));
    await expect.poll(async () => (await there()).has(lost), { timeout: 30_000 }).toBe(false);
    await expect.poll(() => measure('tutti_ops_containers_lost_total')).toBe(1);
    await expect.poll(() => measure('tutti_ops_engine_up'), { timeout: 30_000 }).toBe(1);
    for (const id of kept) expect(await there()).toContain(id);

    const before = changes;
    const [first = '', ...rest] = kept;
    await engine.docker.getContainer(first).kill();
    await expect.poll(() => changes, { timeout: 30_000 }).toBeGreaterThan(before);
    expect(measure('tutti_ops_containers_ended_total')).toBeGreaterThan(0);
    // While the engine is away nothing is heard; once it is back all may have changed.
    way.refuse(true);
    way.cut();
    await expect.poll(() => measure('tutti_ops_engine_up'), { timeout: 30_000 }).toBe(0);
    const away = changes;
    way.refuse(false);
    await expect.poll(() => changes, { timeout: 30_000 }).toBeGreaterThan(away);
    expect(measure('tutti_ops_engine_up')).toBe(1);
    for (const id of rest) {
      expect(await there()).toContain(id);
      await removeContainer(engine, id);
    }
  });
});
