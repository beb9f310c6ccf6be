import { readdirSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { createTestPool } from '../../src/capabilities/lake/engine/fixtures.ts';
import { jobEnded, ok } from './flow.ts';
import { type ServeProcess, serveProcess } from './serve-process.ts';

export interface KillPlan {
  readonly rows: number;
  readonly batchRows: number;
  /** How often the server is killed. */
  readonly kills: number;
  /** Milliseconds for which a server lives before it is killed, from the moment it is ready; by default until rows went in. */
  readonly life?: () => number;
  /** Resolves when the server is to be killed for the nth time; by default when rows went in. */
  readonly moment?: (kill: number) => Promise<unknown> | undefined;
  /** Where to; by default lance. */
  readonly target?: string;
  readonly options?: object;
  readonly flags?: readonly string[];
  /** The numbers of all rows that are served, each as often as it is there; by default the files of lance are looked at. */
  readonly served?: (server: ServeProcess, datasetId: string) => Promise<number[]>;
}

/**
 * Ingests a table while its server is killed again and again, then reads the index through: it must hold each row of the
 * table once and nothing else. The data directory stays.
 */
export async function ingestAcrossKills(dataDir: string, plan: KillPlan): Promise<void> {
  const { rows, batchRows, kills, life, moment, target = 'lance', flags = [], served } = plan;
  let server = await serveProcess(dataDir, flags);
  try {
    const dataset = await tableOf(server, rows);
    const options = { ...plan.options, batch_rows: batchRows };
    const job = await ok(server, 'start_ingest', { dataset_id: dataset, target, options });
    let told = 0;
    for (let kill = 0; kill < kills; kill++) {
      const due = life ? sleep(life()) : moment?.(kill);
      if (due) await due;
      else told = await rowsPast(server, job.id, told);
      await server.kill();
      server = await serveProcess(dataDir, flags);
    }
    expect(await jobEnded(server, job.id)).toMatchObject({
      state: 'succeeded',
      counters: { inserted: rows, updated: 0, deleted: 0, errors: 0, rows },
      metadata: { rows, served: true },
    });
    const { indexes } = await ok(server, 'get_dataset', { dataset_id: dataset });
    expect(indexes).toMatchObject([{ target, state: 'served', rows }]);
    if (served) {
      const found = await served(server, dataset);
      expect(found.sort((a, b) => a - b)).toEqual(Array.from({ length: rows }, (_, n) => n));
    } else await expectEachOnce(path.join(dataDir, 'indexes', dataset), rows);
  } finally {
    await server.stop();
  }
}

/** Waits until a job tells of more rows than before; it must not have ended. */
async function rowsPast(server: ServeProcess, jobId: string, told: number): Promise<number> {
  for (;;) {
    const job = await ok(server, 'job_status', { job_id: jobId });
    expect(job.finished_at, JSON.stringify(job)).toBeUndefined();
    const { counters } = job;
    if (counters.inserted > 0 && counters.rows > told) return counters.rows;
    await sleep(20);
  }
}

async function tableOf(server: ServeProcess, rows: number): Promise<string> {
  const { id } = await ok(server, 'register_dataset', { name: 'killed', uri: 'tutti://killed' });
  const { url, headers } = await ok(server, 'create_presigned_upload', { dataset_id: id, object_key: 'table.csv' });
  const table = `id,word\n${Array.from({ length: rows }, (_, n) => `${n},word ${n}`).join('\n')}\n`;
  expect((await fetch(url, { method: 'PUT', headers, body: table })).status).toBe(200);
  await ok(server, 'commit_dataset_version', { dataset_id: id, version: 'v1' });
  return id;
}

/** Looks at rows all over the table, and that there are as many as there must be. */
async function expectEachOnce(dir: string, rows: number): Promise<void> {
  const pool = createTestPool();
  try {
    const [table = ''] = tablesIn(dir);
    const index = { dir, table };
    for (let from = 0; from < rows; from += Math.ceil(rows / 20)) {
      const filter = { id: { gte: from, lt: from + 100 } };
      const { items } = await pool.run('search', { index, query: '', mode: 'text', filter, limit: 200, offset: 0 });
      const found = items.map(({ row }) => Number(row.id)).sort((a, b) => a - b);
      expect(found).toEqual(Array.from({ length: Math.min(100, rows - from) }, (_, n) => from + n));
    }
  } finally {
    await pool.close();
  }
}

function tablesIn(dir: string): string[] {
  return readdirSync(dir).map((name) => name.replace(/\.lance$/, ''));
}

/** The numbers of all rows that searching this target finds. Pages end after 10,000 rows, so they are read in groups. */
export const searchedIds = (target: string, rows: number) => async (server: ServeProcess, dataset_id: string) => {
  const found: number[] = [];
  for (let from = 0; from < rows; from += 5000) {
    const filter = { id: { gte: from, lt: from + 5000 } };
    const input = { dataset_id, target, query: '', filter, page_size: 200 };
    for (let page: string | undefined; ; ) {
      const answer = await ok(server, 'search_dataset', { ...input, page });
      found.push(...answer.items.map(({ row }: { row: { id: number } }) => Number(row.id)));
      page = answer.next_page;
      if (page === undefined) break;
    }
  }
  return found;
};
