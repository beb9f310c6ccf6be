import { expect } from 'vitest';
import type { Answer, TestServer } from './server.ts';

// biome-ignore lint/suspicious/noExplicitAny: answers are checked by the tests themselves
type Body = any;

/** The steps of the lake's path, each of which must succeed. */
export function lakeOf(server: Pick<TestServer, 'call' | 'put'>) {
  async function ok(name: string, input: unknown): Promise<Body> {
    const { status, body } = await server.call(name, input);
    expect({ status, refused: status !== 200 && body }).toEqual({ status: 200, refused: false });
    return body;
  }

  const lake = {
    ok,
    /** Registers a managed dataset and answers its id. */
    dataset: async (name: string): Promise<string> =>
      (await ok('register_dataset', { name, uri: `tutti://${name}` })).id,
    presign: (dataset_id: string, object_key: string, more: object = {}): Promise<Body> =>
      ok('create_presigned_upload', { dataset_id, object_key, ...more }),
    async upload(dataset_id: string, object_key: string, bytes: string | Uint8Array): Promise<Answer> {
      const { url, headers } = await lake.presign(dataset_id, object_key);
      const answer = await server.put(url, headers, bytes);
      expect(answer.status).toBe(200);
      return answer;
    },
    /** Commits, and waits for the job if it takes one. */
    async commit(dataset_id: string, version: string): Promise<Body> {
      const answer = await ok('commit_dataset_version', { dataset_id, version });
      const { job_id } = answer.metadata;
      if (job_id === undefined) return answer;
      expect(await lake.ended({ id: job_id })).toMatchObject({ kind: 'lake.commit', state: 'succeeded' });
      return ok('get_dataset', { dataset_id });
    },
    objects: async (dataset_id: string, prefix?: string): Promise<Body[]> =>
      (await ok('list_objects', { dataset_id, prefix })).items,
    keys: async (dataset_id: string, prefix?: string): Promise<string[]> =>
      (await lake.objects(dataset_id, prefix)).map((object) => object.key),
    /** Waits for the end of a job. */
    async ended({ id }: { id: string }): Promise<Body> {
      for (let look = 0; ; look += 1) {
        const job = await ok('job_status', { job_id: id, wait_s: 40 });
        if (!['queued', 'running'].includes(job.state) || look === 5) return job;
      }
    },
    ingest: async (dataset_id: string, more: object = {}): Promise<Body> =>
      lake.ended(await ok('start_ingest', { dataset_id, target: 'lance', ...more })),
    search: (dataset_id: string, query: string, more: object = {}): Promise<Body> =>
      ok('search_dataset', { dataset_id, query, ...more }),
  };
  return lake;
}

export type Lake = ReturnType<typeof lakeOf>;
