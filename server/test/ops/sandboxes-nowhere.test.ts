import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { nowhere } from '../support/docker-host.ts';
import { type OpsServer, rememberEngine, startOpsServer } from '../support/ops.ts';

let ops: OpsServer;
beforeAll(async () => {
  const ceilings = JSON.stringify([{ principals: ['small'], memory_mb: 512 }]);
  ops = await startOpsServer(nowhere, ['--ops-ceilings', ceilings]);
});
afterAll(() => ops?.stop());
afterEach(() => {
  vi.unstubAllEnvs();
  vi.resetModules();
});

const calls: Record<string, object> = {
  orcaops_list_sandboxes: {},
  orcaops_get_sandbox: { name: 'a' },
  orcaops_create_sandbox: { name: 'a', template: 'web-dev' },
  orcaops_start_sandbox: { name: 'a' },
  orcaops_stop_sandbox: { name: 'a' },
  orcaops_list_templates: {},
  orcaops_get_template: { template_id: 'web-dev' },
  orcaops_exec_sandbox: { name: 'a', command: 'id' },
  orcaops_put_sandbox_files: { name: 'a', directory: '/a', files: [{ path: 'a', text: '' }] },
  orcaops_get_sandbox_file: { name: 'a', path: '/a' },
  orcaops_get_sandbox_logs: { name: 'a' },
  orcaops_delete_sandbox: { name: 'a' },
  orcaops_snapshot_sandbox: { name: 'a' },
  orcaops_list_snapshots: {},
  orcaops_delete_snapshot: { snapshot_id: 'a' },
};

test.each(Object.entries(calls))('%s without an engine says how to install one', async (name, input) => {
  const error = await ops.fails(name, input);
  expect(error).toMatchObject({ code: 'DOCKER_UNAVAILABLE', status: 503 });
  expect(error.suggestion).toContain('Install and start');
});

test('with one that was there once, what needs none is answered, and a sandbox is not begun', async () => {
  await rememberEngine(ops);
  const { templates } = await ops.ok('orcaops_list_templates');
  expect(templates.map(({ template_id }: { template_id: string }) => template_id)).toEqual([
    'api-testing',
    'python-ml',
    'web-dev',
  ]);
  expect(await ops.ok('orcaops_get_template', { template_id: 'api-testing' })).toMatchObject({
    services: ['node', 'redis', 'postgres'],
    parameters: { DATABASE: { default: 'api' } },
    generated: ['POSTGRES_PASSWORD', 'REDIS_PASSWORD'],
    service_details: [{ image: 'node:18-alpine', ports: [3000] }, { ports: [6379] }, { ports: [5432] }],
  });
  expect(await ops.fails('orcaops_create_sandbox', calls.orcaops_create_sandbox)).toMatchObject({
    code: 'DOCKER_UNAVAILABLE',
  });
  expect((await ops.ok('orcaops_list_sandboxes')).sandboxes).toEqual([]);
});

test('a caller’s own limits hold for sandboxes too', async () => {
  const { secret: small } = await ops.token('small', ['writer']);
  const error = await ops.fails('orcaops_get_template', { template_id: 'python-ml' }, small);
  const details = { field: 'jupyter.memory_mb', asked: 2048, most: 512 };
  expect(error).toMatchObject({ code: 'LIMIT_EXCEEDED', details });
  const { unusable, count } = await ops.ok('orcaops_list_templates', {}, small);
  expect({ count, unusable }).toMatchObject({ count: 2, unusable: [{ template_id: 'python-ml' }] });
});

test('without compose it is told how to install it', async () => {
  vi.stubEnv('PATH', '/nonexistent');
  vi.resetModules();
  const { findCompose, requireCompose } = await import('../../src/capabilities/ops/sandboxes/cli.ts');
  expect(await findCompose()).toBeUndefined();
  await expect(requireCompose()).rejects.toMatchObject({
    code: 'DOCKER_COMPOSE_NOT_FOUND',
    suggestion: expect.stringContaining('docker-compose'),
  });
});
