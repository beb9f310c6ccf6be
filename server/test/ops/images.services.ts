import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { PullProgress } from '../../src/capabilities/ops/docker/images.ts';
import { parsePattern } from '../../src/capabilities/ops/images/allow-list.ts';
import { createImages } from '../../src/capabilities/ops/images/images.ts';
import type { ImagePolicy } from '../../src/capabilities/ops/images/policy.ts';
import { busybox, createTestEngine, type TestEngine } from '../support/docker.ts';
import { type OpsServer, startOpsServer } from '../support/ops.ts';
import { describeRegistry, openRegistry, type TestRegistry } from '../support/registry.ts';

const never = new AbortController().signal;
const fresh = (name: string) => `tests/${name}-${randomBytes(4).toString('hex')}`;

describeRegistry('images that come from a registry', () => {
  let engine: TestEngine;
  let registry: TestRegistry;
  beforeAll(async () => {
    [engine, registry] = [await createTestEngine(), await openRegistry()];
  });
  afterEach(() => registry.hold(false));
  afterAll(async () => {
    await registry?.close(engine);
    await engine?.close();
  });

  function images(policy: Partial<ImagePolicy> = {}, password: string | null = registry.password) {
    const pulls = [parsePattern(`${registry.host}/tests/**`)];
    const { host: name, username } = registry;
    const registries = password === null ? [] : [{ name, username, password }];
    return createImages({ present: true, pulls, policy: 'missing', ...policy }, registries);
  }

  test('are pulled when they are missing, with progress, and known by their digest', async () => {
    const name = fresh('missing');
    const pushed = await registry.push(engine, name, 'one');
    const told: PullProgress[] = [];
    const image = `${registry.host}/${name}`;
    const found = await images().ensure(engine, image, { signal: never, onProgress: (part) => told.push(part) });
    expect(found.digest).toBe(pushed);
    for (const { done_bytes, total_bytes } of told) expect(done_bytes).toBeLessThanOrEqual(total_bytes);
    // The engine is asked, not the registry.
    registry.requests();
    expect(await images().ensure(engine, image, { signal: never })).toEqual(found);
    expect(registry.requests()).toEqual([]);
  });

  test('a tag that moved: missing keeps what is there, always takes the new one, a digest is what it is', async () => {
    const name = fresh('moved');
    const image = `${registry.host}/${name}:1`;
    const [one, ensure] = [await registry.push(engine, `${name}:1`, 'one'), images().ensure];
    const digest = async (asked: string, pull?: 'always' | 'never') =>
      (await ensure(engine, asked, { signal: never, pull })).digest;
    expect(await digest(image)).toBe(one);
    // The engine forgets the tag as it pushes another image by it: what it had is pulled again.
    const two = await registry.push(engine, `${name}:1`, 'two');
    expect(two).not.toBe(one);
    expect(await digest(one)).toBe(one);
    await engine.docker.getImage(one).tag({ repo: `${registry.host}/${name}`, tag: '1' });
    expect(await digest(image)).toBe(one);
    expect(await digest(image, 'never')).toBe(one);
    expect(await digest(image, 'always')).toBe(two);
    expect(await digest(image)).toBe(two);
    expect(await digest(`${registry.host}/${name}:1@${one.split('@')[1]}`, 'always')).toBe(one);
  });

  test('what is not listed, not there, or not to be opened is told apart', async () => {
    const name = fresh('private');
    await registry.push(engine, name, 'one');
    const image = `${registry.host}/${name}`;
    const code = (found: Promise<unknown>) => expect(found).rejects;
    const elsewhere = images({ pulls: [parsePattern(`${registry.host}/else/*`)] });
    await code(elsewhere.ensure(engine, image, { signal: never })).toMatchObject({ code: 'IMAGE_NOT_ALLOWED' });
    await code(images({ pulls: [] }).ensure(engine, image, { signal: never })).toMatchObject({
      code: 'IMAGE_NOT_FOUND',
    });
    const off = images({ policy: 'never' });
    await code(off.ensure(engine, image, { signal: never })).toMatchObject({ code: 'IMAGE_NOT_FOUND' });
    await code(off.ensure(engine, image, { signal: never, pull: 'missing' })).toMatchObject({
      code: 'IMAGE_NOT_ALLOWED',
    });
    const strict = images({ present: false });
    await code(strict.ensure(engine, busybox, { signal: never })).toMatchObject({ code: 'IMAGE_NOT_ALLOWED' });
    await code(images().ensure(engine, `${image}-not`, { signal: never })).toMatchObject({ code: 'IMAGE_NOT_FOUND' });
    for (const password of [null, registry.wrongPassword, 'file:/nonexistent/password']) {
      await code(images({}, password).ensure(engine, image, { signal: never })).toMatchObject({ code: 'PULL_FAILED' });
    }
    expect((await images().ensure(engine, image, { signal: never })).digest).toContain(image);
  });

  test('the password is in no address that is asked for', async () => {
    const way: string[] = [];
    const { docker } = engine;
    const dial = docker.modem.dial.bind(docker.modem);
    const name = fresh('quiet');
    await registry.push(engine, name, 'one');
    docker.modem.dial = (options: { path: string }, callback: never) => {
      way.push(
        JSON.stringify({ path: options.path, query: (options as { options?: { _query?: unknown } }).options?._query }),
      );
      return dial(options as never, callback);
    };
    try {
      await images().ensure(engine, `${registry.host}/${name}`, { signal: never });
    } finally {
      docker.modem.dial = dial;
    }
    const pulls = way.filter((call) => call.includes('/images/create'));
    expect(pulls).toEqual([
      JSON.stringify({ path: '/images/create?', query: { fromImage: `${registry.host}/${name}`, tag: 'latest' } }),
    ]);
  });

  test('two at once are one pull, which ends with the last who waits', async () => {
    const name = fresh('shared');
    await registry.push(engine, name, 'one');
    const image = `${registry.host}/${name}`;
    registry.hold(true);
    registry.requests();
    const { ensure } = images();
    const [one, two] = [new AbortController(), new AbortController()];
    const first = ensure(engine, image, { signal: one.signal });
    const second = ensure(engine, image, { signal: two.signal });
    await expect.poll(registry.waiting, { timeout: 30_000 }).toBeGreaterThan(0);
    const manifests = registry.requests().filter((line) => line.startsWith('GET') && line.includes('/manifests/'));
    expect(manifests).toHaveLength(1);
    one.abort(new Error('left'));
    await expect(first).rejects.toThrow('left');
    expect(registry.waiting()).toBeGreaterThan(0);
    two.abort(new Error('left too'));
    await expect(second).rejects.toThrow('left too');
    // The engine lets go of the registry.
    await expect.poll(registry.waiting, { timeout: 30_000 }).toBe(0);
    registry.hold(false);
    expect((await ensure(engine, image, { signal: never })).digest).toContain(image);
  });
});

