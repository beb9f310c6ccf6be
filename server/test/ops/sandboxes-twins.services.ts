import { rmSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeDocker } from '../support/docker.ts';
import { dockerHost, nowhere } from '../support/docker-host.ts';
import { makeTemplates } from '../support/sandboxes.ts';
import type { ServeProcess } from '../support/serve-process.ts';
import { createSite, type Site } from '../support/several.ts';

// biome-ignore lint/suspicious/noExplicitAny: answers are checked by the tests themselves
type Body = any;

describeDocker('sandboxes beside several servers', { timeout: 240_000 }, () => {
  let site: Site;
  let templates: string;
  let maker: ServeProcess;
  let twin: ServeProcess;
  let distant: ServeProcess;
  beforeAll(async () => {
    [site, templates] = [await createSite(), makeTemplates()];
    const beside = (host: string, name: string) => [
      ...['--ops-docker-host', host, '--ops-engine-name', name, '--ops-templates-dir', templates],
    ];
    [maker, twin, distant] = await Promise.all([
      site.serve('maker', beside(dockerHost, 'here')),
      site.serve('twin', beside(dockerHost, 'here')),
      site.serve('distant', beside(nowhere, 'there')),
    ]);
    const info = async () => (await twin.call('orcaops_system_info', {})).body as Body;
    while ((await info()).engines?.[0]?.processes !== 2) await new Promise((resolve) => setTimeout(resolve, 100));
  }, 120_000);
  afterAll(async () => {
    await site?.close();
    rmSync(templates, { recursive: true, force: true });
  });

  const call = async (server: ServeProcess, name: string, input: object): Promise<Body> =>
    (await server.call(name, { name: 'shared', ...input })).body;

  test('the server that made one does all with it; others say where to go, and show nothing that is not cleaned', async () => {
    expect(await call(maker, 'orcaops_create_sandbox', { template: 'pair', wait_s: 15 })).toMatchObject({
      success: true,
    });
    try {
      // The work of each start could be taken by either.
      for (let round = 0; round < 3; round += 1) {
        expect(await call(maker, 'orcaops_start_sandbox', { wait_s: 15 })).toMatchObject({ status: 'running' });
        // A stop needs no more than the engine.
        if (round < 2) await call(twin, 'orcaops_stop_sandbox', { wait_s: 15 });
      }
      const logs = await call(maker, 'orcaops_get_sandbox_logs', { service: 'web' });
      expect(logs.logs).toContain('token [redacted]');
      const { containers } = (await twin.call('orcaops_list_containers', {})).body as Body;
      const web = containers.find((one: Body) => one.sandbox === 'shared' && one.name.includes('web'));
      for (const [tool, input] of [
        ['orcaops_get_sandbox_logs', { service: 'web' }],
        ['orcaops_exec_sandbox', { service: 'web', command: 'echo "$TOKEN"' }],
        ['orcaops_start_sandbox', { wait_s: 15 }],
      ] as const) {
        expect({ tool, ...(await call(twin, tool, input)) }).toMatchObject({
          tool,
          error: { code: 'DIR_NOT_FOUND', suggestion: expect.stringContaining('another server on this machine') },
        });
        expect({ tool, ...(await call(distant, tool, input)) }).toMatchObject({
          tool,
          error: { code: 'ENGINE_ELSEWHERE', details: { engine: 'here' } },
        });
      }
      const read = await twin.call('orcaops_get_container_logs', { container_id: web.id });
      expect(read.body).toMatchObject({ error: { code: 'DIR_NOT_FOUND' } });
    } finally {
      expect(await call(maker, 'orcaops_delete_sandbox', { wait_s: 15 })).toMatchObject({ success: true });
    }
  });
});
