import { type EndTellers, waitForEnd } from '../../../core/jobs/wait-for-end.ts';
import type { ToolContext } from '../../../core/tool.ts';
import { findRun, type RunRow } from './store.ts';

/** The run once it has ended, or as it is when the waiting is over; undefined when there is none. */
export function waitForRun(
  id: string,
  seconds: number,
  tellers: EndTellers,
  context: Pick<ToolContext, 'db' | 'signal' | 'progress'>,
): Promise<RunRow | undefined> {
  return waitForEnd(id, seconds, tellers, context, async () => {
    const run = await findRun(context.db, id);
    return { found: run, ended: !run || run.finished_at !== null, words: run?.reason ?? run?.state ?? '' };
  });
}
