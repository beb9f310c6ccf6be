import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runTutti, type ServeProcess, serveProcess } from './support/serve-process.ts';
import { makeTempDir } from './support/temp-dir.ts';

// biome-ignore lint/suspicious/noExplicitAny: answers are checked by the tests themselves
type Body = any;

const directory = makeTempDir('backup');
const [source, target, file] = ['source', 'target', 'backup.tar'].map((name) => path.join(directory, name)) as [
  string,
  string,
  string,
];
let server: ServeProcess;
let restored: ServeProcess | undefined;
beforeAll(async () => {
  server = await serveProcess(source, ['--jobs-concurrency', '1']);
});
afterAll(async () => {
  await server.stop();
  await restored?.stop();
  rmSync(directory, { recursive: true, force: true });
});

async function ok(name: string, input: unknown, on = server): Promise<Body> {
  const { status, body } = await on.call(name, input);
  expect({ name, status, refused: status !== 200 && body }).toEqual({ name, status: 200, refused: false });
  return body;
}

const content = (name: string) => `id,text\n1,${name} alpha\n2,${name} beta\n`;

async function upload(id: string, key: string, text: string, on = server): Promise<void> {
  const { url, headers } = await ok('create_presigned_upload', { dataset_id: id, object_key: key }, on);
  expect((await fetch(url, { method: 'PUT', headers, body: text })).status).toBe(200);
}

/** Registers, uploads twice under one name, commits; every third stays staged. */
async function addDataset(name: string): Promise<string> {
  const { id } = await ok('register_dataset', { name, uri: `tutti://${name}` });
  await upload(id, 'a.csv', `old ${name}`);
  await upload(id, 'a.csv', content(name));
  if (Number(name.split('-')[1]) % 3 !== 0) await ok('commit_dataset_version', { dataset_id: id, version: 'v1' });
  return id;
}

async function writeUntil(stop: AbortSignal): Promise<void> {
  let count = 0;
  const one = async () => {
    while (!stop.aborted) {
      count += 1;
      await addDataset(`load-${count}`);
    }
  };
  await Promise.all([one(), one(), one()]);
}

async function allDatasets(on: ServeProcess): Promise<Body[]> {
  const items: Body[] = [];
  for (let page: unknown; ; ) {
    const body = await ok('list_datasets', { page_size: 200, ...(page ? { page } : {}) }, on);
    items.push(...body.items);
    page = body.next_page;
    if (!page) return items;
  }
}

