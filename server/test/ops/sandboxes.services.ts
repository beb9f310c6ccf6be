import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { installationId } from '../../src/capabilities/ops/engines/store.ts';
import { labelsOf, projectOf } from '../../src/capabilities/ops/sandboxes/marks.ts';
import { newId } from '../../src/core/ids.ts';
import { busybox } from '../support/docker.ts';
import { testFailures } from '../support/sandbox-failures.ts';
import { describeSandboxes } from '../support/sandbox-kit.ts';
import { testLife } from '../support/sandbox-life.ts';
import { leftOf } from '../support/sandboxes.ts';

// biome-ignore lint/suspicious/noExplicitAny: answers are checked by the tests themselves
type Body = any;

describeSandboxes('sandboxes', (kit) => {
  const { create, start, remove, show, wait_s } = kit;

  testLife(kit);
  testFailures(kit);

  test('one at a time works on a sandbox, and an idempotency key makes one of two calls', async () => {
    const call = { name: 'once', template: 'slow', wait_s, idempotency_key: 'k' };
    const [one, two] = await Promise.all([
      kit.ops.ok('orcaops_create_sandbox', call),
      kit.ops.ok('orcaops_create_sandbox', call),
    ]);
    expect(two.job_id).toBe(one.job_id);
    const begun = await kit.ops.ok('orcaops_start_sandbox', { name: 'once', wait_s: 0 });
    expect(begun).toMatchObject({ status: 'starting' });
    expect(await kit.ops.fails('orcaops_stop_sandbox', { name: 'once' })).toMatchObject({ code: 'CONFLICT' });
    const job = await kit.ops.ok('job_status', { job_id: begun.job_id });
    expect(job).toMatchObject({ kind: 'ops.sandbox', metadata: { sandbox: 'once', action: 'start' } });
    while ((await show('once')).status === 'starting') await sleep(100);
    expect(await show('once')).toMatchObject({ status: 'running' });
    // What runs is left as it is.
    const ids = (body: Body) => body.services.map(({ container_id }: Body) => container_id);
    const before = ids(await show('once'));
    await start('once');
    expect(ids(await show('once'))).toEqual(before);
    await remove('once');
  });

  test('one that nobody uses is stopped, one whose time is over deleted, and what is of none is ended', async () => {
    const { db } = kit.ops.database;
    await Promise.all([create('idle'), create('old')]);
    await Promise.all([start('idle'), start('old')]);
    const installation = await installationId(db, () => '');
    const gone = newId('sbx');
    const orphan = await kit.engine.docker.createContainer({
      name: `${projectOf(gone)}_a_1`,
      Image: busybox,
      Cmd: ['sleep', '1000'],
      Labels: {
        ...labelsOf({ server: installation, sandbox: gone }),
        'com.docker.compose.project': projectOf(gone),
      },
    });
    await orphan.start();
    await sql`update ops_sandboxes set last_used_at = now() - interval '2 hours' where name = 'idle'`.execute(db);
    await sql`update ops_sandboxes set expires_at = now() - interval '1 second' where name = 'old'`.execute(db);
    const ended = async () => {
      const { sandboxes } = await kit.ops.ok('orcaops_list_sandboxes');
      return sandboxes.map(({ name, status }: Body) => `${name} ${status}`).join();
    };
    await expect.poll(ended, { timeout: 60_000, interval: 500 }).toBe('idle stopped');
    await expect
      .poll(() => leftOf(kit.ops), { timeout: 30_000, interval: 500 })
      .toEqual({ containers: 0, networks: 0, volumes: 1 });
    await remove('idle');
  });
});
