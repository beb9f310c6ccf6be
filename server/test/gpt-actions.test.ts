import { afterAll, beforeAll, expect, test } from 'vitest';
import { actionProblems } from '../src/surfaces/action-limits.ts';
import { nowhere } from './support/docker-host.ts';
import { type GptAction, readActions } from './support/gpt.ts';
import { type OpsServer, rememberEngine, startOpsServer } from './support/ops.ts';

let ops: OpsServer;
let actions: Map<string, GptAction>;
let token: string;
beforeAll(async () => {
  ops = await startOpsServer(nowhere, [
    ...['--public-url', 'https://tutti.example.com', '--behind-tls'],
    ...['--limits-calls-per-minute', '30'],
  ]);
  token = (await ops.token('my-gpt', ['ops:read', 'ops:write'])).secret;
  actions = await readActions(ops.url, 'ops', token);
});
afterAll(() => ops.stop());

const action = (name: string) => actions.get(name) as GptAction;

test('the document that the server hands out needs no token and keeps within the limits of GPT Actions', async () => {
  const document = (await (await fetch(`${ops.url}/openapi/ops.json`)).json()) as { servers: unknown };
  expect(actionProblems(document)).toEqual([]);
  expect(document.servers).toEqual([{ url: 'https://tutti.example.com/actions' }]);
});

test('the example of every action is a call that comes in, and says how to get an engine where there is none', async () => {
  const deleter = (await ops.token('deleter', ['ops:read', 'ops:write', 'ops:destroy'])).secret;
  for (const { name, example, call } of actions.values()) {
    const { status, body } = await call(example, deleter);
    expect([name, status, body.error?.code]).toEqual([name, 503, 'DOCKER_UNAVAILABLE']);
    expect(body.error.suggestion).toMatch(/install/i);
  }
  expect(actions.size).toBe(26);
});

test('a narrow token does what it was given for, and nothing else', async () => {
  expect(await action('orcaops_delete_run').call({ job_id: 'any' })).toMatchObject({
    status: 403,
    body: { error: { code: 'FORBIDDEN', details: { required_scope: 'ops:destroy' } } },
  });
  const elsewhere = (name: string, authorization?: string) =>
    fetch(`${ops.url}/actions/tools/${name}`, { method: 'POST', ...(authorization && { headers: { authorization } }) });
  expect((await elsewhere('list_datasets', `Bearer ${token}`)).status).toBe(403);
  const unknown = await elsewhere('orcaops_system_info');
  expect(unknown.status).toBe(401);
  expect(unknown.headers.get('www-authenticate')).toContain('Bearer');
  expect((await action('orcaops_system_info').call({}, 'tutti_nobody')).status).toBe(401);
  const reader = (await ops.token('reading-gpt', ['ops:read'])).secret;
  expect(await action('orcaops_cancel_job').call({ job_id: 'any' }, reader)).toMatchObject({ status: 403 });
});

test('an answer that is too long for a GPT is cut and says so; the same call elsewhere is whole', async () => {
  await rememberEngine(ops);
  const env = Object.fromEntries(Array.from({ length: 5 }, (_, n) => [`TEXT_${n}`, `${n}`.repeat(32_000)]));
  const { body } = await action('orcaops_submit_job').call({ image: 'busybox', commands: ['true'], env });
  const { job_id } = body;
  const cut = (await action('orcaops_get_job_status').call({ job_id })).body;
  expect(cut).toMatchObject({ success: true, job_id, cut: { count: 5 } });
  expect(cut.cut.fields[0]).toMatchObject({ field: 'environment.env_vars.TEXT_0', length: 32_000 });
  expect(cut.environment.env_vars.TEXT_0).toContain('characters left out');
  const whole = await ops.ok('orcaops_get_job_status', { job_id }, token);
  expect(whole.environment.env_vars).toEqual(env);
  expect(whole.cut).toBeUndefined();
});

test('a GPT that calls too often is told when to come again; others go on', async () => {
  const greedy = (await ops.token('greedy-gpt', ['ops:read'])).secret;
  const answers = await Promise.all(Array.from({ length: 180 }, () => action('orcaops_list_jobs').call({}, greedy)));
  const refused = answers.filter(({ status }) => status === 429);
  expect(refused.length).toBeGreaterThanOrEqual(10);
  for (const { headers, body } of refused) {
    expect(body.error).toMatchObject({ code: 'RATE_LIMITED', retryable: true });
    expect(Number(headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
  }
  const other = (await ops.token('other-gpt', ['ops:read'])).secret;
  expect((await action('orcaops_list_jobs').call({}, other)).status).toBe(200);
});
