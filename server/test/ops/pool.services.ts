import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestEngine, describeDocker, type TestEngine } from '../support/docker.ts';
import { type OpsServer, startOpsServer } from '../support/ops.ts';

const patience = { timeout: 30_000 };

describeDocker('containers that are ready before the job', () => {
  let engine: TestEngine;
  let ops: OpsServer;
  beforeAll(async () => {
    engine = await createTestEngine();
    ops = await startOpsServer(undefined, ['--ops-pool-max', '3']);
  });
  afterAll(async () => {
    await ops?.stop();
    await engine?.close();
  });

  const ready = async (count: number) => {
    await expect.poll(async () => (await ops.parked()).length, patience).toBe(count);
    return (await ops.parked()).map(short);
  };
  /** As jobs name theirs. */
  const short = (id: string) => id.slice(0, 12);
  const inspect = (id: string) => engine.docker.getContainer(id).inspect();

  test('there are none until an image is used; then the next job gets one, walled in like any', async () => {
    expect(await ops.parked()).toEqual([]);
    const cold = await ops.run(['id -u; touch /work/left /tmp/left'], {});
    const parked = await ready(2);
    expect(parked).not.toContain(cold.sandbox_id);
    const before = await Promise.all(parked.map(inspect));
    const warm = await ops.run(['id -u; find /work /tmp -mindepth 1; exit 7']);
    expect(parked).toContain(warm.sandbox_id);
    // The engine's word, as ever.
    expect(warm).toMatchObject({ status: 'failed', error: { code: 'COMMAND_FAILED', details: { exit_code: 7 } } });
    const found = before.find(({ Id }) => short(Id) === warm.sandbox_id);
    expect(found).toMatchObject({
      Config: { Labels: { 'io.tutti.kind': 'pool' } },
      HostConfig: { CapDrop: ['ALL'], ReadonlyRootfs: true, NetworkMode: 'none', Privileged: false, PidsLimit: 128 },
    });
    const [uid, ...files] = warm.steps[0].stdout.split('\n');
    expect([`${uid}:${uid}`, files.join(' ')]).toEqual([found?.Config.User, '']);
    // Made for one job, gone after it.
    await expect.poll(() => ops.containers(), patience).toEqual([]);
    expect(await ready(2)).not.toContain(warm.sandbox_id);
  });

  test('jobs at once never share one', async () => {
    await ready(2);
    const jobs = await Promise.all([1, 2, 3, 4].map((n) => ops.run([`echo ${n} > mine; sleep 0.3; cat *`])));
    expect(jobs.map(({ steps }) => steps[0].stdout)).toEqual(['1\n', '2\n', '3\n', '4\n']);
    expect(new Set(jobs.map(({ sandbox_id }) => sandbox_id)).size).toBe(4);
  });

  test('one that has died is not handed out', async () => {
    const parked = await ready(2);
    await Promise.all(parked.map((id) => engine.docker.getContainer(id).kill()));
    const run = await ops.run(['echo alive']);
    expect(run).toMatchObject({ status: 'success', steps: [{ stdout: 'alive\n' }] });
    expect(parked).not.toContain(run.sandbox_id);
  });

  test('a job of another size gets none of them, and what is kept for it makes room within the bound', async () => {
    const parked = await ready(2);
    const other = await ops.run(['true'], { resources: { memory_mb: 64 } });
    expect(parked).not.toContain(other.sandbox_id);
    // One that is removed just now is none that waits.
    const sizes = async () => {
      const found = await Promise.all((await ops.parked()).map((id) => inspect(id).catch(() => undefined)));
      return found.map((one) => (one?.HostConfig.Memory ?? 0) / 2 ** 20).sort((a, b) => a - b);
    };
    await expect.poll(sizes, patience).toEqual([64, 64, 256]);
  });

  test('an orderly stop leaves none, and with the pool off there is none', async () => {
    const known = await ready(3);
    await ops.stop();
    for (const id of known) await expect(inspect(id)).rejects.toMatchObject({ statusCode: 404 });
    ops = await startOpsServer(undefined, ['--ops-pool-size', '0']);
    await ops.run(['true']);
    await ops.run(['true']);
    await expect.poll(() => ops.containers(), patience).toEqual([]);
    expect(await ops.parked()).toEqual([]);
  });
});
