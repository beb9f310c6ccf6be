import { createHash } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ServeProcess, serveProcess } from '../support/serve-process.ts';
import { makeTempDir } from '../support/temp-dir.ts';

const files = 2500;
let work: string;
let server: ServeProcess;
const textOf = (at: number) => `file ${at} ${'x'.repeat(at % 300)}`;
const keyOf = (at: number) => `d${at % 7}/f${String(at).padStart(5, '0')}.txt`;

const start = () =>
  serveProcess(path.join(work, 'data'), ['--lake-roots', pathToFileURL(path.join(work, 'root')).href]);

beforeAll(async () => {
  work = makeTempDir('commit-kill');
  for (let at = 0; at < 7; at += 1) mkdirSync(path.join(work, 'root', `d${at}`), { recursive: true });
  for (let at = 0; at < files; at += 1) writeFileSync(path.join(work, 'root', keyOf(at)), textOf(at));
  server = await start();
});
afterAll(async () => {
  await server.stop();
  rmSync(work, { recursive: true, force: true });
});

// biome-ignore lint/suspicious/noExplicitAny: answers are checked by the test itself
async function ok(name: string, input: object): Promise<any> {
  const { status, body } = await server.call(name, input);
  expect({ status, refused: status !== 200 && body }).toEqual({ status: 200, refused: false });
  return body;
}

test('a commit of many files that was killed again and again is complete and right', async () => {
  const uri = pathToFileURL(path.join(work, 'root')).href;
  const { id: dataset_id } = await ok('register_dataset', { name: 'killed', uri });
  const { metadata } = await ok('commit_dataset_version', { dataset_id, version: 'v1' });
  const job_id = metadata.job_id as string;
  for (const objects of [1, 1000, 2000]) {
    for (;;) {
      const job = await ok('job_status', { job_id });
      if (job.finished_at !== undefined || (job.counters.objects ?? 0) >= objects) break;
      await sleep(50);
    }
    await server.kill();
    // What was committed keeps its bytes, and what was not is read again from where it is.
    server = await start();
  }
  for (;;) {
    const job = await ok('job_status', { job_id, wait_s: 15 });
    if (job.finished_at === undefined) continue;
    expect(job).toMatchObject({ state: 'succeeded', counters: { objects: files } });
    break;
  }

  const seen: string[] = [];
  for (let page: string | undefined; ; ) {
    const answer = await ok('get_version', { dataset_id, version: 'v1', page_size: 200, ...(page && { page }) });
    for (const { key, sha256, size } of answer.items) seen.push(`${key} ${size} ${sha256}`);
    page = answer.next_page;
    if (page === undefined) break;
  }
  const expected = Array.from({ length: files }, (_, at) => {
    const sha256 = createHash('sha256').update(textOf(at)).digest('hex');
    return `${keyOf(at)} ${textOf(at).length} ${sha256}`;
  });
  expect(seen).toEqual(expected.sort());
  rmSync(path.join(work, 'root', 'd0'), { recursive: true });
  const { url } = await ok('create_presigned_download', { dataset_id, object_key: keyOf(7) });
  expect(await (await fetch(url)).text()).toBe(textOf(7));
  expect((await ok('list_versions', { dataset_id })).items).toHaveLength(1);
});
