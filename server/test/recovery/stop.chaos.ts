import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventIds, follow, ingestable, jobEnded, ok, startIngest } from '../support/flow.ts';
import { connectors } from '../support/mcp-clients.ts';
import { datasetNames, keepWriting, type Outcome, outcomeOf, tryCall, type Writing } from '../support/outcomes.ts';
import { type ServeProcess, serveProcess } from '../support/serve-process.ts';
import { openSse } from '../support/sse.ts';
import { makeTempDir } from '../support/temp-dir.ts';

// One engine process for eight tables: more than a stop of two seconds waits for.
const flags = ['--jobs-drain-s', '2', '--lake-engine-processes', '1', '--limits-calls-per-minute', '1000000'];
let dataDir: string;
let server: ServeProcess;
beforeAll(async () => {
  dataDir = makeTempDir('stop');
  server = await serveProcess(dataDir, flags);
});
afterAll(async () => {
  await server?.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

const rows = 100_000;
/** Does something again and again, and keeps how it ended each time. */
function keepAsking(atOnce: number, ask: (n: number) => Promise<Outcome>) {
  const outcomes: Outcome[] = [];
  let stopped = false;
  const one = async (_: unknown, index: number) => {
    for (let n = index; !stopped; n += atOnce) {
      const outcome = await ask(n);
      outcomes.push(outcome);
      if (outcome.kind !== 'answered') await sleep(50);
    }
  };
  const all = Promise.all(Array.from({ length: atOnce }, one));
  return {
    outcomes,
    stop: async () => {
      stopped = true;
      await all;
    },
  };
}

function callOverMcp(name: string, input: unknown): Promise<Outcome> {
  const headers = {
    authorization: `Bearer ${server.token}`,
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    'mcp-protocol-version': '2025-11-25',
  };
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: input } });
  return outcomeOf(fetch(`${server.url}/mcp`, { method: 'POST', headers, body }));
}

/** Uploads objects under keys of their own, slowly enough to be on the way at any time; answers which were taken. */
function keepUploading(datasetId: string) {
  const taken: string[] = [];
  const uploading = keepAsking(4, async (n) => {
    const key = `object-${n}.txt`;
    const asked = await tryCall(server, 'create_presigned_upload', { dataset_id: datasetId, object_key: key });
    if (asked.kind !== 'answered') return asked;
    const { url, headers } = asked.body;
    const init = { method: 'PUT', headers, body: slowly(10, 100), duplex: 'half' };
    const put = await outcomeOf(fetch(url, init as RequestInit));
    if (put.kind === 'answered') taken.push(key);
    return put;
  });
  return { taken, ...uploading };
}

function slowly(parts: number, pauseMs: number): ReadableStream<Uint8Array> {
  let part = 0;
  return new ReadableStream({
    async pull(controller) {
      await sleep(pauseMs);
      part += 1;
      if (part > parts) controller.close();
      else controller.enqueue(Buffer.from('x'.repeat(1000)));
    },
  });
}

type Job = { readonly id: string };

const bad = (outcomes: readonly Outcome[]) => outcomes.filter(({ kind }) => kind === 'wrong');
let writing: Writing;

