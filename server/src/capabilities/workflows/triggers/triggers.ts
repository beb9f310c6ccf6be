import { setTimeout as sleep } from 'node:timers/promises';
import { type Connection, type Db, inTransaction, isConnectionLoss } from '../../../core/db/database.ts';
import { leadAlone } from '../../../core/db/leader.ts';
import type { Feed } from '../../../core/events/feed.ts';
import type { Logger } from '../../../core/log.ts';
import type { Evaluator } from '../expressions/evaluator.ts';
import { fillRoom } from '../runs/room/room.ts';
import { closeRun, listUnclosed } from '../runs/room/store.ts';
import type { StartNeeds } from '../runs/start.ts';
import { runEvents } from './events.ts';
import { runSchedules } from './schedules.ts';
import { anythingToDo, nextDue, triggerPosition } from './store.ts';

export interface TriggerNeeds {
  readonly db: Db;
  readonly start: StartNeeds;
  readonly evaluator: Pick<Evaluator, 'evaluate'>;
}

export interface TriggersNeeds extends TriggerNeeds {
  readonly connection: Connection;
  readonly feed: Pick<Feed, 'each'>;
  readonly log: Logger;
}

/** What starts runs by itself: schedules, events, and room that becomes free. One process of all on a database does it. */
export interface Triggers {
  start(): Promise<void>;
  stop(): Promise<void>;
}

const pollMs = 1000;
/** How soon to look again for an event that waits for an older transaction. */
const pendingMs = 25;
const closeAtOnce = 200;

export function createTriggers(needs: TriggersNeeds): Triggers {
  const { db, connection, feed, log } = needs;
  let leading: { close(): Promise<void> } | undefined;
  let unsubscribe: (() => void) | undefined;
  const begin = () => {
    leading ??= leadAlone(connection, 'tutti.workflows', log, (signal) => lead(needs, signal));
  };
  return {
    async start() {
      // Until there is a workflow, nothing runs.
      unsubscribe = feed.each(({ type }) => {
        if (type.startsWith('workflow.')) begin();
      });
      if (await anythingToDo(db)) begin();
    },
    async stop() {
      unsubscribe?.();
      await leading?.close();
    },
  };
}

async function lead(needs: TriggersNeeds, signal: AbortSignal): Promise<void> {
  const { db, feed, log } = needs;
  let wake = new AbortController();
  const end = feed.each(() => wake.abort());
  const stopped = () => wake.abort();
  signal.addEventListener('abort', stopped);
  try {
    await triggerPosition.settle(db);
    while (!signal.aborted) {
      wake = new AbortController();
      const pause = await look(needs).catch((error: unknown) => {
        if (!isConnectionLoss(error)) log.warn({ error }, 'triggers were not looked after');
        return pollMs;
      });
      if (!signal.aborted && pause > 0) await sleep(pause, undefined, { signal: wake.signal }).catch(() => undefined);
    }
  } finally {
    end();
    signal.removeEventListener('abort', stopped);
  }
}

/** Does what is due; answers how long to wait before the next look. */
async function look(needs: TriggerNeeds): Promise<number> {
  const { db, start } = needs;
  await runSchedules(needs);
  const found = await runEvents(needs);
  for (const { id, status } of await listUnclosed(db, closeAtOnce)) {
    await inTransaction(db, (tx) => closeRun(tx, id, status));
  }
  await fillRoom(db, (work) => inTransaction(db, work), start);
  if (found === 'more') return 0;
  if (found === 'pending') return pendingMs;
  const due = await nextDue(db);
  return due ? Math.min(pollMs, Math.max(0, due.getTime() - Date.now())) : pollMs;
}
