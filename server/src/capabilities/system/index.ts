import type { Db } from '../../core/db/database.ts';
import type { JobEngine } from '../../core/jobs/engine.ts';
import { toJob } from '../../core/jobs/store.ts';
import type { Cursors } from '../../core/page.ts';
import type { ResourceKind } from '../../core/resource.ts';
import type { Slice } from '../../core/slice.ts';
import { retention } from './jobs/retention.ts';
import { cancelJob } from './tools/cancel_job.ts';
import { jobStatus } from './tools/job_status.ts';
import { listCapabilities } from './tools/list_capabilities.ts';
import { listJobs } from './tools/list_jobs.ts';
import { resolveInDoubtCall } from './tools/resolve_in_doubt_call.ts';
import { visibleJob } from './visible-job.ts';

export interface SystemNeeds {
  readonly db: Db;
  readonly jobs: JobEngine;
  readonly cursors: Cursors;
  readonly version: string;
  readonly keepDays: number;
  /** The feature flags of all capabilities. */
  readonly allFlags: () => Promise<Readonly<Record<string, boolean>>>;
}

/** The tools at every endpoint: what the server can do, and its jobs. */
export function createSystem(needs: SystemNeeds): Slice {
  return {
    name: 'system',
    tools: [
      listCapabilities(needs.version, needs.allFlags),
      listJobs(needs.cursors),
      jobStatus(),
      cancelJob(),
      resolveInDoubtCall(needs.jobs),
    ],
    handlers: [retention(needs.db, needs.jobs, needs.keepDays)],
    schedules: [{ name: 'retention', cron: '17 3 * * *', kind: 'system.retention' }],
    migrations: {},
    resources: [jobResource],
    errors: {},
    flags: async () => ({}),
  };
}

const jobResource: ResourceKind = {
  kind: 'job',
  title: 'Job',
  description: 'A job by its id: job://{id}',
  read: async (id, principal, db) => toJob(await visibleJob(db, principal, id)),
};
