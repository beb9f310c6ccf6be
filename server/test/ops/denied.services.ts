import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { busybox, type CuttableEngine, createCuttableEngine, describeDocker } from '../support/docker.ts';
import { type OpsServer, startOpsServer } from '../support/ops.ts';
import { makeTemplates } from '../support/sandboxes.ts';

const patience = { timeout: 60_000 };
const removal = /^DELETE \/(v[\d.]+\/)?containers\//;

describeDocker('an engine that answers and does not do it', () => {
  let way: CuttableEngine;
  let ops: OpsServer;
  let templates: string;
  beforeAll(async () => {
    way = await createCuttableEngine();
    templates = makeTemplates();
    ops = await startOpsServer(way.host, ['--ops-pool-size', '0', '--ops-templates-dir', templates]);
  });
  afterAll(async () => {
    way?.deny();
    await ops?.stop();
    await way?.close();
    if (templates) rmSync(templates, { recursive: true, force: true });
  });

  const cleanupOf = async (job_id: string) => (await ops.ok('orcaops_get_job_status', { job_id })).cleanup_status;
  const running = async (job_id: string) => {
    await ops.submit(['echo begun; sleep 600'], { job_id });
    await expect
      .poll(async () => (await ops.ok('orcaops_get_job_logs', { job_id })).steps[0]?.stdout, patience)
      .toBe('begun\n');
    const { sandbox_id } = await ops.ok('orcaops_get_job_status', { job_id });
    return sandbox_id as string;
  };

  test('a container that cannot be removed is told as leaked, until it is gone', async () => {
    way.deny(removal);
    const { job_id } = await ops.run(['true'], { job_id: 'stuck' });
    await expect.poll(() => cleanupOf(job_id), patience).toBe('leaked');
    expect(await ops.ok('orcaops_get_run', { job_id })).toMatchObject({ status: 'success', cleanup_status: 'leaked' });
    expect(await ops.containers()).toHaveLength(1);
    way.deny();
    await expect.poll(() => cleanupOf(job_id), patience).toBe('destroyed');
    expect(await ops.containers()).toEqual([]);
  });

  test('one stuck container does not keep the others', async () => {
    const { job_id, sandbox_id } = await ops.run(['true'], { job_id: 'first' });
    await expect.poll(() => cleanupOf(job_id), patience).toBe('destroyed');
    expect(sandbox_id).toBeDefined();
    await running('held');
    await running('free');
    const names = new Map(
      (await ops.ok('orcaops_list_containers')).containers.map((one: { job_id: string; name: string }) => [
        one.job_id,
        one.name,
      ]),
    );
    way.deny(new RegExp(`^DELETE .*${names.get('held')}`));
    for (const id of ['held', 'free']) await ops.ok('orcaops_cancel_job', { job_id: id });
    await expect.poll(() => cleanupOf('free'), patience).toBe('destroyed');
    await expect.poll(() => cleanupOf('held'), patience).toBe('leaked');
    way.deny();
    await expect.poll(() => cleanupOf('held'), patience).toBe('destroyed');
  });

  test('a job that ends while its engine is away leaves its container there, and says so', async () => {
    await running('away');
    way.refuse(true);
    way.cut();
    await ops.ok('orcaops_cancel_job', { job_id: 'away' });
    expect(await ops.ended('away')).toMatchObject({ status: 'cancelled' });
    await expect.poll(() => cleanupOf('away'), patience).toBe('leaked');
    way.refuse(false);
    await expect.poll(() => cleanupOf('away'), patience).toBe('destroyed');
    expect(await ops.containers()).toEqual([]);
  });

  test('a container that cannot be removed by hand is REMOVE_FAILED, one that cannot be stopped STOP_FAILED', async () => {
    const name = 'stubborn';
    await ops.ok('orcaops_create_sandbox', { name, template: 'pair', wait_s: 40 });
    await ops.ok('orcaops_start_sandbox', { name, wait_s: 40 });
    const { services } = await ops.ok('orcaops_get_sandbox', { name });
    const { container_id } = services[0];
    way.deny(/^POST \/(v[\d.]+\/)?containers\/[^/]+\/stop/);
    expect(await ops.fails('orcaops_stop_container', { container_id })).toMatchObject({
      status: 502,
      code: 'STOP_FAILED',
      details: { cause: { untrusted: true, text: expect.stringContaining('denied') } },
    });
    way.deny(removal);
    expect(await ops.fails('orcaops_remove_container', { container_id, force: true })).toMatchObject({
      code: 'REMOVE_FAILED',
    });
    way.deny();
    await ops.ok('orcaops_delete_sandbox', { name, wait_s: 40 });
  });

  test('a document that we take and compose does not is CREATE_FAILED, and its name is free again', async () => {
    const circle = `services: {a: {image: ${busybox}, depends_on: [b]}, b: {image: ${busybox}, depends_on: [a]}}`;
    mkdirSync(path.join(templates, 'circle'));
    writeFileSync(path.join(templates, 'circle', 'compose.yml'), circle);
    writeFileSync(path.join(templates, 'circle', 'template.yml'), 'name: Circle\ndescription: Of the tests\n');
    const asked = { name: 'circle', template: 'circle', wait_s: 40 };
    for (let round = 0; round < 2; round += 1)
      expect(await ops.fails('orcaops_create_sandbox', asked)).toMatchObject({
        code: 'CREATE_FAILED',
        details: { output: { untrusted: true, source: 'compose', text: expect.stringMatching(/circular|cycle/i) } },
      });
    expect(await ops.fails('orcaops_get_sandbox', { name: 'circle' })).toMatchObject({ code: 'SANDBOX_NOT_FOUND' });
  });

  test('a sandbox that the engine does not stop is STOP_FAILED, and is stopped once it does', async () => {
    const name = 'unstoppable';
    await ops.ok('orcaops_create_sandbox', { name, template: 'pair', wait_s: 40 });
    await ops.ok('orcaops_start_sandbox', { name, wait_s: 40 });
    way.deny(/^(POST \/(v[\d.]+\/)?containers\/[^/]+\/(stop|kill)|DELETE \/(v[\d.]+\/)?containers)/);
    expect(await ops.fails('orcaops_stop_sandbox', { name, wait_s: 40 })).toMatchObject({
      status: 502,
      code: 'STOP_FAILED',
      details: { output: { untrusted: true, text: expect.stringContaining('denied') } },
    });
    expect((await ops.ok('orcaops_get_sandbox', { name })).status).not.toBe('stopped');
    way.deny();
    expect(await ops.ok('orcaops_stop_sandbox', { name, wait_s: 40 })).toMatchObject({ status: 'stopped' });
    await ops.ok('orcaops_delete_sandbox', { name, wait_s: 40 });
  });
});
