import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { lakeOf } from './support/lake.ts';
import { startTestServer, type TestServer } from './support/server.ts';

let server: TestServer;
let lake: ReturnType<typeof lakeOf>;
beforeAll(async () => {
  server = await startTestServer(['--lake-engine-memory-mb', '256', '--lake-engine-processes', '2']);
  lake = lakeOf(server);
});
afterAll(() => server.stop());

const ready = async () => (await fetch(`${server.url}/readyz`)).status;

/** A dataset of one object, committed. */
async function dataset(name: string, key: string, bytes: string | Uint8Array): Promise<string> {
  const id = await lake.dataset(name);
  await lake.upload(id, key, bytes);
  await lake.commit(id, 'v1');
  return id;
}

/** Process ids of the engine children of this server. */
function children(): number[] {
  const list = execFileSync('ps', ['-o', 'pid=,args=', '--ppid', String(process.pid)], { encoding: 'utf8' });
  return list
    .split('\n')
    .filter((line) => line.includes('engine/child'))
    .map((line) => Number.parseInt(line, 10));
}

test('a memory bomb ends its own job; the server stays ready and the next job works', async () => {
  // Small on the wire, 600 MB as one line in memory.
  const parts = Array.from({ length: 12 }, () => Buffer.alloc(50 * 2 ** 20, 'a'));
  const bomb = await dataset(
    'bomb',
    'bomb.jsonl.gz',
    gzipSync(Buffer.concat([Buffer.from('{"a":"'), ...parts]), { level: 1 }),
  );
  const watching = { stop: false, answers: new Set<number>() };
  const watch = (async () => {
    while (!watching.stop) {
      watching.answers.add(await ready());
      await sleep(20);
    }
  })();
  const job = await lake.ingest(bomb);
  watching.stop = true;
  await watch;
  expect(job).toMatchObject({ state: 'failed', error: { code: 'ENGINE_OVERRUN' } });
  expect([...watching.answers]).toEqual([200]);
  const { body: after } = await server.call('get_dataset', { dataset_id: bomb });
  expect(after.state).toBe('failed');
  const good = await dataset('good', 'good.csv', 'name\nlittle\n');
  expect(await lake.ingest(good)).toMatchObject({ state: 'succeeded' });
});

test('killing a child in the middle of a search fails that call alone', async () => {
  const rows = Array.from({ length: 20_000 }, (_, at) => `${at},word word${at % 10}`).join('\n');
  const id = await dataset('many', 'many.csv', `n,text\n${rows}\n`);
  expect(await lake.ingest(id)).toMatchObject({ state: 'succeeded' });
  const search = () => server.call('search_dataset', { dataset_id: id, query: 'word', page_size: 50 });
  let failed: Awaited<ReturnType<typeof search>> | undefined;
  // The kill must hit a running query, which chance decides: try until one was hit.
  for (let round = 0; round < 50 && !failed; round += 1) {
    const calls = [search(), search(), search(), search()];
    await sleep(round * 3);
    const [victim] = children();
    if (victim) process.kill(victim, 'SIGKILL');
    const answers = await Promise.all(calls);
    const broken = answers.filter((answer) => answer.status !== 200);
    expect(broken.length).toBeLessThanOrEqual(1);
    failed = broken[0];
  }
  expect(failed).toMatchObject({ status: 503, body: { error: { code: 'ENGINE_DIED', retryable: true } } });
  expect(await search()).toMatchObject({ status: 200 });
  expect(await ready()).toBe(200);
});

test('killing children in the middle of an ingest costs it nothing but time', async () => {
  const rows = Array.from({ length: 12_000 }, (_, at) => `${at},word ${at}`).join('\n');
  const id = await dataset('killed', 'killed.csv', `n,text\n${rows}\n`);
  const job = await lake.ok('start_ingest', { dataset_id: id, target: 'lance', options: { batch_rows: 500 } });
  for (let killed = 0; killed < 2; ) {
    const { counters, finished_at } = await lake.ok('job_status', { job_id: job.id });
    expect(finished_at).toBeUndefined();
    const [victim] = counters.inserted > 0 ? children() : [];
    if (victim) process.kill(victim, 'SIGKILL');
    killed += victim ? 1 : 0;
    await sleep(300);
  }
  expect(await lake.ended(job)).toMatchObject({
    state: 'succeeded',
    counters: { inserted: 12_000, updated: 0, deleted: 0, errors: 0 },
    metadata: { rows: 12_000, served: true },
  });
});
