import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Lake, lakeOf } from './support/lake.ts';
import { createLoad, expectAll } from './support/lake-load.ts';
import type { ServeProcess, WorkerProcess } from './support/serve-process.ts';
import { createSite, type Site } from './support/several.ts';

// One server that runs no jobs, and beside it processes that are killed and stopped.
let site: Site;
let b: ServeProcess;
let worker: WorkerProcess;
let onB: Lake;
beforeAll(async () => {
  site = await createSite();
  b = await site.serve('b', ['--jobs-concurrency', '0']);
  worker = await site.worker('worker');
  onB = lakeOf(b);
}, 120_000);
afterAll(() => site.close());

test('killing the worker, then a server that runs jobs too, loses nothing', { timeout: 300_000 }, async () => {
  let c = await site.serve('c', ['--jobs-concurrency', '2']);
  const load = createLoad('killed', () => [b, c]);
  await load.more(2);
  await worker.kill();
  await load.more(2);
  await c.kill();
  worker = await site.worker('worker');
  await load.more(2);
  c = await site.serve('c', ['--jobs-concurrency', '2']);
  await load.more(2);
  await load.end();
  expect(load.loaded.length).toBeGreaterThanOrEqual(8);
  await expectAll(onB, load.loaded);
  expect(await c.stop()).toBe(0);
});

test('an orderly stop of one server fails no request at the other', { timeout: 240_000 }, async () => {
  const c = await site.serve('c', ['--jobs-concurrency', '2']);
  const load = createLoad('stopped', () => [b]);
  await load.more(2);
  expect(await c.stop()).toBe(0);
  await load.more(2);
  await load.end();
  expect(load.failures).toEqual([]);
  await expectAll(onB, load.loaded);
});

test('a worker that is told to stop hands over what runs, and it is done elsewhere', { timeout: 240_000 }, async () => {
  const load = createLoad('handed', () => [b]);
  await load.more(2);
  const other = await site.worker('other');
  expect(await worker.stop()).toBe(0);
  await load.more(2);
  await load.end();
  await expectAll(onB, load.loaded);
  expect(load.failures).toEqual([]);
  expect(await other.stop()).toBe(0);
});