describeRegistry('jobs whose image comes from a registry', () => {
  let engine: TestEngine;
  let registry: TestRegistry;
  let ops: OpsServer;
  beforeAll(async () => {
    [engine, registry] = [await createTestEngine(), await openRegistry()];
    const { host: name, username, password } = registry;
    ops = await startOpsServer(undefined, [
      ...['--ops-pull-images', `${name}/tests/**`],
      ...['--ops-registries', JSON.stringify([{ name, username, password }])],
    ]);
  });
  afterAll(async () => {
    await ops?.stop();
    await registry?.close(engine);
    await engine?.close();
  });

  test('run it, say which it was, and never take a container of the image before', async () => {
    const name = fresh('job');
    const image = `${registry.host}/${name}`;
    const one = await registry.push(engine, name, 'one');
    const first = await ops.run(['cat /mark'], { image });
    expect(first).toMatchObject({
      status: 'success',
      steps: [{ stdout: 'one\n' }],
      environment: { image_digest: one },
    });
    await expect.poll(() => ops.parked(), { timeout: 30_000 }).not.toEqual([]);
    const two = await registry.push(engine, name, 'two');
    const second = await ops.run(['cat /mark'], { image, pull: 'always' });
    expect(second).toMatchObject({ steps: [{ stdout: 'two\n' }], environment: { image_digest: two } });
  });

  test('what may not be pulled is refused or fails the job, with what to do', async () => {
    const image = 'registry.example.com/acme/tool';
    expect(await ops.fails('orcaops_run_job', { image, commands: ['true'], pull: 'always' })).toMatchObject({
      status: 403,
      code: 'IMAGE_NOT_ALLOWED',
      suggestion: expect.stringContaining('ops.pull_images'),
    });
    expect(await ops.run(['true'], { image })).toMatchObject({
      status: 'failed',
      error: { code: 'IMAGE_NOT_ALLOWED' },
    });
    const missing = `${registry.host}/${fresh('nowhere')}`;
    expect(await ops.run(['true'], { image: missing })).toMatchObject({ error: { code: 'IMAGE_NOT_FOUND' } });
  });

  test('a job that is canceled as it pulls ends, and so does the pull', async () => {
    const name = fresh('canceled');
    await registry.push(engine, name, 'one');
    registry.hold(true);
    const { job_id } = await ops.submit(['true'], { image: `${registry.host}/${name}` });
    await expect.poll(registry.waiting, { timeout: 30_000 }).toBeGreaterThan(0);
    await ops.ok('orcaops_cancel_job', { job_id });
    expect(await ops.ended(job_id)).toMatchObject({ status: 'cancelled', steps: [] });
    await expect.poll(registry.waiting, { timeout: 30_000 }).toBe(0);
    registry.hold(false);
  });
});
