import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createEngine } from '../../src/capabilities/ops/docker/client.ts';
import { removeContainer } from '../../src/capabilities/ops/docker/containers.ts';
import { grantSecret, putSecret } from '../../src/core/auth/secrets/store.ts';
import { busybox, describeDocker, noShell } from '../support/docker.ts';
import { dockerHost } from '../support/docker-host.ts';
import { type OpsServer, startOpsServer } from '../support/ops.ts';

describeDocker('ends of container jobs', () => {
  let ops: OpsServer;
  beforeAll(async () => {
    ops = await startOpsServer();
  });
  afterAll(() => ops?.stop());

  /** Waits until a job has written something. */
  async function told(job_id: string, text: string): Promise<void> {
    for (;;) {
      const { steps, status } = await ops.ok('orcaops_get_job_logs', { job_id });
      if (steps.some((step: { stdout: string }) => step.stdout.includes(text))) return;
      expect(['queued', 'running']).toContain(status);
      await sleep(50);
    }
  }

  test('cancel kills the container, and what it had written by then is kept', async () => {
    const { job_id } = await ops.submit(['echo begun; echo part > part.txt; trap "" TERM INT; sleep 600'], {
      artifacts: ['part.txt'],
    });
    await told(job_id, 'begun');
    expect(await ops.containers()).toHaveLength(1);
    expect(await ops.ok('orcaops_cancel_job', { job_id, reason: 'enough' })).toMatchObject({ status: 'running' });
    const run = await ops.ended(job_id);
    expect(run).toMatchObject({ status: 'cancelled', steps: [{ exit_code: null, stdout: 'begun\n' }] });
    expect(run.error).toBeUndefined();
    expect(await ops.ok('orcaops_get_artifact', { job_id, filename: 'part.txt' })).toMatchObject({ content: 'part\n' });
    await expect.poll(() => ops.containers(), { timeout: 30_000 }).toEqual([]);
    expect(await ops.ok('orcaops_cancel_job', { job_id })).toMatchObject({ status: 'cancelled', message: /before/ });
  });

  test('a timeout does the same, as timed_out', async () => {
    const run = await ops.run(['echo begun; sleep 600'], { timeout: 2 });
    expect(run).toMatchObject({ status: 'timed_out', error: { code: 'JOB_TIMEOUT' }, steps: [{ stdout: 'begun\n' }] });
    await expect.poll(() => ops.containers(), { timeout: 30_000 }).toEqual([]);
  });

  test('of two processes that end a job, the one that says so first has the word', async () => {
    const { db } = ops.database;
    const said = { exit_code: 0, out_of_memory: false, steps: 1 };
    const { job_id } = await ops.submit(['echo begun; sleep 600']);
    await told(job_id, 'begun');
    const [container = ''] = await ops.containers();
    await sql`update ops_runs set outcome = ${JSON.stringify({ ...said, how: 'finished' })}::jsonb
      where name = ${job_id}`.execute(db);
    await removeContainer(await createEngine(dockerHost), container);
    expect(await ops.ended(job_id)).toMatchObject({ status: 'success' });
    // By the clock of the other one its time was over.
    const stopped = { ...said, how: 'stopped', exit_code: null };
    await sql`alter table ops_runs alter outcome set default ${sql.lit(JSON.stringify(stopped))}::jsonb`.execute(db);
    const run = await ops.run(['true'], { timeout: 3 });
    await sql`alter table ops_runs alter outcome drop default`.execute(db);
    expect(run).toMatchObject({ status: 'timed_out', error: { code: 'JOB_TIMEOUT' } });
  });

  test('want of memory is told', async () => {
    const run = await ops.run(['dd if=/dev/zero of=/work/big bs=1M count=60'], {
      resources: { memory_mb: 24, work_mb: 100 },
    });
    expect(run).toMatchObject({ status: 'failed', error: { code: 'OUT_OF_MEMORY' } });
  });

  test('an image that is not there, or has no shell, fails the job with what to do', async () => {
    const missing = await ops.ok('orcaops_run_job', { image: 'tutti-test/none:1', commands: ['true'] });
    expect(missing).toMatchObject({ status: 'failed', error: { code: 'IMAGE_NOT_FOUND' }, steps: [] });
    const shellless = await ops.ok('orcaops_run_job', { image: noShell, commands: ['true'] });
    expect(shellless).toMatchObject({ status: 'failed', error: { code: 'NO_SHELL' } });
    await expect.poll(() => ops.containers(), { timeout: 30_000 }).toEqual([]);
  });

  test('a secret is used by its name, and never comes out in any form', async () => {
    const value = 'S3cret-value-of-the-test';
    const file = path.join(ops.dataDir, 'secret');
    writeFileSync(file, value);
    await putSecret(ops.database.db, 'tool-key', `file:${file}`);
    const call = { env: { KEY: { secret: 'tool-key' }, MY_PASSWORD: 'given-in-the-call' } };
    const commands = [
      'echo "plain $KEY $MY_PASSWORD"',
      'printf %s "$KEY" | base64',
      'printf "split %.5s" "$KEY"; sleep 1; printf "%s\\n" "$(printf %s "$KEY" | cut -c6-)"',
      '[ "$(printf %s "$KEY" | wc -c)" = 24 ] && echo whole',
    ];
    const refused = await ops.run(commands, call);
    expect(refused).toMatchObject({ status: 'failed', error: { code: 'SECRET_NOT_GRANTED' } });
    await grantSecret(ops.database.db, 'tool-key', { toolset: 'ops' });
    const run = await ops.run(commands, call);
    expect(run).toMatchObject({ status: 'success', environment: { env_vars: { KEY: 'secret:tool-key' } } });
    expect(run.steps.map((step: { stdout: string }) => step.stdout)).toEqual([
      'plain [redacted] [redacted]\n',
      expect.stringContaining('[redacted]'),
      'split [redacted]\n',
      'whole\n',
    ]);
    // Nothing of it is anywhere in the database.
    const { rows } = await sql<{ name: string }>`
      select table_schema || '.' || table_name as name from information_schema.tables
      where table_schema in ('public', 'dbos') and table_type = 'BASE TABLE'`.execute(ops.database.db);
    const encoded = Buffer.from(value).toString('base64').slice(0, 20);
    const forms = [value, encoded, 'given-in-the-call'].map((form) => `%${form}%`);
    for (const { name } of rows) {
      const { rows: found } = await sql`
        select 1 from ${sql.raw(name)} t where t::text like any(${forms}::text[]) limit 1`.execute(ops.database.db);
      expect({ name, found }).toEqual({ name, found: [] });
    }
  });

  test('what the operator does not allow is refused before anything is made', async () => {
    const job = { image: busybox, commands: ['true'] };
    const asked = [
      [{ ...job, network: 'egress' }, 'NETWORK_NOT_ALLOWED'],
      [{ ...job, resources: { memory_mb: 4096 } }, 'LIMIT_EXCEEDED'],
      [{ ...job, timeout: 100_000 }, 'LIMIT_EXCEEDED'],
      [{ ...job, labels: ['gpu'] }, 'ENGINE_NOT_FOUND'],
      [{ ...job, artifacts: ['../../etc'] }, 'INVALID_PATH'],
      [{ ...job, input_files: [{ path: '../x', text: '' }] }, 'INVALID_PATH'],
      [{ ...job, job_id: '../x' }, 'VALIDATION_FAILED'],
      [{ ...job, image: 'a b' }, 'VALIDATION_FAILED'],
      [{ ...job, privileged: true }, 'VALIDATION_FAILED'],
    ] as const;
    for (const [input, code] of asked) expect(await ops.fails('orcaops_submit_job', input)).toMatchObject({ code });
  });
});
