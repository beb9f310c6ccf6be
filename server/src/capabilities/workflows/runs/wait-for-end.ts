import type { Feed } from '../../../core/events/feed.ts';
import type { ToolContext } from '../../../core/tool.ts';
import { pendingOf } from '../approvals/store.ts';
import type { RunRow } from './run.ts';
import { findRun } from './store.ts';

const lookMs = 1000;

/**
 * The run once it has ended, or as it is when the time is over, the caller is gone, or the server stops; with `orApproval` also
 * as soon as it waits for somebody.
 */
export async function waitForEnd(
  run: RunRow,
  seconds: number,
  feed: Feed,
  { db, signal, progress }: Pick<ToolContext, 'db' | 'signal' | 'progress'>,
  { orApproval = false } = {},
): Promise<RunRow> {
  const until = Date.now() + seconds * 1000;
  const enough = AbortSignal.any([signal, feed.closed]);
  let told = -1;
  for (;;) {
    const since = await feed.now();
    const row = (await findRun(db, run.id)) ?? run;
    const left = until - Date.now();
    if (row.ended_at || enough.aborted || left <= 0) return row;
    if (orApproval && row.status === 'waiting' && (await pendingOf(db, row.id)).length > 0) return row;
    // Progress may only grow, and a look at the run always follows it.
    const part = 1 - left / (seconds * 1000);
    if (part > told + 0.02) {
      progress(part, row.status);
      told = part;
    }
    await feed.wait(since, Math.min(left, lookMs), enough);
  }
}
