import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { createTestEngine, describeDocker, type TestEngine } from '../support/docker.ts';
import { type OpsServer, startOpsServer } from '../support/ops.ts';

const patience = { timeout: 30_000 };

describeDocker('how many containers wait, and how long', () => {
  let engine: TestEngine;
  let ops: OpsServer;
  beforeAll(async () => {
    engine = await createTestEngine();
  });
  afterEach(() => ops?.stop());
  afterAll(() => engine?.close());

  /** What each that waits may take, in MiB. */
  const sizes = async () => {
    const found = await Promise.all(
      (await ops.parked()).map((id) =>
        engine.docker
          .getContainer(id)
          .inspect()
          .catch(() => undefined),
      ),
    );
    return found.map((one) => (one?.HostConfig.Memory ?? 0) / 2 ** 20).sort((a, b) => a - b);
  };
  const run = (memory_mb: number) => ops.run(['true'], { resources: { memory_mb, work_mb: 16 } });

  test('no more of them than their memory has room for', async () => {
    ops = await startOpsServer(undefined, ['--ops-pool-memory-mb', '300']);
    await run(200);
    await expect.poll(sizes, patience).toEqual([200]);
    // What is wanted now takes the room of what was wanted before.
    await run(120);
    await expect.poll(sizes, patience).toEqual([120, 120]);
    // Not even one of these has room: nothing is given up for it.
    await run(301);
    await run(120);
    await expect.poll(sizes, patience).toEqual([120, 120]);
  });

  test('none that nobody has wanted for so long', async () => {
    ops = await startOpsServer(undefined, ['--ops-pool-idle-s', '4']);
    await run(64);
    await expect.poll(async () => (await ops.parked()).length, patience).toBe(2);
    const parked = await ops.parked();
    await expect.poll(sizes, patience).toEqual([]);
    for (const id of parked)
      await expect(engine.docker.getContainer(id).inspect()).rejects.toMatchObject({ statusCode: 404 });
    expect(await run(64)).toMatchObject({ status: 'success' });
  });
});
