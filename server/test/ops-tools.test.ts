import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { inTransaction } from '../src/core/db/database.ts';
import { deleteJobs } from '../src/core/jobs/store.ts';
import { fullCatalogue } from './support/catalogue.ts';
import { nowhere } from './support/docker-host.ts';
import { connectors } from './support/mcp-clients.ts';
import { type OpsServer, rememberEngine, startOpsServer } from './support/ops.ts';

let ops: OpsServer;
let owner: string;
let other: string;
beforeAll(async () => {
  const ceilings = JSON.stringify([{ principals: ['few'], jobs: 2, pids: 50 }]);
  ops = await startOpsServer(nowhere, ['--ops-ceilings', ceilings]);
  owner = (await ops.token('owner', ['ops:read', 'ops:write', 'ops:destroy'])).secret;
  other = (await ops.token('other', ['writer', 'ops:destroy'])).secret;
});
afterAll(() => ops.stop());

const [firstConnector] = Object.values(connectors) as [(typeof connectors)[string]];
const tools = fullCatalogue().faces.filter(({ toolset }) => toolset === 'ops');
const job = { image: 'busybox', commands: ['true'] };

test.each(tools.map((face) => [face.name, face] as const))(
  'without an engine %s says how to get one',
  async (name, face) => {
    const [example] = face.examples ?? [];
    expect(example, 'an example').toBeDefined();
    const error = await ops.fails(name, example?.input);
    expect(error).toMatchObject({ status: 503, code: 'DOCKER_UNAVAILABLE', retryable: true });
    expect(error.suggestion).toMatch(/install/i);
  },
);

test('without an engine the server is ready all the same, and its figures say so', async () => {
  expect((await fetch(`${ops.url}/readyz`)).status).toBe(200);
  const metrics = await fetch(`${ops.url}/metrics`, { headers: { authorization: `Bearer ${ops.admin}` } });
  expect(await metrics.text()).toMatch(/^tutti_ops_engine_up 0$/m);
});

test('a job whose engine is away waits, says why, and is canceled before anything was made', async () => {
  await rememberEngine(ops);
  const { job_id } = await ops.ok('orcaops_submit_job', { ...job, env: { API_TOKEN: 'a-plain-value' } }, owner);
  let run = await ops.ok('orcaops_get_job_status', { job_id }, owner);
  while (run.reason === undefined) {
    await sleep(50);
    run = await ops.ok('orcaops_get_job_status', { job_id }, owner);
  }
  expect(run).toMatchObject({
    status: 'queued',
    reason: expect.stringMatching(
      /^The engine local does not answer; it last did at \S+Z\. No Docker engine answers\.$/,
    ),
    steps: [],
    environment: { env_vars: { API_TOKEN: '[redacted]' } },
  });
  expect(await ops.ok('orcaops_get_job_logs', { job_id }, owner)).toMatchObject({
    steps: [],
    message: expect.any(String),
  });
  await ops.ok('orcaops_cancel_job', { job_id }, owner);
  const ended = await ops.ok('orcaops_get_job_status', { job_id, wait_s: 30 }, owner);
  expect(ended).toMatchObject({ status: 'cancelled', finished_at: expect.any(String) });
  expect(ended.reason).toBeUndefined();
});

test('what is wrong with a variable is said', async () => {
  for (const value of [1, null, ['a']]) {
    const refused = await ops.fails('orcaops_submit_job', { ...job, env: { LEVEL: value } }, owner);
    expect(refused.details.issues).toEqual([
      { path: 'env.LEVEL', message: expect.stringMatching(/a text .* or \{"secret"/) },
    ]);
  }
});

test('many at once of one id: one job, whether they are twins by a key or strangers', async () => {
  const twin = (await ops.token('twin', ['ops:read', 'ops:write'])).secret;
  const rival = (await ops.token('rival', ['ops:write'])).secret;
  const twins = Array.from({ length: 6 }, () =>
    ops.ok('orcaops_submit_job', { ...job, job_id: 'twin', idempotency_key: 'twin-1' }, twin),
  );
  const [first, ...others] = await Promise.all(twins);
  for (const one of others) expect(one).toEqual(first);
  const asked = { ...job, job_id: 'contended' };
  const answers = await Promise.all([1, 2, 3, 4].map(() => ops.call('orcaops_submit_job', asked, twin)));
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409]);
  expect(answers.filter(({ status }) => status === 409).map(({ body }) => body.error.code)).toEqual(
    Array(3).fill('ALREADY_EXISTS'),
  );
  // The key is of the input: the same one with another id is a mistake, and of another caller another key.
  const again = { ...job, job_id: 'other-twin', idempotency_key: 'twin-1' };
  expect(await ops.fails('orcaops_submit_job', again, twin)).toMatchObject({ code: 'IDEMPOTENCY_CONFLICT' });
  await ops.ok('orcaops_submit_job', again, rival);
  const { jobs } = await ops.ok('orcaops_list_jobs', { limit: 200 });
  const ids = jobs.map((one: { job_id: string }) => one.job_id);
  for (const id of ['twin', 'contended', 'other-twin']) expect(ids.filter((one: string) => one === id)).toEqual([id]);
  for (const job_id of ['twin', 'contended', 'other-twin']) await ops.ok('orcaops_cancel_job', { job_id });
});

