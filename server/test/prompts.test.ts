import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { slicesWithoutServer } from './support/catalogue.ts';
import { expectEnvelope } from './support/failure.ts';
import { type Lake, lakeOf } from './support/lake.ts';
import { type AnyClient, connectors } from './support/mcp-clients.ts';
import { startTestServer, type TestServer } from './support/server.ts';

let server: TestServer;
let lake: Lake;
const ids: string[] = [];
let job: { id: string };
beforeAll(async () => {
  server = await startTestServer();
  lake = lakeOf(server);
  for (const name of ['orders-2025', 'orders-2026', 'people']) ids.push(await lake.dataset(name));
  await lake.upload(ids[0] ?? '', 'a.csv', 'name\nx\n');
  await lake.commit(ids[0] ?? '', 'v1');
  job = await lake.ended(await lake.ok('validate', { dataset_id: ids[0] }));
});
afterAll(() => server.stop());

const slices = slicesWithoutServer();

test('every capability brings the prompt of its name, which names its own tools', () => {
  const known = new Set(slices.flatMap((slice) => slice.tools.map((tool) => tool.name)));
  for (const slice of slices) {
    const [prompt] = slice.prompts;
    expect(prompt?.name).toBe(slice.name);
    const words = prompt?.render({}).match(/[a-z]+(_[a-z]+)+/g) ?? [];
    const fields = ['idempotency_key', 'wait_s', 'finished_at', 'ended_at', 'job_id', 'include_sensitive'];
    const notTools = new Set([...fields, 'time_from', 'time_to', 'next_steps']);
    expect(words.filter((word) => !known.has(word) && !notTools.has(word))).toEqual([]);
    expect(words.some((word) => slice.tools.some((tool) => tool.name === word))).toBe(true);
  }
});

describe.each(Object.entries(connectors))('%s', (_kind, connect) => {
  let client: AnyClient;
  beforeAll(async () => {
    ({ client } = await connect(`${server.url}/mcp`, server.admin));
  });
  afterAll(() => client.close());

  const complete = async (of: AnyClient, ref: 'lake' | 'system' | 'job://{id}' | 'dataset://{id}', value: string) => {
    const isPrompt = ref === 'lake' || ref === 'system';
    const { completion } = await of.complete({
      ref: isPrompt ? { type: 'ref/prompt', name: ref } : { type: 'ref/resource', uri: ref },
      argument: { name: ref === 'lake' ? 'dataset' : ref === 'system' ? 'job' : 'id', value },
    });
    return completion.values as string[];
  };

  test('a prompt is listed with its arguments and got with them', async () => {
    const { prompts } = await client.listPrompts();
    expect(prompts.map((prompt: { name: string }) => prompt.name)).toEqual(slices.map((slice) => slice.name));
    const dataset = { name: 'dataset', description: expect.any(String), required: false };
    expect(prompts.find((prompt: { name: string }) => prompt.name === 'lake').arguments).toEqual([dataset]);
    const plain = await client.getPrompt({ name: 'lake' });
    expect(plain.messages).toEqual([{ role: 'user', content: { type: 'text', text: expect.any(String) } }]);
    expect(plain.messages[0].content.text).not.toContain('undefined');
    const given = await client.getPrompt({ name: 'lake', arguments: { dataset: 'orders "2025"' } });
    expect(given.messages[0].content.text).toContain('"orders \\"2025\\""');
  });

  test('a prompt that is not there, or arguments that it does not take, are refused', async () => {
    const code = async (params: { name: string; arguments?: Record<string, string> }) => {
      const error = await client.getPrompt(params).then(
        () => expect.unreachable('it must fail'),
        (thrown) => thrown,
      );
      expect(error.code).toBe(-32602);
      return error.data;
    };
    expectEnvelope(await code({ name: 'nothing' }), 'NOT_FOUND');
    expectEnvelope(await code({ name: 'lake', arguments: { nonsense: 'x' } }), 'VALIDATION_FAILED');
    expectEnvelope(await code({ name: 'lake', arguments: { dataset: 'x'.repeat(201) } }), 'VALIDATION_FAILED');
  });

  test('datasets complete by a part of the name or the beginning of the id', async () => {
    expect(await complete(client, 'lake', '')).toEqual(['orders-2025', 'orders-2026', 'people']);
    expect(await complete(client, 'lake', 'DERS')).toEqual(['orders-2025', 'orders-2026']);
    expect(await complete(client, 'lake', 'ds_')).toEqual(ids);
    for (const id of ids) expect(await complete(client, 'lake', id)).toEqual([id]);
    expect(await complete(client, 'dataset://{id}', 'people')).toEqual([ids[2]]);
    for (const value of ['nothing', 'x'.repeat(1000), '\0', "'; drop table datasets"]) {
      expect(await complete(client, 'lake', value)).toEqual([]);
    }
  });

  test('jobs complete by the beginning of the id, for who may see them', async () => {
    for (const value of ['', 'job_', job.id.slice(0, 12), job.id]) {
      expect(await complete(client, 'job://{id}', value)).toContain(job.id);
      expect(await complete(client, 'system', value)).toContain(job.id);
    }
    expect(await complete(client, 'job://{id}', 'job_zzz')).toEqual([]);
    const { secret } = await server.token('stranger', ['system:read', 'lake:read']);
    const { client: stranger } = await connect(`${server.url}/mcp`, secret);
    expect(await complete(stranger, 'job://{id}', '')).toEqual([]);
    expect(await complete(stranger, 'job://{id}', job.id)).toEqual([]);
    expect(await complete(stranger, 'lake', 'people')).toEqual(['people']);
    await stranger.close();
  });

  test('a wait for a job sends its progress before the answer, none when there is nothing to wait for', async () => {
    const started = await lake.ok('start_ingest', { dataset_id: ids[0], target: 'lance' });
    const seen: { progress: number; total: number }[] = [];
    const onprogress = (progress: unknown) => seen.push(progress as (typeof seen)[number]);
    const wait = { name: 'job_status', arguments: { job_id: started.id, wait_s: 40 } };
    const { structuredContent: done } = await client.callTool(wait, { onprogress });
    expect(done.finished_at).toBeDefined();
    const steps = seen.map(({ progress }) => progress);
    expect(steps.length).toBeGreaterThan(0);
    expect(steps).toEqual([...new Set(steps)].sort((a, b) => a - b));
    expect(seen.every(({ total }) => total === 1)).toBe(true);
    const before = seen.length;
    await client.callTool(wait, { onprogress });
    expect(seen).toHaveLength(before);
  });
});
