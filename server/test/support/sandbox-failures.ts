import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { SandboxKit } from './sandbox-kit.ts';

// biome-ignore lint/suspicious/noExplicitAny: answers are checked by the tests themselves
type Body = any;

/** What goes wrong with sandboxes, with every compose. */
export function testFailures(kit: SandboxKit): void {
  const { create, stop, remove, show, wait_s } = kit;

  test('what goes wrong is told with its own code', async () => {
    const asked = (template: string, more = {}) =>
      kit.ops.fails('orcaops_create_sandbox', { name: 'wrong', template, wait_s, ...more });
    const hostile = await asked('hostile');
    expect(hostile).toMatchObject({ code: 'INVALID_TEMPLATE', status: 422 });
    expect(hostile.details.issues.map((issue: Body) => issue.path)).toContain('services.a.privileged');
    expect(await asked('none')).toMatchObject({ code: 'INVALID_TEMPLATE' });
    expect(await asked('../pair')).toMatchObject({ code: 'INVALID_TEMPLATE' });
    expect(await asked('pair', { parameters: { NO: 'x' } })).toMatchObject({ code: 'INVALID_TEMPLATE' });
    for (const bad of ['$(id)', 'a b', '$TOKEN', 'x:/y', ''])
      expect(await asked('pair', { parameters: { GREETING: bad } })).toMatchObject({ code: 'VALIDATION_FAILED' });
    for (const directory of ['../x', '/tmp/x', 'a/b', '.', '..'])
      expect(await asked('pair', { directory })).toMatchObject({ code: 'VALIDATION_FAILED' });
    expect(await asked('pair', { ttl_s: 31_536_000 })).toMatchObject({ code: 'LIMIT_EXCEEDED' });

    await create('wrong', 'no-start', { directory: './elsewhere' });
    expect(await show('wrong')).toMatchObject({ path: path.join(kit.ops.dataDir, 'ops/sandboxes/elsewhere') });
    expect(await asked('pair')).toMatchObject({ code: 'SANDBOX_EXISTS', status: 409 });
    expect(
      await kit.ops.fails('orcaops_create_sandbox', { name: 'two', directory: 'elsewhere', template: 'pair' }),
    ).toMatchObject({
      code: 'SANDBOX_EXISTS',
    });
    const failed = await kit.ops.fails('orcaops_start_sandbox', { name: 'wrong', wait_s });
    expect(failed).toMatchObject({ code: 'START_FAILED', details: { output: { untrusted: true, source: 'compose' } } });
    expect(failed.details.output.text).toContain('not a directory');
    expect(await show('wrong')).toMatchObject({ status: 'failed', error: { code: 'START_FAILED' } });

    writeFileSync(
      path.join(kit.ops.dataDir, 'ops/sandboxes/elsewhere/compose.yml'),
      'services: {a: {privileged: true}}',
    );
    expect(await kit.ops.fails('orcaops_start_sandbox', { name: 'wrong', wait_s })).toMatchObject({
      code: 'NO_COMPOSE',
    });
    rmSync(path.join(kit.ops.dataDir, 'ops/sandboxes/elsewhere'), { recursive: true });
    expect(await kit.ops.fails('orcaops_start_sandbox', { name: 'wrong', wait_s })).toMatchObject({
      code: 'DIR_NOT_FOUND',
    });
    // It can be stopped and deleted all the same.
    expect(await stop('wrong')).toMatchObject({ status: 'stopped' });
    await remove('wrong');

    await create('wrong', 'no-command');
    expect(await kit.ops.fails('orcaops_start_sandbox', { name: 'wrong', wait_s })).toMatchObject({
      code: 'START_FAILED',
      message: 'The service a ended with exit code 127 as it began.',
    });
    const logs = await kit.ops.ok('orcaops_get_sandbox_logs', { name: 'wrong' });
    expect(logs).toMatchObject({ state: 'exited', logs: expect.stringContaining('/nonexistent') });
    await remove('wrong');

    await create('wrong', 'no-image');
    const image = await kit.ops.fails('orcaops_start_sandbox', { name: 'wrong', wait_s });
    expect(image.code).toMatch(/^IMAGE_/);
    await remove('wrong');
    for (const name of ['start', 'stop', 'delete'])
      expect(await kit.ops.fails(`orcaops_${name}_sandbox`, { name: 'wrong' })).toMatchObject({
        code: 'SANDBOX_NOT_FOUND',
      });
    expect(await kit.ops.fails('orcaops_get_template', { template_id: 'none' })).toMatchObject({
      code: 'TEMPLATE_NOT_FOUND',
    });
    const { templates: listed, unusable } = await kit.ops.ok('orcaops_list_templates');
    expect(listed.map(({ template_id }: Body) => template_id)).toContain('pair');
    expect(unusable).toEqual([{ template_id: 'hostile', message: expect.any(String) }]);
  });
}
