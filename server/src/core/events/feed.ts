import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { canSee, type Principal, readableToolsets } from '../auth/principal.ts';
import { type Connection, type Db, isConnectionLoss } from '../db/database.ts';
import { listenTo } from '../db/listen.ts';
import { AppError } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { StoredEvent } from './event.ts';
import { isAfter, type Position } from './position.ts';
import { createRing, type Ring } from './ring.ts';
import { adoptEvents, currentPosition, eventChannel, readEvents } from './store.ts';

/** What a subscriber asked for, besides what it may see. */
export interface Wanted {
  readonly types?: readonly string[] | undefined;
  readonly datasetId?: string | undefined;
}

export interface ReadRequest {
  readonly principal: Principal;
  readonly wanted: Wanted;
  readonly after: Position;
  readonly limit: number;
}

/** The event log as this process reads it: once for all subscribers, each of whom pulls from a position of its own. */
export interface Feed {
  /** Begins to read. Before it every reader gets what the database has. */
  start(): Promise<void>;
  /** Where a reader stands who wants only what comes from now on; while the database is away, from what came last. */
  now(): Promise<Position>;
  /**
   * Up to `limit` events that the principal may see and wants, and where to read on. Recent ones come from memory,
   * others from the database; a position of another database is BAD_CURSOR. While it is away nothing comes after the recent ones.
   */
  read(request: ReadRequest): Promise<{ events: StoredEvent[]; next: Position }>;
  /** Waits until there is an event after a position, for whomever, until `ms` are over, or until the signal. */
  wait(after: Position, ms: number, signal: AbortSignal): Promise<void>;
  /** Calls back for each event from now on, in order; answers how to end that. */
  each(onEvent: (event: StoredEvent) => void): () => void;
  /** Notes that a subscriber was told of an event of this type by another way than `read`. */
  told(type: string): void;
  /** How often a reader was given, or a subscriber told of, an event of a type. */
  given(type: string): number;
  /** Fires when it closes: then nothing comes any more. */
  readonly closed: AbortSignal;
  close(): Promise<void>;
}

export interface FeedSettings {
  readonly db: Db;
  readonly connection: Connection;
  readonly log: Logger;
  /** The database is a replica, which is only read. */
  readonly replica?: boolean;
  readonly maxEvents?: number;
  readonly maxBytes?: number;
}

const pollMs = 1000;
/** How soon to look again for an event that waits for an older transaction. */
const pendingMs = 25;
/** Commits that come together are read together. */
const gatherMs = 5;
const batch = 500;
/** It is asked once a second: without an answer for so long it counts as away. */
const silentMs = 4000;

