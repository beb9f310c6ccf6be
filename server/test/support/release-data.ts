import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import pg from 'pg';
import { openEmbedded } from '../../src/core/db/embedded.ts';
import { isRoot, serviceUser } from '../../src/core/db/embedded-user.ts';
import { createLog } from '../../src/core/log.ts';
import { runTutti, type ServeProcess, serveProcess } from './serve-process.ts';

/** What a kept data directory holds, for those who open it later. */
export interface ReleaseFacts {
  readonly version: string;
  readonly served: { readonly dataset: string; readonly query: string; readonly title: string };
  /** Has bytes that wait for a commit. */
  readonly staged: string;
  /** Ids of jobs by the state that the directory was left in. */
  readonly jobs: Readonly<Record<'succeeded' | 'failed' | 'canceled' | 'running' | 'queued', string>>;
  /** Entries of the audit log, sealed or not. */
  readonly auditEntries: number;
}

/** A narrow token beside the administrator's, in a kept data directory. */
export const readerTokenFile = 'reader.token';

// biome-ignore lint/suspicious/noExplicitAny: answers of many tools
type Body = any;

const parts = 48;

/**
 * Fills a new data directory through the surface and kills its server while one job runs and one waits. PostgreSQL is then
 * stopped in order, so that the directory needs no log of it.
 */
export async function makeReleaseData(dataDir: string, version: string): Promise<ReleaseFacts> {
  const server = await serveProcess(dataDir, ['--jobs-concurrency', '1']);
  const minted = await runTutti([
    'token',
    'create',
    'reader',
    '--grant',
    'reader',
    '--expires',
    '3650d',
    '--data-dir',
    dataDir,
  ]);
  const secret = /tutti_\S{40,}/.exec(minted.output)?.[0] ?? fail(minted.output);
  writeFileSync(path.join(dataDir, readerTokenFile), `${secret}\n`, { mode: 0o600 });

  const call = (name: string, input: unknown) => callOk(server, name, input);
  const dataset = await addDataset(server, 'films', ['title,year\nThe Godfather,1972\nSolaris,1972\n']);
  await call('commit_dataset_version', { dataset_id: dataset, version: 'v1' });
  await ended(server, await call('validate', { dataset_id: dataset }));
  const succeeded = await ended(server, await ingest(server, dataset));
  await upload(server, dataset, '1.csv', 'title,year\nStalker,1979\n');
  await call('commit_dataset_version', { dataset_id: dataset, version: 'v2' });
  await ended(server, await ingest(server, dataset));
  const failed = await ended(server, await ingest(server, dataset, { mapping: { id: 'no such column' } }));
  const staged = await addDataset(server, 'staged', ['title\nNostalghia\n']);

  const pieces = Array.from({ length: parts }, (_, n) => `title\nPart ${n}\n`);
  const long = await addDataset(server, 'long', pieces);
  await call('commit_dataset_version', { dataset_id: long, version: 'v1' });
  const running = await ingest(server, long);
  const queued = await ingest(server, long);
  const { id: canceled } = await ingest(server, long);
  await call('cancel_job', { job_id: canceled, reason: 'kept so' });
  for (let progress = 0; progress === 0; ) {
    progress = (await call('job_status', { job_id: running.id })).progress;
    await sleep(5);
  }
  await server.kill();
  const auditEntries = await settle(dataDir);
  const jobs = { succeeded, failed, canceled, running: running.id, queued: queued.id };
  return { version, served: { dataset, query: 'stalker', title: 'Stalker' }, staged, jobs, auditEntries };
}

/** Gives the jobs that are left decades to end in, and stops PostgreSQL. Answers how many audit entries there are. */
async function settle(dataDir: string): Promise<number> {
  const postgres = await openEmbedded(dataDir, createLog('warn'));
  const client = new pg.Client(postgres.connection);
  await client.connect();
  const { rows: left } = await client.query(
    'update jobs set timeout_s = 2147483647 where finished_at is null returning started_at',
  );
  if (left.length !== 2 || left.filter((job) => job.started_at).length !== 1) fail(`left: ${JSON.stringify(left)}`);
  const { rows } = await client.query('select count(*)::int as entries from audit_entries');
  await client.end();
  await postgres.stop();
  return rows[0].entries;
}

async function addDataset(server: ServeProcess, name: string, objects: readonly string[]): Promise<string> {
  const { id } = await callOk(server, 'register_dataset', { name, uri: `tutti://${name}` });
  for (const [n, text] of objects.entries()) await upload(server, id, `${n}.csv`, text);
  return id;
}

async function upload(server: ServeProcess, dataset_id: string, object_key: string, text: string): Promise<void> {
  const { url, headers } = await callOk(server, 'create_presigned_upload', { dataset_id, object_key });
  const { status } = await fetch(url, { method: 'PUT', headers, body: text });
  if (status !== 200) fail(`PUT answered ${status}`);
}

function ingest(server: ServeProcess, dataset_id: string, more: object = {}): Promise<Body> {
  return callOk(server, 'start_ingest', { dataset_id, target: 'lance', ...more });
}

async function ended(server: ServeProcess, job: Body): Promise<string> {
  await callOk(server, 'job_status', { job_id: job.id, wait_s: 15 });
  return job.id;
}

async function callOk(server: ServeProcess, name: string, input: unknown): Promise<Body> {
  const { status, body } = await server.call(name, input);
  return status === 200 ? body : fail(`${name} answered ${JSON.stringify(body)}`);
}

function fail(message: string): never {
  throw new Error(message);
}

/** What only the machine or the moment has. */
const passing = ['server.json', 'control.sock', 'postgres.log', '.s.PGSQL.5432*', 'postgres.location', '*.pid'];

/** Packs a directory into a file: tar and zstd with a window that covers the copies of the catalogue in PostgreSQL. */
export function packDirectory(directory: string, file: string): void {
  const excluded = passing.map((name) => `--exclude=${name}`);
  const owner = ['--owner=0', '--group=0', '--numeric-owner', '--sort=name'];
  packBytes(execFileSync('tar', ['-c', ...owner, ...excluded, '-C', directory, '.'], { maxBuffer: 2 ** 30 }), file);
}

export function packBytes(bytes: Uint8Array, file: string): void {
  const params = {
    [constants.ZSTD_c_compressionLevel]: 19,
    [constants.ZSTD_c_windowLog]: 26,
    [constants.ZSTD_c_enableLongDistanceMatching]: 1,
  };
  writeFileSync(file, zstdCompressSync(bytes, { params }));
}

export function unpackBytes(file: string): Buffer {
  return zstdDecompressSync(readFileSync(file));
}

/** Unpacks a kept data directory into an existing one, owned as a server of this user would have made it. */
export async function unpackDirectory(file: string, directory: string): Promise<void> {
  execFileSync('tar', ['-x', '--no-same-owner', '-p', '-C', directory], { input: unpackBytes(file) });
  if (!isRoot()) return;
  const { uid, gid } = await serviceUser(createLog('warn'));
  for (const name of ['data', 'run'])
    execFileSync('chown', ['-R', `${uid}:${gid}`, path.join(directory, 'postgres', name)]);
}
