import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { eventIds, follow, ingestable, jobEnded, ok, startIngest } from './flow.ts';
import { datasetNames, keepWriting, tryCall } from './outcomes.ts';
import type { ServeProcess } from './serve-process.ts';
import { openSse } from './sse.ts';

/** A time in which the database of a server is away. */
export interface Outage {
  begin(): Promise<void>;
  end(): Promise<void>;
  /** The database comes back by itself at once: there is no time in which nothing works. */
  readonly momentary?: boolean;
}

const rows = 100_000;

/**
 * Has a server live through an outage while it registers datasets, runs a job and feeds streams of events, and expects that
 * everybody is told to try again, and that afterwards all goes on by itself: nothing lost, nothing twice.
 */
export async function liveThrough(server: ServeProcess, name: string, outage: Outage): Promise<void> {
  const datasetId = await ingestable(server, `${name}-table`, rows);
  const { next: since } = await ok(server, 'poll_events', {});
  const streams = await Promise.all([1, 2, 3].map(() => openSse(`${server.url}/events?since=${since}`, server.token)));
  const followed = streams.map((stream) => follow(() => server, stream, `${name}-last`));
  const writing = keepWriting(() => server, name);
  const job = await startIngest(server, datasetId);
  await writing.more(20);
  await expect
    .poll(async () => (await ok(server, 'job_status', { job_id: job.id })).state, { timeout: 30_000 })
    .toBe('running');

  await outage.begin();
  if (!outage.momentary) await expectAway(server);
  await outage.end();

  await writing.more(20);
  await writing.stop();
  expect(writing.others.filter(({ kind }) => kind !== 'refused')).toEqual([]);
  await expect.poll(async () => (await fetch(`${server.url}/readyz`)).status, { timeout: 30_000 }).toBe(200);
  const names = await datasetNames(server);
  expect(writing.acknowledged.filter((acknowledged) => !names.has(acknowledged))).toEqual([]);
  const ended = await jobEnded(server, job.id);
  expect(ended).toMatchObject({ state: 'succeeded', counters: { inserted: rows } });
  const found = await ok(server, 'search_dataset', { dataset_id: datasetId, query: 'word', filter: { id: 77 } });
  expect(found.items).toHaveLength(1);
  await ok(server, 'register_dataset', { name: `${name}-last`, uri: `tutti://${name}-last` });
  const told = await Promise.all(followed);
  const all = await eventIds(server, since);
  // Up to the event that they waited for: a schedule may have added some since.
  const wanted = (ids: readonly string[]) => all.slice(0, all.indexOf(ids.at(-1) ?? '') + 1);
  expect(told.filter((ids) => ids.length === 0 || ids.join() !== wanted(ids).join())).toEqual([]);
}

/** Nobody gets what he asked for, everybody is told so in time, and the process itself is well. */
async function expectAway(server: ServeProcess): Promise<void> {
  const asked = Promise.all([
    tryCall(server, 'list_datasets', {}),
    tryCall(server, 'register_dataset', { name: 'never', uri: 'tutti://never' }),
  ]);
  const outcomes = await Promise.race([asked, sleep(30_000, undefined, { ref: false })]);
  expect(outcomes).toMatchObject([
    { kind: 'refused', status: 503, body: { error: { code: 'UNAVAILABLE' } } },
    { kind: 'refused', status: 503, body: { error: { code: 'UNAVAILABLE' } } },
  ]);
  expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
  expect((await fetch(`${server.url}/readyz`)).status).toBe(503);
}
