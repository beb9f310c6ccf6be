import { afterAll, beforeAll, expect, test } from 'vitest';
import { lakeOf } from './support/lake.ts';
import { startTestServer, type TestServer } from './support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

const get = (headers: Record<string, string>, on = server) => fetch(`${on.url}/metrics`, { headers });
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

/** Samples by name and labels, as Prometheus reads them; every line must be one that it could. */
async function read(): Promise<Map<string, number>> {
  const response = await get(bearer(server.admin));
  expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
  const samples = new Map<string, number>();
  const typed = new Set<string>();
  for (const line of (await response.text()).split('\n').filter(Boolean)) {
    const type = /^# TYPE (\S+) (counter|gauge|histogram|summary)$/.exec(line);
    if (type?.[1]) typed.add(type[1]);
    if (line.startsWith('#')) continue;
    const [, name = '', labels = '', value = ''] = /^([a-z_:][\w:]*)(\{[^}]*\})? (\S+)$/i.exec(line) ?? [];
    expect(typed, line).toContain([name, name.replace(/_(bucket|sum|count)$/, '')].find((one) => typed.has(one)));
    // NaN is a value of the format: the mean of a delay that was never sampled.
    expect(value, line).toMatch(/^(NaN|[+-]?Inf|-?\d[\d.e+-]*)$/i);
    samples.set(name + labels, Number(value));
  }
  return samples;
}

test('calls, requests, jobs, engine children, connections and the process are counted', async () => {
  const lake = lakeOf(server);
  const id = await lake.dataset('metrics');
  await lake.upload(id, 'a.csv', 'text\nx\n');
  await lake.commit(id, 'v1');
  expect(await lake.ingest(id)).toMatchObject({ state: 'succeeded' });
  await server.call('get_dataset', { dataset_id: 'ds_0' });
  await server.call('register_dataset', { name: 'x' });
  await fetch(`${server.url}/some/where/else`);

  const samples = await read();
  const count = (tool: string, outcome: string) =>
    samples.get(`tutti_call_duration_seconds_count{tool="${tool}",outcome="${outcome}"}`);
  expect(count('register_dataset', 'ok')).toBe(1);
  expect(count('register_dataset', 'VALIDATION_FAILED')).toBe(1);
  expect(count('get_dataset', 'NOT_FOUND')).toBe(1);
  expect(samples.get('tutti_http_request_duration_seconds_count{route="tools",method="POST",status="404"}')).toBe(1);
  expect(samples.get('tutti_http_request_duration_seconds_count{route="other",method="GET",status="404"}')).toBe(1);
  expect(samples.get('tutti_http_request_duration_seconds_count{route="objects",method="PUT",status="200"}')).toBe(1);
  expect(samples.get('tutti_jobs_ended_total{kind="lake.ingest",state="succeeded"}')).toBe(1);
  expect(samples.get('tutti_job_queue_depth')).toBe(0);
  expect(samples.get('tutti_job_queue_age_seconds')).toBe(0);
  expect(samples.get('tutti_engine_starts_total')).toBeGreaterThanOrEqual(1);
  expect(samples.get('tutti_engine_processes')).toBeGreaterThanOrEqual(1);
  expect(samples.get('tutti_engine_kills_total')).toBe(0);
  expect(samples.get('tutti_database_up')).toBe(1);
  expect(samples.get('tutti_database_connections{state="open"}')).toBeGreaterThanOrEqual(1);
  expect(samples.get('process_resident_memory_bytes')).toBeGreaterThan(0);
  // Read again, a counter that a capability keeps is not added up.
  expect((await read()).get('tutti_engine_starts_total')).toBe(samples.get('tutti_engine_starts_total'));
});

test('they are for whoever may read the system', async () => {
  expect((await get({})).status).toBe(401);
  expect((await get(bearer('tutti_no'))).status).toBe(401);
  const { secret: lake } = await server.token('lake', ['lake:read']);
  const refused = await get(bearer(lake));
  expect(refused.status).toBe(403);
  expect(await refused.json()).toMatchObject({ error: { details: { required_scope: 'system:read' } } });
  const { secret } = await server.token('prometheus', ['system:read']);
  expect((await get(bearer(secret))).status).toBe(200);
});
