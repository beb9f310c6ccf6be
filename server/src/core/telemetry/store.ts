import { sql } from 'kysely';
import type { Db } from '../db/database.ts';

export interface OpenJobs {
  readonly open: readonly { readonly kind: string; readonly state: string; readonly count: number }[];
  /** Seconds that the oldest queued job has waited; 0 without any. */
  readonly oldestQueuedS: number;
}

/** Counts the jobs that have not ended, by the index on them: what is kept of ended ones costs nothing here. */
export async function countOpenJobs(db: Db): Promise<OpenJobs> {
  const { rows } = await sql<{ kind: string; state: string; count: number; waited: number }>`
    select kind, state, count(*) as count,
      coalesce(extract(epoch from now() - min(created_at) filter (where state = 'queued')), 0)::float8 as waited
    from jobs where finished_at is null group by kind, state order by kind, state`.execute(db);
  return {
    open: rows.map(({ kind, state, count }) => ({ kind, state, count })),
    oldestQueuedS: Math.max(0, ...rows.map((row) => row.waited)),
  };
}
