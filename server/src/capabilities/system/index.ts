import type { Db } from '../../core/db/database.ts';
import type { Feed } from '../../core/events/feed.ts';
import type { JobEngine } from '../../core/jobs/engine.ts';
import { toJob } from '../../core/jobs/store.ts';
import type { Cursors } from '../../core/page.ts';
import type { ResourceKind } from '../../core/resource.ts';
import type { Slice } from '../../core/slice.ts';
import type { Webhooks } from '../../core/webhooks/webhooks.ts';
import { completeJob } from './complete-job.ts';
import { retention } from './jobs/retention.ts';
import { systemPrompt } from './prompt.ts';
import { callTool } from './tools/call_tool.ts';
import { cancelJob } from './tools/cancel_job.ts';
import { deleteWebhook } from './tools/delete_webhook.ts';
import { describeTool } from './tools/describe_tool.ts';
import { jobStatus } from './tools/job_status.ts';
import { listAuditEntries } from './tools/list_audit_entries.ts';
import { listCapabilities } from './tools/list_capabilities.ts';
import { listDeliveries } from './tools/list_deliveries.ts';
import { listJobs } from './tools/list_jobs.ts';
import { listWebhooks } from './tools/list_webhooks.ts';
import { pollEvents } from './tools/poll_events.ts';
import { putWebhook } from './tools/put_webhook.ts';
import { redeliverWebhook } from './tools/redeliver_webhook.ts';
import { resolveInDoubtCall } from './tools/resolve_in_doubt_call.ts';
import { searchTools } from './tools/search_tools.ts';
import { subscribe } from './tools/subscribe.ts';
import { visibleJob } from './visible-job.ts';

export interface SystemNeeds {
  readonly db: Db;
  readonly jobs: JobEngine;
  readonly cursors: Cursors;
  readonly version: string;
  readonly feed: Feed;
  /** The URL by which callers reach the server. */
  readonly baseUrl: () => string;
  readonly keepDays: number;
  readonly webhooks: Webhooks;
  readonly keepEventDays: number;
  readonly keepDeliveryDays: number;
  /** All capabilities, once they are there. */
  readonly slices: readonly Slice[];
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
      jobStatus(needs),
      cancelJob(),
      resolveInDoubtCall(needs.jobs),
      pollEvents(needs.feed),
      subscribe(needs.feed, needs.baseUrl),
      listAuditEntries(needs.cursors, needs.slices),
      putWebhook(needs.webhooks),
      listWebhooks(needs.webhooks, needs.cursors),
      deleteWebhook(),
      listDeliveries(needs.cursors),
      redeliverWebhook(),
    ],
    handlers: [retention(needs)],
    schedules: [{ name: 'retention', cron: '17 3 * * *', kind: 'system.retention' }],
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
