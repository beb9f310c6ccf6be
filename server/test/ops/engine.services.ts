import { afterAll, beforeAll, expect, test } from 'vitest';
import { engineVersion, pingEngine } from '../../src/capabilities/ops/docker/client.ts';
import { pauseContainer, removeContainer, unpauseContainer } from '../../src/capabilities/ops/docker/containers.ts';
import { type EngineEvent, followEvents } from '../../src/capabilities/ops/docker/events.ts';
import { inspectImage, pullImage } from '../../src/capabilities/ops/docker/images.ts';
import {
  busybox,
  type CuttableEngine,
  createCuttableEngine,
  createTestEngine,
  describeDocker,
  type TestEngine,
} from '../support/docker.ts';

describeDocker('an engine', () => {
  let engine: TestEngine;
  let way: CuttableEngine;
  beforeAll(async () => {
    engine = await createTestEngine();
    way = await createCuttableEngine();
  });
  afterAll(async () => {
    await engine?.close();
    await way?.close();
  });

  test('it answers, and tells what it is', async () => {
    await pingEngine(engine);
    expect(await engineVersion(engine)).toMatchObject({ version: expect.stringMatching(/^\d/), os: 'linux' });
  });

  test('an image is known by its id, one that is not there is not', async () => {
    const found = await inspectImage(engine, busybox);
    expect(found).toMatchObject({
      id: expect.stringMatching(/^sha256:/),
      tags: expect.arrayContaining([`${busybox}:latest`]),
      volumes: [],
    });
    expect(await inspectImage(engine, found?.id ?? '')).toEqual(found);
    expect(await inspectImage(engine, 'tutti-test/nowhere')).toBeUndefined();
    // Nothing listens there.
    const nothing = { registry: '127.0.0.1:1', repository: 'nothing', tag: '1', digest: undefined };
    await expect(pullImage(engine, nothing)).rejects.toMatchObject({
      code: 'PULL_FAILED',
      details: { cause: { untrusted: true } },
    });
  });

  test('what happens to containers of ours is told, to others not, also after the connection broke', async () => {
    const cuttable = await createTestEngine(way.host);
    const events: EngineEvent[] = [];
    const told: string[] = [];
    const stop = new AbortController();
    const following = followEvents(
      cuttable,
      { 'io.tutti.server': engine.server },
      {
        onEvent: (event) => events.push(event),
        onConnected: () => told.push('connected'),
        onLost: () => told.push('lost'),
      },
      stop.signal,
    );
    await expect.poll(() => told).toEqual(['connected']);
    const id = await engine.park({ job: 'job_1' });
    const other = await cuttable.park();
    await engine.run(['exit 3'], {}, id);
    const died = expect.objectContaining({ action: 'die', container_id: id, exit_code: 3 });
    await expect.poll(() => events, { timeout: 10_000 }).toContainEqual(died);
    expect(events.find(({ action }) => action === 'die')?.labels).toMatchObject({ 'io.tutti.job': 'job_1' });

    way.refuse(true);
    way.cut();
    await expect.poll(() => told, { timeout: 10_000 }).toEqual(['connected', 'lost']);
    way.refuse(false);
    await expect.poll(() => told, { timeout: 20_000 }).toEqual(['connected', 'lost', 'connected']);
    await removeContainer(engine, id);
    const gone = expect.objectContaining({ action: 'destroy', container_id: id });
    await expect.poll(() => events, { timeout: 10_000 }).toContainEqual(gone);
    expect(events.filter((event) => event.container_id === other)).toEqual([]);
    stop.abort();
    await following;
    await cuttable.close();
  });

  test('a pause is taken once, and of what is gone not at all', async () => {
    const id = await engine.park();
    expect([await pauseContainer(engine, id), await pauseContainer(engine, id)]).toEqual([true, false]);
    expect([await unpauseContainer(engine, id), await unpauseContainer(engine, id)]).toEqual([true, false]);
    await pauseContainer(engine, id);
    await removeContainer(engine, id);
    expect(await pauseContainer(engine, id)).toBe(false);
  });
});
