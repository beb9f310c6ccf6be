import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { tryCall } from './outcomes.ts';
import type { ServeProcess } from './serve-process.ts';
import { openSse, type SseReader } from './sse.ts';

/** A server process that may be another one later. */
export type CurrentServer = () => ServeProcess;

/** Calls a tool, which must answer. */
export async function ok(server: ServeProcess, name: string, input: unknown) {
  const outcome = await tryCall(server, name, input);
  expect(outcome).toMatchObject({ kind: 'answered' });
  return outcome.body;
}

/** Makes a dataset of one table of so many rows, ready to be ingested; answers its id. */
export async function ingestable(server: ServeProcess, name: string, rows: number): Promise<string> {
  const { id } = await ok(server, 'register_dataset', { name, uri: `tutti://${name}` });
  const { url, headers } = await ok(server, 'create_presigned_upload', { dataset_id: id, object_key: 'table.csv' });
  const table = `id,word\n${Array.from({ length: rows }, (_, n) => `${n},word ${n}`).join('\n')}\n`;
  expect((await fetch(url, { method: 'PUT', headers, body: table })).status).toBe(200);
  await ok(server, 'commit_dataset_version', { dataset_id: id, version: '1' });
  return id;
}

/** Starts an ingest, and answers its job. */
export function startIngest(server: ServeProcess, datasetId: string): Promise<{ id: string }> {
  return ok(server, 'start_ingest', { dataset_id: datasetId, target: 'lance' });
}

const patienceMs = 240_000;

/** Waits for the end of a job; throws with all that is known of one that hangs. */
export async function jobEnded(server: ServeProcess, jobId: string) {
  for (const until = Date.now() + patienceMs; ; ) {
    const job = await ok(server, 'job_status', { job_id: jobId, wait_s: 40 });
    if (job.finished_at) return job;
    if (Date.now() > until) throw new Error(`it never ends: ${JSON.stringify(job)}\n${server.output().slice(-8000)}`);
  }
}

/** Follows the events up to one that tells of a name, over as many streams and servers as it takes; answers their ids. */
export async function follow(server: CurrentServer, first: SseReader, name: string): Promise<string[]> {
  const ids: string[] = [];
  for (let stream = first; ; ) {
    const told = () => stream.events.some((event) => event.data.data.name === name);
    const found = await Promise.race([stream.ended.then(() => false), until(told).then(() => true)]);
    ids.push(...stream.events.map((event) => event.data.id));
    if (found) {
      stream.cut();
      return ids;
    }
    stream = await resume(server, stream.lastId());
  }
}

/** Opens a stream from a position, as soon as a server takes it. */
async function resume(server: CurrentServer, lastId: string): Promise<SseReader> {
  for (;;) {
    const { url, token } = server();
    const stream = await openSse(`${url}/events`, token, { 'last-event-id': lastId }).catch(() => undefined);
    if (stream?.status === 200) return stream;
    await sleep(100);
  }
}

/** The ids of all events from a position on. */
export async function eventIds(server: ServeProcess, position = '0.0'): Promise<string[]> {
  const ids: string[] = [];
  for (let since = position; ; ) {
    const { items, next } = await ok(server, 'poll_events', { since, page_size: 200 });
    ids.push(...items.map((item: { id: string }) => item.id));
    if (items.length < 200) return ids;
    since = next;
  }
}

export async function until(done: () => boolean): Promise<void> {
  while (!done()) await sleep(20);
}
