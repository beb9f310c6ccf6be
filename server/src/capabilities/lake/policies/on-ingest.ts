import { canSee } from '../../../core/auth/principal.ts';
import type { Job } from '../../../core/jobs/job.ts';
import { findJob, toJob } from '../../../core/jobs/store.ts';
import type { Tool, ToolContext } from '../../../core/tool.ts';
import type { Reconcile } from './reconcile.ts';
import { rulingOf } from './rule.ts';
import { listPolicies } from './store.ts';

/** A tool that begins an ingest. Under lazy, a call that leaves the version open is one more reader: all get one job. */
export function singleFlight(tool: Tool, reconcile: Reconcile): Tool {
  return {
    ...tool,
    run: async (input, context) => (await flying(input, context, reconcile)) ?? tool.run(input, context),
  };
}

async function flying(
  { dataset_id, target, ...more }: Readonly<Record<string, unknown>>,
  { db, principal }: ToolContext,
  reconcile: Reconcile,
): Promise<Job | undefined> {
  // Whoever says how wants that, and not what the policy does.
  if (Object.values(more).some((value) => value !== undefined)) return undefined;
  const ruling = await rulingOf(db, await listPolicies(db, String(dataset_id)));
  if (ruling?.rule.name !== 'lazy' || ruling.paused !== undefined) return undefined;
  // The job is the policy's: a caller who may not see it needs one of its own.
  if (!canSee(principal, { toolset: 'lake', owner: ruling.policy.principal_id })) return undefined;
  const standing = (await reconcile(db, String(dataset_id), { reading: String(target) })).get(String(target))?.standing;
  const row = standing?.state === 'building' && standing.job_id ? await findJob(db, standing.job_id) : undefined;
  return row && toJob(row);
}
