import { z } from 'zod';
import type { Db } from '../../../core/db/database.ts';
import type { JobEngine } from '../../../core/jobs/engine.ts';
import type { Logger } from '../../../core/log.ts';
import type { ObjectStore } from '../../../core/objects/object-store.ts';
import type { Slice } from '../../../core/slice.ts';
import type { Tool } from '../../../core/tool.ts';
import type { Targets } from '../indexes/drop.ts';
import { goneIndex } from '../indexes/gone.ts';
import { findDataset } from '../store.ts';
import { listPolicies } from '../tools/list_policies.ts';
import { removePolicy } from '../tools/remove_policy.ts';
import { setPolicy } from '../tools/set_policy.ts';
import { findMultipart } from '../uploads/store.ts';
import { commitUploads, reconcileJob } from './jobs.ts';
import { noteLost } from './lost.ts';
import { endReconciles, thenReconcile } from './occasions.ts';
import { singleFlight } from './on-ingest.ts';
import { beforeRead } from './on-read.ts';
import { createReconcile, type Reconcile } from './reconcile.ts';
import type { LastValidation } from './situation.ts';
import { listPolicies as policiesOf } from './store.ts';

export interface AutomateNeeds {
  readonly db: Db;
  readonly jobs: JobEngine;
  readonly objects: ObjectStore;
  readonly targets: Targets;
  readonly log: Logger;
  readonly lastValidation: LastValidation;
}

/** Tools that change what is wanted, or what there is. */
const occasions = ['commit_dataset_version', 'rollback_dataset', 'reindex', 'set_contract', 'remove_dataset_object'];
/** Kinds of jobs whose end does. */
const endings = ['lake.commit', 'lake.commit_uploads', 'lake.validate', 'lake.ingest'];
/** Tools that read an index. */
const readers = ['search_dataset'];

type Parts = Pick<Slice, 'tools' | 'handlers' | 'schedules'>;

/** The lake with policies: their tools and jobs, and a look at them whenever something changes that they are about. */
export function automate<T extends Parts>(slice: T, needs: AutomateNeeds): T & Pick<Slice, 'uploaded'> {
  const { db, objects, targets, log } = needs;
  const reconcile = createReconcile(needs);
  const commit = slice.tools.find((tool) => tool.name === 'commit_dataset_version');
  if (!commit) throw new Error('no tool to commit with');
  const tools = slice.tools.map((tool) => {
    if (readers.includes(tool.name)) return thatReads(tool, reconcile);
    if (tool.name === 'complete_multipart_upload') return thenReconcile(tool, reconcile, datasetOfUpload);
    if (tool.name === 'start_ingest') return thenReconcile(singleFlight(tool, reconcile), reconcile);
    return occasions.includes(tool.name) ? thenReconcile(tool, reconcile) : tool;
  });
  const handlers = [...slice.handlers, commitUploads(commit)].map((handler) =>
    endings.includes(handler.kind) ? endReconciles(handler, reconcile, log) : handler,
  );
  return {
    ...slice,
    tools: [...tools, listPolicies(), thenReconcile(setPolicy(), reconcile), thenReconcile(removePolicy(), reconcile)],
    handlers: [...handlers, reconcileJob({ db, objects, targets, reconcile })],
    schedules: [...slice.schedules, { name: 'lake-reconcile', cron: '11 * * * *', kind: 'lake.reconcile' }],
    async uploaded(tx: Db, holder: string) {
      const watched = (await policiesOf(tx, holder)).some(
        ({ enabled, params }) => enabled && params.scope === 'object',
      );
      if (watched) await reconcile(tx, holder);
    },
  };
}

async function datasetOfUpload({ upload_id }: Readonly<Record<string, unknown>>, db: Db): Promise<string | undefined> {
  return (await findMultipart(db, String(upload_id)))?.dataset_id;
}

/** A tool whose calls are what the policy lazy waits for. */
function thatReads(tool: Tool, reconcile: Reconcile): Tool {
  return {
    ...tool,
    output: tool.output.extend({
      stale: z
        .boolean()
        .optional()
        .describe('Present and true when another version is wanted than the one that answered.'),
      wanted_version: z.string().optional().describe('That version.'),
      job_id: z.string().optional().describe('The job that ingests it, if one does.'),
    }),
    async run(input, context) {
      const { dataset_id: datasetId, target } = input as { dataset_id: string; target: string };
      const row = await findDataset(context.db, datasetId);
      const read = { datasetId, target, version: row?.version ?? null, signal: context.signal };
      const staleness = row && (await beforeRead(context.db, read, reconcile));
      const answer = await tool.run(input, context).catch(async (error: unknown) => {
        const index = goneIndex(error);
        if (index !== undefined) await noteLost(context.db, datasetId, index, reconcile);
        throw error;
      });
      return { ...answer, ...staleness };
    },
  };
}
