import { authorityOf } from '../../../core/auth/authority.ts';
import type { Db } from '../../../core/db/database.ts';
import { inTransaction } from '../../../core/db/database.ts';
import type { JobContext, JobHandler } from '../../../core/jobs/handler.ts';
import { noteArrivals } from '../../../core/objects/arrivals.ts';
import type { ObjectStore } from '../../../core/objects/object-store.ts';
import type { Tool } from '../../../core/tool.ts';
import type { Targets } from '../indexes/drop.ts';
import { findLost } from './lost.ts';
import type { Reconcile } from './reconcile.ts';
import { listAutomated } from './store.ts';

export interface ReconcileJobNeeds {
  readonly db: Db;
  readonly objects: ObjectStore;
  readonly targets: Targets;
  readonly reconcile: Reconcile;
}

const page = 100;

/** Looks at one dataset, at a time that an earlier look planned; or at all that have a policy, for what nothing told of. */
export const reconcileJob = ({ db, objects, targets, reconcile }: ReconcileJobNeeds): JobHandler => ({
  kind: 'lake.reconcile',
  version: 1,
  async run(context, input) {
    if (typeof input.dataset_id === 'string') {
      const id = input.dataset_id;
      await context.step('arrivals', () => noteArrivals(db, objects, id));
      await context.transaction('reconcile', async (tx) => void (await reconcile(tx, id)));
      return undefined;
    }
    let looked = 0;
    for (let after = ''; ; ) {
      const last = await context.step(`reconcile after ${after}`, async () => {
        const found = await listAutomated(db, after, page);
        for (const { dataset_id, uploads } of found) {
          await findLost(db, dataset_id, targets, reconcile, context.signal);
          if (uploads) await noteArrivals(db, objects, dataset_id);
          await inTransaction(db, (tx) => reconcile(tx, dataset_id));
        }
        return { count: found.length, id: found.at(-1)?.dataset_id ?? '' };
      });
      looked += last.count;
      if (last.count < page) return { datasets: looked };
      after = last.id;
    }
  },
});

/** Commits what was uploaded, as whoever put the policy. `commit` is the tool that everybody else uses. */
export const commitUploads = (commit: Tool): JobHandler => ({
  kind: 'lake.commit_uploads',
  version: 1,
  scope: 'lake:write',
  async run(context, input) {
    const { dataset_id, version } = input;
    const answer = await context.transaction('commit', (tx) => runAs(context, commit, { dataset_id, version }, tx));
    return { version, ...(isCommitting(answer) && { commit_job_id: answer.metadata.job_id }) };
  },
});

async function runAs(context: JobContext, { run }: Tool, input: Record<string, unknown>, tx: Db) {
  const principal = await context.principal();
  return run(input, {
    principal,
    authority: authorityOf(principal),
    db: tx,
    signal: context.signal,
    progress: () => undefined,
    tools: { faces: () => [], call: () => Promise.reject(new Error('a job calls no other tool')) },
  });
}

function isCommitting(answer: Record<string, unknown>): answer is { metadata: { job_id: string } } {
  return typeof (answer.metadata as { job_id?: unknown } | undefined)?.job_id === 'string';
}
