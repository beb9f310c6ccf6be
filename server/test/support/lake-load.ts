import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import type { Lake } from './lake.ts';
import type { ServeProcess } from './serve-process.ts';

/** So many rows, each with an id of its own and the word that a search finds all of them by. */
export const csv = (rows: number, from = 0) =>
  `id,text\n${Array.from({ length: rows }, (_, row) => `${from + row},row ${from + row} of several`).join('\n')}\n`;

export interface LoadedDataset {
  readonly dataset: string;
  readonly rows: number;
  /** The ingest that was acknowledged. */
  readonly job: string;
}

/** Registers, uploads, commits and ingests until told to stop, each call through whichever of the servers answers. */
export function createLoad(prefix: string, servers: () => readonly ServeProcess[]) {
  const loaded: LoadedDataset[] = [];
  const failures: string[] = [];
  const stopping = new AbortController();
  const put = (servers()[0] as ServeProcess).put;
  let count = 0;

  /** Repeats a call with its key until some server answered it. */
  async function surely(name: string, input: object) {
    const idempotency_key = createHash('sha256')
      .update(JSON.stringify([name, input]))
      .digest('hex')
      .slice(0, 40);
    for (let attempt = 0; ; attempt += 1) {
      const all = servers();
      const server = all[attempt % all.length] as ServeProcess;
      try {
        const { status, body } = await server.call(name, { ...input, idempotency_key });
        if (status === 200) return body;
        if (status < 500 && status !== 429) throw new Error(`${name}: ${JSON.stringify(body)}`);
        failures.push(`${name}: ${status}`);
      } catch (error) {
        if (error instanceof Error && error.message.startsWith(name)) throw error;
        failures.push(`${name}: ${String(error)}`);
      }
      await sleep(100);
    }
  }

  async function one(): Promise<void> {
    count += 1;
    const name = `${prefix}-${count}`;
    const rows = 50 + count;
    const { id: dataset } = await surely('register_dataset', { name, uri: `tutti://${name}` });
    const { url, headers } = await surely('create_presigned_upload', { dataset_id: dataset, object_key: 'rows.csv' });
    const sent = await put(String(url), headers as Record<string, string>, csv(rows));
    if (sent.status !== 200) throw new Error(`upload: ${sent.status}`);
    await surely('commit_dataset_version', { dataset_id: dataset, version: 'v1' });
    const job = await surely('start_ingest', { dataset_id: dataset, target: 'lance' });
    loaded.push({ dataset: String(dataset), rows, job: String(job.id) });
  }
  const lane = async () => {
    while (!stopping.signal.aborted) {
      await one();
      await sleep(400); // an ingest takes longer than the calls that start it
    }
  };
  const lanes = Promise.all([lane(), lane()]);
  return {
    /** All that was acknowledged so far. */
    loaded,
    /** Calls that had to be repeated, and why. */
    failures,
    /** Waits until so many more are acknowledged. */
    async more(count: number): Promise<void> {
      const goal = loaded.length + count;
      const reached = async () => {
        while (loaded.length < goal) await sleep(20);
      };
      await Promise.race([lanes, reached()]);
    },
    async end(): Promise<void> {
      stopping.abort();
      await lanes;
    },
  };
}

/** Each ingest succeeded with the rows of its dataset, and a search finds each of them once. */
export async function expectAll(lake: Lake, loaded: readonly LoadedDataset[]): Promise<void> {
  for (const { dataset, rows, job } of loaded) {
    const { state, error, counters } = await lake.ended({ id: job });
    expect({ state, error, counters }).toEqual({
      state: 'succeeded',
      error: undefined,
      counters: { inserted: rows, updated: 0, deleted: 0, errors: 0, rows },
    });
    const found: string[] = [];
    let page: string | undefined;
    do {
      const answer = await lake.search(dataset, 'several', { page_size: 200, ...(page !== undefined && { page }) });
      found.push(...answer.items.map((item: { id: string }) => item.id));
      page = answer.next_page;
    } while (page !== undefined);
    expect({ dataset, found: found.length, once: new Set(found).size }).toEqual({ dataset, found: rows, once: rows });
  }
}