/** The feed of this process. It is told of commits, and looks by itself once a second. */
export function createFeed(settings: FeedSettings): Feed {
  const { db, log, maxEvents = 2000, maxBytes = 16 * 2 ** 20 } = settings;
  const waiters = new Set<() => void>();
  const followers = new Set<(event: StoredEvent) => void>();
  const closing = new AbortController();
  setMaxListeners(0, closing.signal);
  let wake = new AbortController();
  let heardAt = 0;
  const given = new Map<string, number>();
  let ring: Ring | undefined;
  let stop: (() => Promise<unknown>) | undefined;

  return {
    async start() {
      if (!settings.replica) await adoptEvents(db);
      heardAt = Date.now();
      ring = createRing(await currentPosition(db), { maxEvents, maxBytes });
      // Nobody can listen to a replica.
      const listener = settings.replica
        ? undefined
        : listenTo(settings.connection, eventChannel, log, () => wake.abort());
      const running = run(ring);
      stop = () => Promise.all([listener?.close(), running]);
    },
    async now() {
      const end = ring?.end();
      return end ? unlessAway(() => currentPosition(db), end) : currentPosition(db);
    },
    async read(request) {
      const found = await find(request);
      for (const { type } of found.events) tell(type);
      return found;
    },
    told: tell,
    given: (type) => given.get(type) ?? 0,
    wait(after, ms, signal) {
      if (closing.signal.aborted || signal.aborted || (ring?.after(after)?.length ?? 1) > 0) return Promise.resolve();
      return new Promise((resolve) => {
        const done = () => {
          clearTimeout(timer);
          waiters.delete(done);
          signal.removeEventListener('abort', done);
          resolve();
        };
        const timer = setTimeout(done, ms);
        waiters.add(done);
        signal.addEventListener('abort', done);
      });
    },
    each(onEvent) {
      followers.add(onEvent);
      return () => followers.delete(onEvent);
    },
    closed: closing.signal,
    async close() {
      closing.abort();
      wake.abort();
      for (const waiter of [...waiters]) waiter();
      await stop?.();
    },
  };

  function tell(type: string): void {
    given.set(type, (given.get(type) ?? 0) + 1);
  }

  async function find({ principal, wanted, after, limit }: ReadRequest) {
    const recent = ring?.after(after);
    // What lies beyond the ring may be a moment ahead of it, or of another database.
    if (ring && isAfter(after, ring.end())) {
      const found = await unlessAway(() => readBack({ principal, wanted, after, limit }), { events: [], next: after });
      await catchUp(ring, found.events.at(-1)?.position);
      return found;
    }
    if (!ring || !recent) return readBack({ principal, wanted, after, limit });
    const events: StoredEvent[] = [];
    for (const event of recent) {
      if (isFor(principal, wanted, event)) events.push(event);
      if (events.length === limit) return { events, next: event.position };
    }
    return { events, next: ring.end() };
  }

  /** What the database says, or something else while it is away, or has said nothing for long. */
  async function unlessAway<T>(ask: () => Promise<T>, otherwise: T): Promise<T> {
    if (Date.now() - heardAt > silentMs) return otherwise;
    try {
      return await ask();
    } catch (error) {
      if (isConnectionLoss(error)) return otherwise;
      throw error;
    }
  }

  /** Whoever is given an event finds that those who follow were told of it before. */
  async function catchUp(recent: Ring, position: Position | undefined): Promise<void> {
    for (let look = 0; position && look < 40 && !closing.signal.aborted && isAfter(position, recent.end()); look += 1) {
      wake.abort();
      await sleep(pendingMs);
    }
  }

  async function run(recent: Ring): Promise<void> {
    while (!closing.signal.aborted) {
      wake = new AbortController();
      const pause = await advance(recent).catch((error: unknown) => {
        if (!isConnectionLoss(error)) log.warn({ error }, 'events were not read');
        return pollMs;
      });
      if (closing.signal.aborted) return;
      await sleep(pause, undefined, { signal: wake.signal }).catch(() => sleep(gatherMs));
    }
  }

  /** Reads what is new; answers how long to wait before the next look. */
  async function advance(recent: Ring): Promise<number> {
    const { events, next, pending } = await readEvents(db, { after: recent.end(), limit: batch });
    recent.append(events, next);
    heardAt = Date.now();
    if (events.length > 0) {
      for (const waiter of [...waiters]) waiter();
      for (const event of events) for (const follower of followers) follower(event);
    }
    return events.length === batch ? 0 : pending ? pendingMs : pollMs;
  }

  async function readBack({ principal, wanted, after, limit }: ReadRequest) {
    const { events, next, ahead } = await readEvents(db, {
      after,
      limit,
      filter: {
        toolsets: readableToolsets(principal),
        ...(!principal.admin && { owner: principal.id }),
        ...(wanted.types && { types: wanted.types }),
        ...(wanted.datasetId !== undefined && { datasetId: wanted.datasetId }),
      },
    });
    if (ahead) throw badPosition();
    return { events: events.filter((event) => isFor(principal, wanted, event)), next };
  }
}

/** Whether an event may be seen by a principal, and is what it asked for. */
function isFor(principal: Principal, wanted: Wanted, event: StoredEvent): boolean {
  if (wanted.types && !wanted.types.includes(event.type)) return false;
  if (wanted.datasetId !== undefined && wanted.datasetId !== event.datasetId) return false;
  return canSee(principal, event);
}

export function badPosition(): AppError {
  return new AppError(
    'BAD_CURSOR',
    'This is no position in the event log of this server.',
    'Give the `next`, the `next_token` or the event id that came last; leave it out to begin now, or give 0.0 for the oldest event kept.',
  );
}