test('a stop under load cuts nothing off, loses nothing, and hands over what runs', async () => {
  const tables = await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map((n) => ingestable(server, `table-${n}`, rows)));
  const target = (await ok(server, 'register_dataset', { name: 'uploads', uri: 'tutti://uploads' })).id;
  const streams = await Promise.all(
    Array.from({ length: 20 }, () => openSse(`${server.url}/events?since=0.0`, server.token)),
  );
  const followed = streams.map((stream) => follow(() => server, stream, 'the-last'));

  writing = keepWriting(() => server, 'written', 8);
  const overMcp: string[] = [];
  const reading = keepAsking(8, () => tryCall(server, 'list_datasets', { page_size: 50 }));
  const calling = keepAsking(4, async (n) => {
    const name = `mcp-${n}`;
    const outcome = await callOverMcp('register_dataset', { name, uri: `tutti://${name}` });
    if (outcome.kind === 'answered') overMcp.push(name);
    return outcome;
  });
  const uploads = keepUploading(target);
  await writing.more(50);
  const jobs = await Promise.all(tables.map((id) => startIngest(server, id)));
  const [firstJob, lastJob] = [jobs[0] as Job, jobs.at(-1) as Job];
  const { client } = await connectorV2(`${server.url}/mcp`, server.token);
  const waiting = [
    ...jobs.map((job) => tryCall(server, 'job_status', { job_id: job.id, wait_s: 40 })),
    tryCall(server, 'poll_events', { types: ['test.none'], wait_s: 40 }),
  ];
  const waitingOverMcp = client
    .callTool({ name: 'job_status', arguments: { job_id: lastJob.id, wait_s: 40 } }, { onprogress: () => undefined })
    .catch((error: unknown) => error);
  await writing.more(20);
  await expect
    .poll(async () => (await ok(server, 'job_status', { job_id: firstJob.id })).state, { timeout: 30_000 })
    .not.toBe('queued');

  expect(await server.stop()).toBe(0);
  expect((await Promise.all(waiting)).map(({ kind }) => kind)).toEqual(waiting.map(() => 'answered'));
  expect(await waitingOverMcp).toMatchObject({ structuredContent: { id: lastJob.id } });
  await client.close();
  await Promise.all([writing.stop(), reading.stop(), calling.stop(), uploads.stop()]);
  expect(bad([...writing.others, ...reading.outcomes, ...calling.outcomes, ...uploads.outcomes])).toEqual([]);
  expect(uploads.taken.length).toBeGreaterThan(0);

  const stoppedAt = new Date().toISOString();
  server = await serveProcess(dataDir, flags);
  // Not one more either: who got no answer was not heard.
  const expected = [...writing.acknowledged, ...overMcp].sort();
  const names = [...(await datasetNames(server))].filter((name) => /^(written|mcp)-/.test(name));
  expect(names.sort()).toEqual(expected);
  await ok(server, 'commit_dataset_version', { dataset_id: target, version: '1' });
  const { items } = await ok(server, 'list_objects', { dataset_id: target, page_size: 200 });
  expect(items.map((item: { key: string }) => item.key)).toEqual(expect.arrayContaining(uploads.taken));
  const ended = await Promise.all(jobs.map((job) => jobEnded(server, job.id)));
  expect(ended.map((job) => job.error).filter(Boolean)).toEqual([]);
  expect(ended).toMatchObject(jobs.map(() => ({ state: 'succeeded', counters: { inserted: rows } })));
  expect(ended.some((job) => job.finished_at > stoppedAt)).toBe(true);
  await ok(server, 'register_dataset', { name: 'the-last', uri: 'tutti://the-last' });
  const ids = await Promise.all(followed);
  const all = await eventIds(server);
  expect(ids.filter((one) => one.join() !== all.join())).toEqual([]);
});

const connectorV2 = connectors['v2 client, negotiating'] as NonNullable<(typeof connectors)[string]>;

test('a second signal ends a stop that takes long, and the next start has everything', async () => {
  await server.stop();
  server = await serveProcess(dataDir, [...flags, '--jobs-drain-s', '60']);
  const { id } = await ok(server, 'register_dataset', { name: 'second', uri: 'tutti://second' });
  const { url, headers } = await ok(server, 'create_presigned_upload', { dataset_id: id, object_key: 'slow.txt' });
  const init = { method: 'PUT', headers, body: slowly(100, 100), duplex: 'half' };
  const put = outcomeOf(fetch(url, init as RequestInit));
  await sleep(300);
  const stopped = server.stop();
  // Whoever interrupts at the terminal sends two at once without meaning it.
  server.child.kill('SIGINT');
  await sleep(1500);
  expect(server.child.exitCode).toBeNull();
  server.child.kill('SIGTERM');
  expect(await stopped).toBe(143);
  expect(await put).toMatchObject({ kind: 'unanswered' });
  server = await serveProcess(dataDir, flags);
  expect(await datasetNames(server)).toContain('second');
});
