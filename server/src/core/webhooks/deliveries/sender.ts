import { setTimeout as sleep } from 'node:timers/promises';
import { isConnectionLoss } from '../../db/database.ts';
import { type AttemptNeeds, attemptDue } from './attempt.ts';
import { dispatch } from './dispatch.ts';
import { findDueWebhooks, settlePosition } from './store.ts';

/** Webhooks that are sent to at once, by one process. */
const maxLanes = 32;
const pollMs = 1000;
/** How soon to look again for an event that waits for an older transaction. */
const pendingMs = 25;
/** How long a stop waits for what is being sent. */
const drainMs = 3000;

export interface SenderNeeds extends AttemptNeeds {
  /** Calls back when an event came; answers how to end that. */
  readonly onEvent: (wake: () => void) => () => void;
}

/**
 * Dispatches and sends until the signal. Each webhook has a lane of its own in which one delivery is under way at a time,
 * so that their order is kept and a slow receiver delays nobody else.
 */
export async function runSender(needs: SenderNeeds, signal: AbortSignal): Promise<void> {
  const { db, log } = needs;
  const lanes = new Map<string, Promise<void>>();
  const cut = new AbortController();
  let wake = new AbortController();
  const end = needs.onEvent(() => wake.abort());
  const stopped = () => wake.abort();
  signal.addEventListener('abort', stopped);
  try {
    await settlePosition(db);
    while (!signal.aborted) {
      wake = new AbortController();
      const pause = await look().catch((error: unknown) => {
        if (!isConnectionLoss(error)) log.warn({ error }, 'webhooks were not looked after');
        return pollMs;
      });
      if (!signal.aborted && pause > 0) await sleep(pause, undefined, { signal: wake.signal }).catch(() => undefined);
    }
  } finally {
    end();
    signal.removeEventListener('abort', stopped);
    const timer = setTimeout(() => cut.abort(), drainMs);
    await Promise.all(lanes.values());
    clearTimeout(timer);
  }

  /** Makes deliveries of what is new and opens lanes for what is due; answers how long to wait before the next look. */
  async function look(): Promise<number> {
    const found = await dispatch(db);
    const free = maxLanes - lanes.size;
    for (const id of free > 0 ? await findDueWebhooks(db, [...lanes.keys()], free) : []) {
      lanes.set(id, lane(id));
    }
    return found === 'more' ? 0 : found === 'pending' ? pendingMs : pollMs;
  }

  async function lane(webhookId: string): Promise<void> {
    try {
      while (!signal.aborted && (await attemptDue(needs, webhookId, cut.signal)));
      lanes.delete(webhookId);
      // What became due while the lane ended, or waited for room, is found now.
      wake.abort();
    } catch (error) {
      lanes.delete(webhookId);
      if (!isConnectionLoss(error)) log.warn({ error, webhook: webhookId }, 'a delivery was not written down');
    }
  }
}