test('jobs are seen by whoever submitted them, and by administrators', async () => {
  const { job_id } = await ops.ok('orcaops_submit_job', { ...job, job_id: 'mine' }, owner);
  for (const [name, code] of [
    ['orcaops_get_job_status', 'JOB_NOT_FOUND'],
    ['orcaops_get_job_logs', 'JOB_NOT_FOUND'],
    ['orcaops_cancel_job', 'JOB_NOT_FOUND'],
    ['orcaops_list_artifacts', 'JOB_NOT_FOUND'],
    ['orcaops_get_run', 'RUN_NOT_FOUND'],
    ['orcaops_delete_run', 'RUN_NOT_FOUND'],
  ] as const) {
    expect(await ops.fails(name, { job_id }, other)).toMatchObject({ status: 404, code });
    expect(await ops.fails(name, { job_id: 'nobodys' }, owner)).toMatchObject({ status: 404, code });
  }
  const read = { job_id, filename: 'x' };
  expect(await ops.fails('orcaops_get_artifact', read, other)).toMatchObject({ code: 'JOB_NOT_FOUND' });
  expect(await ops.fails('orcaops_get_artifact', read, owner)).toMatchObject({ code: 'ARTIFACT_NOT_FOUND' });
  expect((await ops.ok('orcaops_list_jobs', {}, other)).jobs).toEqual([]);
  expect((await ops.ok('orcaops_list_jobs', {}, owner)).jobs.map((one: { job_id: string }) => one.job_id)).toContain(
    'mine',
  );
  expect((await ops.ok('orcaops_list_jobs', {})).jobs.map((one: { job_id: string }) => one.job_id)).toContain('mine');
  expect(await ops.fails('orcaops_submit_job', { ...job, job_id: 'mine' }, other)).toMatchObject({
    code: 'ALREADY_EXISTS',
  });
  expect(await ops.fails('orcaops_delete_run', { job_id }, owner)).toMatchObject({ code: 'CONFLICT' });
  const reader = (await ops.token('reader', ['ops:read'])).secret;
  expect(await ops.fails('orcaops_submit_job', job, reader)).toMatchObject({ code: 'FORBIDDEN' });
});

test('lists page, filter by OrcaOps’ words, and tell a word that is none', async () => {
  for (let n = 0; n < 5; n += 1) await ops.ok('orcaops_submit_job', { ...job, job_id: `page-${n}` }, owner);
  const first = await ops.ok('orcaops_list_jobs', { limit: 3 }, owner);
  expect(first).toMatchObject({ success: true, count: 3 });
  const second = await ops.ok('orcaops_list_jobs', { limit: 3, page: first.next_page }, owner);
  const ids = [...first.jobs, ...second.jobs].map((one: { job_id: string }) => one.job_id);
  expect(ids.slice(0, 5)).toEqual(['page-4', 'page-3', 'page-2', 'page-1', 'page-0']);
  expect((await ops.ok('orcaops_list_jobs', { status: 'cancelled' }, owner)).jobs).toHaveLength(1);
  expect((await ops.ok('orcaops_list_runs', {}, owner)).total).toBe(1);
  for (const name of ['orcaops_list_jobs', 'orcaops_list_runs']) {
    expect(await ops.fails(name, { status: 'succeeded' }, owner)).toMatchObject({
      status: 422,
      code: 'INVALID_STATUS',
    });
  }
  expect(await ops.fails('orcaops_list_jobs', { page: first.next_page }, other)).toMatchObject({ code: 'BAD_CURSOR' });
});

