import { readFileSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeDocker } from '../support/docker.ts';
import { dockerHost } from '../support/docker-host.ts';
import { makeTemplates } from '../support/sandboxes.ts';
import { runTutti, type ServeProcess, serveProcess } from '../support/serve-process.ts';
import { makeTempDir } from '../support/temp-dir.ts';

// biome-ignore lint/suspicious/noExplicitAny: answers are checked by the tests themselves
type Body = any;

describeDocker('sandboxes in a backup', () => {
  const base = makeTempDir('sandbox-backup');
  const [source, target, file] = ['source', 'target', 'backup.tar'].map((name) => path.join(base, name)) as [
    string,
    string,
    string,
  ];
  let templates: string;
  let server: ServeProcess | undefined;
  const serve = (directory: string) =>
    serveProcess(directory, ['--ops-docker-host', dockerHost, '--ops-templates-dir', templates]);
  beforeAll(async () => {
    templates = makeTemplates();
    server = await serve(source);
  });
  afterAll(async () => {
    await server?.stop();
    for (const directory of [base, templates]) rmSync(directory, { recursive: true, force: true });
  });
  async function ok(name: string, input: unknown): Promise<Body> {
    const { status, body } = (await server?.call(name, input)) ?? {};
    expect({ status, refused: status !== 200 && body }).toEqual({ status: 200, refused: false });
    return body;
  }

  test('a restored server goes on with them: the same values, the volumes that the engine still has', async () => {
    await ok('orcaops_create_sandbox', { name: 'kept', template: 'pair', wait_s: 19 });
    await ok('orcaops_start_sandbox', { name: 'kept', wait_s: 19 });
    const web = { name: 'kept', service: 'web' };
    await ok('orcaops_exec_sandbox', { ...web, command: 'echo before > /data/file' });
    const env = readFileSync(path.join(source, 'ops/sandboxes/kept/.env'), 'utf8');
    expect(await runTutti(['backup', file, '--data-dir', source])).toMatchObject({ code: 0 });
    await ok('orcaops_stop_sandbox', { name: 'kept', wait_s: 19 });
    await server?.stop();
    expect(await runTutti(['restore', file, '--data-dir', target])).toMatchObject({ code: 0 });
    const restored = path.join(target, 'ops/sandboxes/kept');
    expect(readFileSync(path.join(restored, '.env'), 'utf8')).toBe(env);
    expect([restored, path.join(restored, '.env')].map((one) => statSync(one).mode & 0o077)).toEqual([0, 0]);

    server = await serve(target);
    expect(await ok('orcaops_get_sandbox', { name: 'kept' })).toMatchObject({
      path: restored,
      validation: { exists: true, has_compose: true, has_env: true },
    });
    await expect
      .poll(async () => (await server?.call('orcaops_start_sandbox', { name: 'kept', wait_s: 19 }))?.status, {
        timeout: 30_000,
      })
      .toBe(200);
    expect(await ok('orcaops_exec_sandbox', { ...web, command: 'cat /data/file; echo $TOKEN' })).toMatchObject({
      stdout: 'before\n[redacted]\n',
    });
    await ok('orcaops_delete_sandbox', { name: 'kept', wait_s: 19 });
  }, 120_000);
});
