import type { Catalogue } from '../../core/catalogue.ts';
import type { Connection, Db } from '../../core/db/database.ts';
import type { Feed } from '../../core/events/feed.ts';
import type { Invoke } from '../../core/invoke.ts';
import type { JobEngine } from '../../core/jobs/engine.ts';
import type { Keys } from '../../core/keys.ts';
import type { Logger } from '../../core/log.ts';
import type { ObjectStore } from '../../core/objects/object-store.ts';
import type { Cursors } from '../../core/page.ts';
import type { Secrets } from '../../core/secrets.ts';
import type { Settings } from '../../core/settings.ts';
import type { Slice } from '../../core/slice.ts';
import type { Metrics } from '../../core/telemetry/metrics.ts';
import { openReader } from './definition/reader.ts';
import { createDownstream } from './downstream/downstream.ts';
import { workflowErrors } from './errors.ts';
import { openEvaluator } from './expressions/evaluator.ts';
import { retention } from './jobs/retention.ts';
import { runJob } from './jobs/run.ts';
import { createPayloads } from './journal/payload.ts';
import { workflowsPrompt } from './prompt.ts';
import { runResource } from './runs/resource.ts';
import { runQueue } from './runs/room/room.ts';
import { cancelWorkflowRun } from './tools/cancel_workflow_run.ts';
import { deleteWorkflow } from './tools/delete_workflow.ts';
import { getStatus } from './tools/get_status.ts';
import { getWorkflow } from './tools/get_workflow.ts';
import { getWorkflowRun } from './tools/get_workflow_run.ts';
import { listDownstreamServers } from './tools/list_downstream_servers.ts';
import { listDownstreamTools } from './tools/list_downstream_tools.ts';
import { listWorkflowApprovals } from './tools/list_workflow_approvals.ts';
import { listWorkflowRuns } from './tools/list_workflow_runs.ts';
import { listWorkflows } from './tools/list_workflows.ts';
import { putWorkflow } from './tools/put_workflow.ts';
import { redriveWorkflowRun } from './tools/redrive_workflow_run.ts';
import { resolveApproval } from './tools/resolve_approval.ts';
import { runPipeline } from './tools/run_pipeline.ts';
import { validateWorkflow } from './tools/validate_workflow.ts';
import { createTriggers } from './triggers/triggers.ts';

export interface WorkflowsNeeds {
  readonly db: Db;
  readonly connection: Connection;
  readonly jobs: JobEngine;
  readonly objects: ObjectStore;
  readonly keys: Keys;
  readonly secrets: Secrets;
  readonly cursors: Cursors;
  readonly feed: Feed;
  readonly metrics: Metrics;
  readonly settings: Settings;
  readonly log: Logger;
  /** The way to our own tools. */
  readonly invoke: Invoke;
  /** Our own tools, which definitions may call; asked once all are there. */
  readonly catalogue: () => Catalogue;
}

const daysS = 86_400;

/** Durable workflows whose states call tools of other MCP servers, and our own. */
export function createWorkflows(needs: WorkflowsNeeds): Slice {
  const { db, connection, jobs, objects, keys, secrets, cursors, feed, metrics, settings, catalogue } = needs;
  const log = needs.log.child({ part: 'workflows' });
  const payloads = createPayloads({ objects, keys });
  const evaluator = openEvaluator();
  const reader = openReader();
  const downstream = createDownstream({ db, secrets, settings, log, onCall: metrics.downstreamCall });
  const start = {
    jobs,
    payloads,
    maxRunS: settings['workflows.max_run_days'] * daysS,
    maxQueued: settings['workflows.max_queued'],
  };
  const triggers = createTriggers({ db, connection, feed, log, start, evaluator });
  const check = { downstream, catalogue, reader };
  return {
    name: 'workflows',
    tools: [
      runPipeline({ start, jobs, feed, defaultWorkflow: settings['workflows.default'] }),
      getStatus(downstream),
      listWorkflows(cursors),
      getWorkflow(),
      validateWorkflow(check),
      putWorkflow(check),
      deleteWorkflow(),
      listWorkflowRuns(cursors),
      getWorkflowRun(cursors, payloads, { jobs, feed }),
      cancelWorkflowRun(),
      redriveWorkflowRun(jobs),
      listWorkflowApprovals(cursors, payloads),
      resolveApproval(payloads),
      listDownstreamServers(downstream, cursors),
      listDownstreamTools(downstream, cursors),
    ],
    handlers: [
      runJob({
        db,
        log,
        payloads,
        evaluator,
        downstream,
        catalogue,
        invoke: needs.invoke,
        ended: metrics.workflowRunEnded,
      }),
      retention(db, settings['workflows.keep_days']),
    ],
    schedules: [{ name: 'workflows-retention', cron: '37 3 * * *', kind: 'workflows.retention' }],
    queues:
      settings['workflows.concurrency'] > 0 ? [{ name: runQueue, concurrency: settings['workflows.concurrency'] }] : [],
    resources: [runResource(payloads)],
    prompts: [workflowsPrompt],
    errors: workflowErrors,
    flags: async () => ({ 'workflows.servers': (await downstream.names()).length > 0 }),
    measures: () => downstream.measures(),
    async start() {
      await downstream.start();
      await triggers.start();
    },
    async close() {
      await triggers.stop();
      await downstream.close();
      await evaluator.close();
      await reader.close();
    },
  };
}