test('a run keeps its end when its job is forgotten, until it is deleted', async () => {
  const { job_id, system_job_id } = await ops.ok('orcaops_submit_job', { ...job, job_id: 'kept' }, owner);
  await ops.ok('orcaops_cancel_job', { job_id, reason: 'enough' }, owner);
  const run = await ops.ok('orcaops_get_job_status', { job_id, wait_s: 30 }, owner);
  await inTransaction(ops.database.db, (tx) => deleteJobs(tx, [system_job_id]));
  expect(await ops.ok('orcaops_get_run', { job_id }, owner)).toMatchObject({
    status: 'cancelled',
    finished_at: run.finished_at,
  });
  const all = { older_than_days: 0 };
  expect((await ops.ok('orcaops_cleanup_runs', { ...all, dry_run: true }, owner)).deleted_job_ids).toContain('kept');
  expect(await ops.ok('orcaops_cleanup_runs', all, other)).toMatchObject({ deleted_count: 0, deleted_job_ids: [] });
  await ops.ok('orcaops_delete_run', { job_id }, owner);
  expect(await ops.fails('orcaops_get_run', { job_id }, owner)).toMatchObject({ code: 'RUN_NOT_FOUND' });
  expect((await ops.ok('orcaops_cleanup_runs', all, owner)).deleted_count).toBe(1);
  expect((await ops.ok('orcaops_list_runs', {}, owner)).total).toBe(0);
});

test('a job whose engine stays away for as long as it may take ends as timed out', async () => {
  const { job_id } = await ops.ok('orcaops_submit_job', { ...job, timeout: 1 }, owner);
  const run = await ops.ok('orcaops_get_job_status', { job_id, wait_s: 40 }, owner);
  expect(run).toMatchObject({ status: 'timed_out', error: { code: 'JOB_TIMEOUT', details: { engine: 'local' } } });
  expect(run.started_at).toBeUndefined();
});

test('what a caller gave as a value is gone once the job has ended, even if it never began', async () => {
  await rememberEngine(ops, 'elsewhere', ['far']);
  const specs = async () => {
    const { rows } = await sql<{ spec: string }>`select spec::text from ops_runs`.execute(ops.database.db);
    return rows.map(({ spec }) => spec).join();
  };
  const far = { ...job, labels: ['far'], env: { DB_PASSWORD: 'never-to-be-kept' } };
  const { job_id } = await ops.ok('orcaops_submit_job', far, owner);
  expect(await specs()).toContain('never-to-be-kept');
  expect(await ops.ok('orcaops_get_job_status', { job_id }, owner)).toMatchObject({
    status: 'queued',
    reason: expect.stringContaining('Nothing is heard of a process beside the engine elsewhere'),
  });
  expect(await ops.ok('orcaops_cancel_job', { job_id }, owner)).toMatchObject({ status: 'cancelled' });
  expect(await specs()).not.toContain('never-to-be-kept');
});

test('a caller has at most as many open jobs as its ceiling says, however many it submits at once', async () => {
  const few = (await ops.token('few', ['ops:read', 'ops:write'])).secret;
  const answers = await Promise.all(
    Array.from({ length: 8 }, (_, n) => ops.call('orcaops_submit_job', { ...job, job_id: `few-${n}` }, few)),
  );
  const refused = answers.filter(({ status }) => status !== 200);
  expect(refused.map(({ status, body }) => [status, body.error.code, body.error.details])).toEqual(
    Array(6).fill([422, 'LIMIT_EXCEEDED', { field: 'jobs', asked: 3, most: 2 }]),
  );
  const [{ job_id }] = (await ops.ok('orcaops_list_jobs', {}, few)).jobs;
  await ops.ok('orcaops_cancel_job', { job_id }, few);
  await ops.ok('orcaops_get_job_status', { job_id, wait_s: 30 }, few);
  await ops.ok('orcaops_submit_job', { ...job, job_id: 'few-again' }, few);
  expect(await ops.fails('orcaops_submit_job', { ...job, resources: { pids: 51 } }, few)).toMatchObject({
    code: 'LIMIT_EXCEEDED',
    details: { field: 'pids', asked: 51, most: 50 },
  });
});

test('the prompt completes ids of the caller’s own jobs, newest first', async () => {
  await rememberEngine(ops);
  for (const id of ['nightly-1', 'nightly-2']) await ops.ok('orcaops_submit_job', { ...job, job_id: id }, owner);
  const completed = async (token: string, value: string) => {
    const { client } = await firstConnector(`${ops.url}/mcp`, token);
    const { completion } = await client.complete({
      ref: { type: 'ref/prompt', name: 'ops' },
      argument: { name: 'job', value },
    });
    await client.close();
    return completion.values;
  };
  expect(await completed(owner, 'nightly')).toEqual(['nightly-2', 'nightly-1']);
  expect(await completed(owner, 'nightly-1')).toEqual(['nightly-1']);
  expect(await completed(other, 'nightly')).toEqual([]);
});
