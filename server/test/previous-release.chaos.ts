import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import { releases } from '../../scripts/releases.ts';
import { type ReleaseFacts, readerTokenFile, unpackBytes, unpackDirectory } from './support/release-data.ts';
import { runTutti, type ServeProcess, serveProcess } from './support/serve-process.ts';
import { makeTempDir } from './support/temp-dir.ts';

// biome-ignore lint/suspicious/noExplicitAny: answers are checked by the tests themselves
type Body = any;

/** What is kept of a release grows old; nothing of it is to be cleared away. */
const keepAll = ['--jobs-keep-days', '3650', '--events-keep-days', '3650', '--audit-keep-days', '36500'];

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

describe.each(releases())('what Tutti $version left', ({ directory }) => {
  const facts: ReleaseFacts = JSON.parse(readFileSync(new URL('facts.json', directory), 'utf8'));
  const kept = (name: string) => fileURLToPath(new URL(name, directory));

  test('its data directory is served: nothing is missing, and its jobs go on', async () => {
    const dataDir = tempDir();
    await unpackDirectory(kept('data.tar.zst'), dataDir);
    const server = await serve(dataDir);
    const reader = readFileSync(path.join(dataDir, readerTokenFile), 'utf8').trim();
    await expectAll(server, facts, reader);
    await server.stop();
    expect(await runTutti(['audit', 'verify', '--data-dir', dataDir])).toMatchObject({
      code: 0,
      output: expect.stringContaining('The chain is whole'),
    });
  });

  test('its backup is restored, and the same holds', async () => {
    const work = tempDir();
    const [file, dataDir] = [path.join(work, 'backup.tar'), path.join(work, 'data')];
    writeFileSync(file, unpackBytes(kept('backup.tar.zst')));
    expect(await runTutti(['restore', file, '--data-dir', dataDir])).toMatchObject({ code: 0 });
    const server = await serve(dataDir);
    await expectAll(server, facts);
    await server.stop();
    expect(await runTutti(['audit', 'verify', '--data-dir', dataDir])).toMatchObject({ code: 0 });
  });
});

async function expectAll(server: ServeProcess, facts: ReleaseFacts, reader = server.token): Promise<void> {
  const { dataset, query, title } = facts.served;
  const call = async (name: string, input: unknown, token = server.token): Promise<Body> => {
    const response = await fetch(`${server.url}/tools/${name}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      body: JSON.stringify(input),
    });
    return response.json();
  };
  const search = await call('search_dataset', { dataset_id: dataset, query }, reader);
  expect(search.items.map((item: Body) => item.row.title)).toEqual([title]);
  if (reader !== server.token) {
    const refused = await call('register_dataset', { name: 'x', uri: 'tutti://x' }, reader);
    expect(refused.error.code).toBe('FORBIDDEN');
  }

  for (const [left, job_id] of Object.entries(facts.jobs)) {
    const job = await call('job_status', { job_id, wait_s: 40 });
    const expected = left === 'running' || left === 'queued' ? 'succeeded' : left;
    expect({ left, state: job.state, error: job.error?.code }).toMatchObject({ left, state: expected });
  }
  const { error } = await call('job_status', { job_id: facts.jobs.failed });
  expect(error.code).toBe('VALIDATION_FAILED');

  await call('commit_dataset_version', { dataset_id: facts.staged, version: 'v1' });
  const again = await call('start_ingest', { dataset_id: facts.staged, target: 'lance' });
  expect(await call('job_status', { job_id: again.id, wait_s: 40 })).toMatchObject({ state: 'succeeded' });

  const events = await call('poll_events', { since: '0.0', dataset_id: dataset, page_size: 200 });
  expect(events.items.map((event: Body) => event.type)).toContain('dataset.updated');
  const entries = await call('list_audit_entries', { page_size: 200 });
  expect(entries.items.length).toBeGreaterThan(facts.auditEntries);
}

async function serve(dataDir: string): Promise<ServeProcess> {
  const server = await serveProcess(dataDir, keepAll);
  undo.push(() => server.stop());
  return server;
}

function tempDir(): string {
  const directory = makeTempDir('previous');
  undo.push(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}
