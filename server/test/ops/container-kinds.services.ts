import { rmSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeDocker } from '../support/docker.ts';
import { type OpsServer, startOpsServer } from '../support/ops.ts';
import { makeTemplates } from '../support/sandboxes.ts';

type Listed = { id: string; name: string; kind: string; sandbox?: string };

describeDocker('containers of the pool and of sandboxes', () => {
  let ops: OpsServer;
  let templates: string;
  let owner: string;
  let other: string;
  beforeAll(async () => {
    templates = makeTemplates();
    ops = await startOpsServer(undefined, ['--ops-templates-dir', templates, '--ops-pool-size', '1']);
    const grants = ['ops:read', 'ops:write', 'ops:destroy'];
    owner = (await ops.token('owner', grants)).secret;
    other = (await ops.token('other', grants)).secret;
  });
  afterAll(async () => {
    await ops?.stop();
    if (templates) rmSync(templates, { recursive: true, force: true });
  });

  const list = async (token: string | undefined, kind: string): Promise<Listed[]> =>
    (await ops.ok('orcaops_list_containers', { all: true }, token)).containers.filter(
      (one: Listed) => one.kind === kind,
    );

  test('one that waits for a job is the administrators’ matter, and can be given up', async () => {
    await ops.run(['true']);
    await expect.poll(async () => (await list(undefined, 'pool')).length, { timeout: 30_000 }).toBe(1);
    const [parked] = await list(undefined, 'pool');
    const container_id = parked?.id ?? '';
    expect(await list(owner, 'pool')).toEqual([]);
    for (const name of ['stop', 'inspect']) {
      const refused = await ops.fails(`orcaops_${name}_container`, { container_id }, owner);
      expect(refused).toMatchObject({ code: 'CONTAINER_NOT_FOUND' });
    }
    const { engines } = await ops.ok('orcaops_system_info');
    expect(engines).toMatchObject([{ name: 'local', jobs: 0, containers: { parked: 1 } }]);
    expect(await ops.ok('orcaops_get_container_logs', { container_id })).toMatchObject({ logs: '' });
    await ops.ok('orcaops_stop_container', { container_id });
    await expect
      .poll(async () => (await list(undefined, 'pool')).map(({ id }) => id), { timeout: 30_000 })
      .not.toContain(container_id);
    // The next job has one of its own all the same.
    expect(await ops.run(['echo on'])).toMatchObject({ status: 'success', steps: [{ stdout: 'on\n' }] });
  });

  test('those of a sandbox are its owner’s, without what was generated for it', async () => {
    const sandbox = { name: 'seen', template: 'pair', wait_s: 40 };
    await ops.ok('orcaops_create_sandbox', sandbox, owner);
    await ops.ok('orcaops_start_sandbox', { name: 'seen', wait_s: 40 }, owner);
    const containers = await list(owner, 'sandbox');
    expect(containers.map((one) => one.sandbox)).toEqual(['seen', 'seen']);
    expect(await list(other, 'sandbox')).toEqual([]);
    const web = containers.find(({ name }) => name.includes('web'));
    const container_id = web?.id ?? '';
    const logs = await ops.ok('orcaops_get_container_logs', { container_id }, owner);
    expect(logs.logs).toBe('token [redacted]\n');
    const looked = await ops.ok('orcaops_inspect_container', { container_id }, owner);
    expect(looked).toMatchObject({
      sandbox: 'seen',
      network_settings: { ports: [{ container_port: '8080/tcp', host: '127.0.0.1' }] },
      limits: { memory_mb: 64, pids: 40 },
    });
    expect(JSON.stringify(looked)).not.toMatch(/TOKEN|GREETING/);
    expect(await ops.ok('orcaops_cleanup_containers', {}, owner)).toMatchObject({ removed: [] });
    expect(await ops.fails('orcaops_stop_container', { container_id }, other)).toMatchObject({
      code: 'CONTAINER_NOT_FOUND',
    });
    await ops.ok('orcaops_stop_container', { container_id }, owner);
    expect(await ops.ok('orcaops_inspect_container', { container_id }, owner)).toMatchObject({
      state: { running: false, status: 'exited' },
    });
    await ops.ok('orcaops_remove_container', { container_id }, owner);
    expect((await list(owner, 'sandbox')).map(({ id }) => id)).not.toContain(container_id);
    await ops.ok('orcaops_delete_sandbox', { name: 'seen', wait_s: 40 }, owner);
    expect(await list(owner, 'sandbox')).toEqual([]);
  });
});
