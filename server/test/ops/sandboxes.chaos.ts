import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createEngine } from '../../src/capabilities/ops/docker/client.ts';
import { describeDocker } from '../support/docker.ts';
import { dockerHost } from '../support/docker-host.ts';
import { makeTemplates } from '../support/sandboxes.ts';
import { type ServeProcess, serveProcess } from '../support/serve-process.ts';
import { makeTempDir } from '../support/temp-dir.ts';

// biome-ignore lint/suspicious/noExplicitAny: answers are checked by the tests themselves
type Body = any;

describeDocker('sandboxes while the server dies', () => {
  let dataDir: string;
  let templates: string;
  let server: ServeProcess;
  beforeEach(async () => {
    dataDir = makeTempDir('sandboxes');
    templates = makeTemplates();
    server = await serve();
  });
  afterEach(async () => {
    await server?.stop();
    for (const directory of [dataDir, templates]) rmSync(directory, { recursive: true, force: true });
  });

  const serve = () =>
    serveProcess(dataDir, [
      ...['--ops-docker-host', dockerHost, '--ops-templates-dir', templates],
      ...['--jobs-dead-after-s', '2', '--jobs-drain-s', '1'],
    ]);
  async function ok(name: string, input: unknown): Promise<Body> {
    const { status, body } = await server.call(name, input);
    expect({ status, refused: status !== 200 && body }).toEqual({ status: 200, refused: false });
    return body;
  }
  const show = (name: string) => ok('orcaops_get_sandbox', { name });
  async function settled(name: string): Promise<Body> {
    for (;;) {
      const sandbox = await show(name);
      if (!/ing$/.test(sandbox.status) || sandbox.status === 'running') return sandbox;
      await sleep(200);
    }
  }

  test('a start is gone on with after SIGKILL, and what runs goes on over a restart', async () => {
    await ok('orcaops_create_sandbox', { name: 'kept', template: 'slow', wait_s: 0 });
    await settled('kept');
    for (const ms of [100, 900]) {
      await ok('orcaops_start_sandbox', { name: 'kept', wait_s: 0 });
      await sleep(ms);
      await server.kill();
      server = await serve();
      const sandbox = await settled('kept');
      expect(sandbox).toMatchObject({ status: 'running' });
      expect(sandbox.services.map(({ state }: Body) => state)).toEqual(['running', 'running', 'running']);
      if (ms === 900) break;
      await ok('orcaops_stop_sandbox', { name: 'kept', wait_s: 0 });
      await settled('kept');
    }
    const ids = (sandbox: Body) => sandbox.services.map(({ container_id }: Body) => container_id);
    const before = ids(await show('kept'));
    await server.stop();
    server = await serve();
    expect(ids(await show('kept'))).toEqual(before);
    await ok('orcaops_delete_sandbox', { name: 'kept', wait_s: 0 });
    await server.kill();
    server = await serve();
    await expect
      .poll(async () => (await server.call('orcaops_get_sandbox', { name: 'kept' })).status, { timeout: 60_000 })
      .toBe(404);
    const { docker } = await createEngine(dockerHost);
    const all = await docker.listContainers({ all: true });
    expect(all.filter(({ Id }) => before.includes(Id.slice(0, 12)))).toEqual([]);
  });
});
