import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bridgeOf, ensureNetwork, removeNetwork } from '../../src/capabilities/ops/docker/networks.ts';
import { labelsOf, projectOf } from '../../src/capabilities/ops/sandboxes/marks.ts';
import { ensureNetworks } from '../../src/capabilities/ops/sandboxes/networks.ts';
import { takeDown } from '../../src/capabilities/ops/sandboxes/services.ts';
import { newId } from '../../src/core/ids.ts';
import { createTestEngine, describeDocker, type TestEngine } from '../support/docker.ts';

describeDocker('networks', () => {
  let engine: TestEngine;
  beforeAll(async () => {
    engine = await createTestEngine();
  });
  afterAll(() => engine?.close());

  const named = async (name: string) =>
    (await engine.docker.listNetworks({ filters: { name: [name] } })).filter(({ Name }) => Name === name);

  test('that of egress has a bridge by which a firewall knows it; one of an earlier release is made anew unless in use', async () => {
    const name = `tutti-${engine.server}-egress`;
    const Labels = { 'io.tutti.server': engine.server, 'io.tutti.kind': 'network' };
    const Options = { 'com.docker.network.bridge.enable_icc': 'false' };
    const before = await engine.docker.createNetwork({ Name: name, Labels, Options });
    const busy = await engine.park({ network: name });
    await expect(ensureNetwork(engine, engine.server, 'egress')).rejects.toMatchObject({ code: 'DOCKER_REFUSED' });
    expect((await named(name)).map(({ Id }) => Id)).toEqual([before.id]);
    await engine.docker.getContainer(busy).remove({ force: true });
    await ensureNetwork(engine, engine.server, 'egress');
    const [now, ...more] = await named(name);
    expect(more).toEqual([]);
    expect(now?.Id).not.toBe(before.id);
    expect(now?.Options).toMatchObject({ 'com.docker.network.bridge.name': bridgeOf(name) });
    await removeNetwork(engine, engine.server, 'egress');
    // Somebody else's of that name is left as it is.
    const foreign = await engine.docker.createNetwork({ Name: name });
    await expect(ensureNetwork(engine, engine.server, 'egress')).rejects.toMatchObject({ code: 'DOCKER_REFUSED' });
    expect((await named(name)).map(({ Id }) => Id)).toEqual([foreign.id]);
    await foreign.remove();
  });

  test('those of sandboxes are made once, whoever makes some at the same time, and what was cut off is made anew', async () => {
    const all = Array.from({ length: 4 }, () => ({
      server: `srv_${randomBytes(6).toString('hex')}`,
      sandbox: newId('sbx'),
    }));
    const kinds = { front: 'ports', back: 'sealed' } as const;
    const [first] = all;
    if (!first) throw new Error('there is none');
    try {
      // As a kill between the two calls for one leaves it.
      const cut = `${projectOf(first.sandbox)}_front`;
      const half = await engine.docker.createNetwork({
        Name: cut,
        Labels: labelsOf(first),
        Options: { 'com.docker.network.bridge.name': bridgeOf(cut) },
      });
      await Promise.all(all.map((marks) => ensureNetworks(engine, marks, kinds)));
      const ids = async () =>
        (
          await Promise.all(
            all.flatMap(({ sandbox }) => Object.keys(kinds).map((kind) => named(`${projectOf(sandbox)}_${kind}`))),
          )
        ).map((found) => found.map(({ Id }) => Id));
      const made = await ids();
      expect(made.map(({ length }) => length)).toEqual(Array(8).fill(1));
      expect(made.flat()).not.toContain(half.id);
      await Promise.all(all.map((marks) => ensureNetworks(engine, marks, kinds)));
      expect(await ids()).toEqual(made);
    } finally {
      await Promise.all(all.map((marks) => takeDown(engine, marks, { volumes: true })));
    }
    expect(await named(`${projectOf(first.sandbox)}_front`)).toEqual([]);
  });
});
