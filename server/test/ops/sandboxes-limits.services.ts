import { expect, test } from 'vitest';
import { busybox } from '../support/docker.ts';
import { describeSandboxes } from '../support/sandbox-kit.ts';

// biome-ignore lint/suspicious/noExplicitAny: answers are checked by the tests themselves
type Body = any;

const ceilings = [
  { principals: ['few'], sandboxes: 2, sandbox_ttl_s: 600, sandbox_pids: 300, images: ['tutti-test/busybox'] },
  { principals: ['small'], memory_mb: 32, sandbox_disk_mb: 16 },
];

describeSandboxes(
  'limits of sandboxes',
  (kit) => {
    const { create, start, stop, exec, show, wait_s } = kit;
    const made = (token: string, name: string, more = {}) => {
      const input = { name, template: 'inner', wait_s, ...more };
      return {
        ok: () => kit.ops.ok('orcaops_create_sandbox', input, token),
        fails: () => kit.ops.fails('orcaops_create_sandbox', input, token),
      };
    };

    test('how many, how long, of which images, and how much all that run may take together', async () => {
      const { secret: few } = await kit.ops.token('few', ['writer', 'ops:destroy']);
      expect(await made(few, 'a', { template: 'bare' }).fails()).toMatchObject({
        code: 'LIMIT_EXCEEDED',
        details: { field: 'image', most: ['tutti-test/busybox'] },
      });
      expect(await made(few, 'a', { ttl_s: 601 }).fails()).toMatchObject({
        code: 'LIMIT_EXCEEDED',
        details: { field: 'sandbox_ttl_s', most: 600 },
      });
      // Each of its two services may have 256 processes.
      expect(await made(few, 'a').fails()).toMatchObject({
        code: 'LIMIT_EXCEEDED',
        details: { field: 'sandbox_pids', asked: 512, most: 300 },
      });
      const twins = await Promise.all(
        ['a', 'b', 'c'].map((name) =>
          kit.ops.call('orcaops_create_sandbox', { name, template: 'single', wait_s }, few),
        ),
      );
      expect(twins.map(({ status }) => status).sort()).toEqual([200, 200, 422]);
      expect(twins.find(({ status }) => status === 422)?.body.error).toMatchObject({
        code: 'LIMIT_EXCEEDED',
        details: { field: 'sandboxes', asked: 3, most: 2 },
      });
      const { sandboxes } = await kit.ops.ok('orcaops_list_sandboxes', {}, few);
      const [one, two] = sandboxes.map(({ name }: Body) => name);
      const call = (tool: string, name: string) => [`orcaops_${tool}_sandbox`, { name, wait_s }, few] as const;
      await kit.ops.ok(...call('start', one));
      expect(await kit.ops.fails(...call('start', two))).toMatchObject({
        code: 'LIMIT_EXCEEDED',
        details: { field: 'sandbox_pids', asked: 512, most: 300 },
      });
      // What runs may be started again, and the other once it has stopped.
      await kit.ops.ok(...call('start', one));
      await kit.ops.ok(...call('stop', one));
      await kit.ops.ok(...call('start', two));
    }, 120_000);

    test('one that holds too much is stopped with the reason, and starts once its data is gone', async () => {
      const { secret: small } = await kit.ops.token('small', ['writer', 'ops:destroy']);
      expect(await made(small, 'full', { template: 'pair' }).fails()).toMatchObject({
        code: 'LIMIT_EXCEEDED',
        details: { field: 'web.memory_mb', asked: 64, most: 32 },
      });
      await made(small, 'full', { template: 'filled' }).ok();
      const call = (tool: string, more = {}) =>
        [`orcaops_${tool}_sandbox`, { name: 'full', wait_s, ...more }, small] as const;
      await kit.ops.ok(...call('start'));
      const run = (command: string) =>
        kit.ops.ok('orcaops_exec_sandbox', { name: 'full', command, timeout_s: 20 }, small);
      // No file alone can be larger.
      expect(await run('head -c 40000000 /dev/zero > /data/one; ls -l /data/one | wc -l')).toMatchObject({
        exit_code: 0,
      });
      expect((await run('wc -c < /data/one')).stdout).toBe(`${16 * 2 ** 20}\n`);
      await run('head -c 9000000 /dev/zero > /data/two; head -c 9000000 /dev/zero > /root-file');
      await expect.poll(async () => (await show('full')).status, { timeout: 50_000, interval: 500 }).toBe('stopped');
      expect(await show('full')).toMatchObject({
        error: { code: 'LIMIT_EXCEEDED', details: { field: 'sandbox_disk_mb', asked: 34, most: 16 } },
        max_disk_mb: 16,
      });
      expect(await kit.ops.fails(...call('start'))).toMatchObject({
        code: 'LIMIT_EXCEEDED',
        details: { field: 'sandbox_disk_mb', most: 16 },
      });
      await kit.ops.ok(...call('stop', { volumes: true }));
      expect(await kit.ops.ok(...call('start'))).toMatchObject({ status: 'running' });
      expect((await show('full')).error).toBeUndefined();
    }, 120_000);

    test('volumes that an image declares count as well, and go with the container', async () => {
      const { docker } = kit.engine;
      const base = await docker.createContainer({ Image: busybox });
      await base.commit({ repo: 'tutti-test/with-volume', changes: 'VOLUME /declared' });
      await base.remove();
      try {
        await create('declared', 'declared');
        await start('declared');
        await exec('declared', 'head -c 9000000 /dev/zero > /declared/file');
        const held = async () => (await show('declared')).disk_bytes ?? 0;
        await expect.poll(held, { timeout: 50_000, interval: 500 }).toBeGreaterThanOrEqual(9_000_000);
        const [{ container_id }] = (await show('declared')).services;
        const { Mounts } = await docker.getContainer(container_id).inspect();
        expect(Mounts.map(({ Destination }) => Destination)).toEqual(['/declared']);
        await kit.remove('declared');
        await expect(docker.getVolume(Mounts[0]?.Name ?? '').inspect()).rejects.toMatchObject({ statusCode: 404 });
      } finally {
        await docker.getImage('tutti-test/with-volume').remove({ force: true });
      }
    }, 120_000);

    test('where all together hold too much, the largest is stopped, and none starts', async () => {
      await Promise.all([create('big', 'filled'), create('little', 'filled')]);
      await Promise.all([start('big'), start('little')]);
      await exec('big', 'head -c 50000000 /dev/zero > /data/a; head -c 20000000 /dev/zero > /data/b', {
        service: 'web',
      });
      await exec('little', 'head -c 20000000 /dev/zero > /data/a', { service: 'web' });
      await expect.poll(async () => (await show('big')).status, { timeout: 50_000, interval: 500 }).toBe('stopped');
      expect(await show('big')).toMatchObject({
        error: { code: 'LIMIT_EXCEEDED', details: { field: 'sandboxes_disk_mb', most: 64 } },
      });
      const refused = await kit.ops.fails('orcaops_start_sandbox', { name: 'big', wait_s });
      expect(refused).toMatchObject({ code: 'LIMIT_EXCEEDED', details: { field: 'sandboxes_disk_mb' } });
      await stop('big', true);
      expect(await start('big')).toMatchObject({ status: 'running' });
    }, 120_000);
  },
  ['--ops-ceilings', JSON.stringify(ceilings), '--ops-max-sandboxes-disk-mb', '64'],
);
