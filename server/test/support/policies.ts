import { setTimeout as sleep } from 'node:timers/promises';
import type { Lake } from './lake.ts';

// biome-ignore lint/suspicious/noExplicitAny: answers are checked by the tests themselves
type Body = any;

/** What a test of policies does to datasets over and over. */
export function policiesOf(lake: Lake) {
  const policies = {
    set: (dataset_id: string, name: string, params: object = {}, enabled = true): Promise<Body> =>
      lake.ok('set_policy', { dataset_id, policy: { name, params, enabled } }),
    /** Commits one table of these rows, each an id and a word. */
    async commit(dataset_id: string, version: string, rows: readonly string[]): Promise<void> {
      await lake.upload(dataset_id, 'table.csv', table(rows));
      await lake.commit(dataset_id, version);
    },
    /** The only target of a dataset. */
    target: async (dataset_id: string): Promise<Body> =>
      (await lake.ok('get_dataset', { dataset_id })).targets?.[0] ?? {},
    /** Waits until the only target looks like this. */
    async until(dataset_id: string, wanted: Readonly<Record<string, unknown>>): Promise<Body> {
      for (;;) {
        const target = await policies.target(dataset_id);
        if (Object.entries(wanted).every(([name, value]) => target[name] === value)) return target;
        // It stays so: a test that waits on says what for.
        if (target.state === 'blocked') {
          const job = target.job_id && (await lake.ok('job_status', { job_id: target.job_id }));
          throw new Error(`blocked: ${JSON.stringify({ target, job })}`);
        }
        await sleep(50);
      }
    },
    /** The jobs of a dataset, oldest first: what each is of, and how it stands. */
    async jobs(dataset_id: string): Promise<Body[]> {
      const { items } = await lake.ok('list_jobs', { dataset_id, page_size: 100 });
      return items.reverse();
    },
    /** Waits until no job of a dataset is open, and answers them all. */
    async quiet(dataset_id: string): Promise<Body[]> {
      for (;;) {
        const jobs = await policies.jobs(dataset_id);
        if (jobs.every((job) => job.finished_at)) return jobs;
        await sleep(50);
      }
    },
  };
  return policies;
}

export function table(rows: readonly string[]): string {
  return `id,word\n${rows.map((word, id) => `${id},${word}`).join('\n')}\n`;
}
