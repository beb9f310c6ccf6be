import type { Db } from '../../core/db/database.ts';
import type { Feed } from '../../core/events/feed.ts';
import type { JobEngine } from '../../core/jobs/engine.ts';
import { toJob } from '../../core/jobs/store.ts';
import type { Cursors } from '../../core/page.ts';
import type { ResourceKind } from '../../core/resource.ts';
import type { Slice } from '../../core/slice.ts';
import { completeJob } from './complete-job.ts';
import { retention } from './jobs/retention.ts';
import { systemPrompt } from './prompt.ts';
import { callTool } from './tools/call_tool.ts';
import { cancelJob } from './tools/cancel_job.ts';
import { describeTool } from './tools/describe_tool.ts';
import { jobStatus } from './tools/job_status.ts';
import { listAuditEntries } from './tools/list_audit_entries.ts';
import { listCapabilities } from './tools/list_capabilities.ts';
import { listJobs } from './tools/list_jobs.ts';
import { pollEvents } from './tools/poll_events.ts';
import { resolveInDoubtCall } from './tools/resolve_in_doubt_call.ts';
import { searchTools } from './tools/search_tools.ts';
import { visibleJob } from './visible-job.ts';

export interface SystemNeeds {
  readonly db: Db;
  readonly jobs: JobEngine;
  readonly cursors: Cursors;
  readonly version: string;
  readonly feed: Feed;
  readonly keepDays: number;
  readonly keepEventDays: number;
  /** The feature flags of all capabilities. */
  readonly allFlags: () => Promise<Readonly<Record<string, boolean>>>;
}

/** The tools at every endpoint: what the server can do, and its jobs. */
export function createSystem(needs: SystemNeeds): Slice {
  return {
    name: 'system',
    tools: [
      listCapabilities(needs.version, needs.allFlags),
      searchTools(needs.cursors),
      describeTool(),
      callTool(),
      listJobs(needs.cursors),
      jobStatus(),
      cancelJob(),
      resolveInDoubtCall(needs.jobs),
      pollEvents(needs.feed),
      listAuditEntries(needs.cursors),
    ],
    handlers: [retention(needs.db, needs.jobs, needs.keepDays, needs.keepEventDays)],
    schedules: [{ name: 'retention', cron: '17 3 * * *', kind: 'system.retention' }],
    migrations: {},
    resources: [jobResource],
    prompts: [systemPrompt],
    errors: {},
    flags: async () => ({}),
  };
}

const jobResource: ResourceKind = {
  kind: 'job',
  toolset: 'system',
  title: 'Job',
  description: 'A job by its id: job://{id}',
  read: async (id, principal, db) => toJob(await visibleJob(db, principal, id)),
  complete: completeJob,
};
