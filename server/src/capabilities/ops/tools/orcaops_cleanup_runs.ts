import { z } from 'zod';
import { tool } from '../../../core/tool.ts';
import { success } from '../contract.ts';
import { knownEngines } from '../engines/choose.ts';
import type { LocalEngine } from '../engines/local-engine.ts';
import { forgetRuns } from '../runs/delete.ts';
import { listOldRuns } from '../runs/store.ts';

const atOnce = 1000;

export const cleanupRuns = (engine: LocalEngine) =>
  tool({
    name: 'orcaops_cleanup_runs',
    title: 'Delete old runs',
    description:
      'Tutti ops: deletes the records of your container jobs that ended more than so many days ago, with their output and artifacts, at most 1000 a call, oldest first. An administrator deletes those of all. See with dry_run first which. For a single one use orcaops_delete_run.',
    toolset: 'ops',
    effect: 'destroy',
    scope: 'ops:destroy',
    input: {
      older_than_days: z.number().min(0).max(36_500).default(30).describe('Days since their end.'),
      dry_run: z.boolean().default(false).describe('Only say which would be deleted.'),
    },
    output: z.looseObject({
      success,
      deleted_count: z.number().describe('How many were deleted; with dry_run, would be.'),
      deleted_job_ids: z.array(z.string()).describe('Which.'),
      message: z.string().describe('What became of the call, and whether there are more.'),
    }),
    examples: [
      {
        title: 'Delete what is older than a quarter',
        input: { older_than_days: 90 },
        output: {
          success: true,
          deleted_count: 1,
          deleted_job_ids: ['count-lines-0'],
          message: 'Deleted 1 run with its output and artifacts.',
        },
      },
    ],
    async run({ older_than_days, dry_run }, { db, principal }) {
      await knownEngines(db, engine);
      const before = new Date(Date.now() - older_than_days * 86_400_000);
      const found = await listOldRuns(db, principal.admin ? undefined : principal.id, before, atOnce + 1);
      const old = found.slice(0, atOnce);
      if (!dry_run)
        await forgetRuns(
          db,
          old.map((run) => run.id),
        );
      return {
        success: true as const,
        deleted_count: old.length,
        deleted_job_ids: old.map((run) => run.name),
        message: messageOf(old.length, dry_run, found.length > atOnce),
      };
    },
  });

function messageOf(count: number, dryRun: boolean, more: boolean): string {
  const runs = count === 1 ? '1 run with its' : `${count} runs with their`;
  const done = `${dryRun ? 'Would delete' : 'Deleted'} ${runs} output and artifacts.`;
  return more ? `${done} There are more: call it again.` : done;
}