test('a backup under load restores to one consistent moment, on which the server goes on', async () => {
  const served = await addDataset('served-1');
  const first = await ok('start_ingest', { dataset_id: served, target: 'lance' });
  expect(await ok('job_status', { job_id: first.id, wait_s: 40 })).toMatchObject({ state: 'succeeded' });
  const minted = await runTutti(['token', 'create', 'ci', '--grant', 'reader', '--data-dir', source]);
  const secret = /tutti_\S{40,}/.exec(minted.output)?.[0];
  expect(secret).toBeDefined();

  const stop = new AbortController();
  const writing = writeUntil(stop.signal);
  // One job at a time: while the backup is taken some of these run, and others wait.
  const jobs: string[] = [];
  for (let count = 0; count < 12; count += 1) {
    jobs.push((await ok('start_ingest', { dataset_id: served, target: 'lance' })).id);
  }
  const saved = await runTutti(['backup', file, '--data-dir', source]);
  expect(saved).toMatchObject({ code: 0, output: expect.stringMatching(/^Saved \d+ rows of \d+ tables/) });
  const countWhenSaved = (await allDatasets(server)).length;
  stop.abort();
  await writing;
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readdirSync(source).filter((name) => name.startsWith('backup-'))).toEqual([]);
  expect(await runTutti(['restore', file, '--dry-run'])).toMatchObject({ code: 0 });

  const made = await runTutti(['restore', file, '--data-dir', target]);
  expect(made).toMatchObject({ code: 0, output: expect.stringContaining(`tutti serve --data-dir ${target}`) });
  restored = await serveProcess(target);
  const now = restored;
  expect(now.token).toBe(server.token);
  const headers = { authorization: `Bearer ${secret}` };
  const answer = await fetch(`${now.url}/tools/list_datasets`, { method: 'POST', headers, body: '{}' });
  expect(answer.status).toBe(200);

  const found = await ok('search_dataset', { dataset_id: served, query: 'beta' }, now);
  expect(found.items[0].row).toMatchObject({ text: 'served-1 beta' });

  const datasets = await allDatasets(now);
  expect(datasets.length).toBeGreaterThan(1);
  expect(datasets.length).toBeLessThanOrEqual(countWhenSaved);
  for (const { id, name, version } of datasets) {
    for (const object of (await ok('list_objects', { dataset_id: id }, now)).items) {
      const { sha256, staged } = object.metadata;
      const text = staged ? undefined : readFileSync(path.join(target, 'objects/sha256', sha256.slice(0, 2), sha256));
      if (text) expect(createHash('sha256').update(text).digest('hex')).toBe(sha256);
      expect(version === undefined || text !== undefined, name).toBe(true);
      // What was staged can be committed, so its bytes are there.
      if (staged) await ok('commit_dataset_version', { dataset_id: id, version: 'later' }, now);
    }
  }

  const savedAt = /\d{4}-\d\d-\d\dT[\d:.]+Z/.exec(saved.output)?.[0] ?? '';
  const ended: string[] = [];
  for (const job of jobs) {
    const { state, finished_at } = await ok('job_status', { job_id: job, wait_s: 40 }, now);
    expect(state).toBe('succeeded');
    ended.push(finished_at);
  }
  // Of those that had not ended by then, the restored server is the one that ended them.
  expect(ended.filter((time) => time > savedAt).length).toBeGreaterThan(1);
  expect((await ok('search_dataset', { dataset_id: served, query: 'alpha' }, now)).items).toHaveLength(1);
  expect(await runTutti(['audit', 'verify', '--data-dir', target])).toMatchObject({ code: 0 });
});

test('a file that was damaged or cut is refused, and makes nothing', async () => {
  const bytes = readFileSync(file);
  const damaged = path.join(directory, 'damaged.tar');
  const refused = async (sentence: RegExp) => {
    const nothing = path.join(directory, 'nothing');
    const said = await runTutti(['restore', damaged, '--data-dir', nothing]);
    expect(said).toMatchObject({ code: 2, output: expect.stringMatching(sentence) });
    expect(existsSync(nothing)).toBe(false);
    expect((await runTutti(['restore', damaged, '--dry-run'])).code).toBe(2);
  };
  for (const word of ['public.datasets', 'objects/sha256/', 'keys/', 'manifest.json']) {
    const changed = Buffer.from(bytes);
    const at = changed.indexOf(word) + 512 + 4;
    changed[at] = (changed[at] ?? 0) ^ 1;
    writeFileSync(damaged, changed);
    await refused(/no whole backup: its (part|manifest)/);
  }
  writeFileSync(damaged, bytes);
  truncateSync(damaged, bytes.length - 1500);
  await refused(/no whole backup/);
  writeFileSync(damaged, 'no tar');
  await refused(/no tar file/);
});

test('a directory with anything in it is refused, and stays as it is', async () => {
  const before = readdirSync(source);
  const said = await runTutti(['restore', file, '--data-dir', source]);
  expect(said).toMatchObject({ code: 5, output: expect.stringContaining('is not empty') });
  expect(readdirSync(source)).toEqual(before);
});

test('a backup replaces no file, and says where there is nothing to save', async () => {
  const before = statSync(file);
  expect(await runTutti(['backup', file, '--data-dir', source])).toMatchObject({ code: 5 });
  expect(statSync(file).mtimeMs).toBe(before.mtimeMs);
  const empty = path.join(directory, 'empty');
  const said = await runTutti(['backup', path.join(directory, 'x.tar'), '--data-dir', empty]);
  expect(said).toMatchObject({ code: 4, output: expect.stringContaining('There is no database in ') });
  expect(existsSync(empty)).toBe(false);
  const away = await runTutti(['backup', path.join(empty, 'x.tar'), '--data-dir', source]);
  expect(away).toMatchObject({ code: 2, output: expect.stringContaining('x.tar cannot be written: ENOENT.') });
});
