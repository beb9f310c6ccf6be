import { setTimeout as sleep } from 'node:timers/promises';
import type { Db } from '../../../core/db/database.ts';
import type { Feed } from '../../../core/events/feed.ts';
import { changedSince } from '../../../core/events/store.ts';
import type { Logger } from '../../../core/log.ts';
import { changeEvents } from '../releases/events.ts';
import { readStanding, type Standing } from './standing.ts';

/** What stands, in the memory of this process. */
export interface Shelf {
  /**
   * What stands: as the database was at most five seconds ago, with each release that this process was told of. While it is
   * away, as it was last; UNAVAILABLE where it was away from the beginning.
   */
  standing(): Promise<Standing>;
  /** When the database was last known to say so; undefined unless it is away. */
  staleSince(): Date | undefined;
  /** Takes up what was committed before; gives up where the database goes away. */
  refresh(): Promise<void>;
  /** Reads it in, and follows the events. */
  start(): Promise<void>;
  stop(): void;
}

export interface ShelfSettings {
  readonly db: Db;
  readonly feed: Pick<Feed, 'each'>;
  readonly log: Logger;
  /** Told of what stands each time that it was read anew. */
  readonly onRead: (standing: Standing) => Promise<void>;
}

/** How old what is answered may be. */
const oldestMs = 5000;
/** From when on it is looked at again beside the answers. */
const aheadMs = 2000;
/** Without an answer for so long, the database counts as away, and is asked again no sooner. */
const lateMs = 2000;

/** Keeps what stands in memory. Events tell of changes; besides, it looks by itself as long as somebody reads. */
export function createShelf({ db, feed, log, onRead }: ShelfSettings): Shelf {
  let standing: Standing | undefined;
  /** Whether something changed since it was read. */
  let changed = true;
  let seenAt = 0;
  let askedAt = 0;
  let away = false;
  let looking: Promise<void> | undefined;
  let unfollow: (() => void) | undefined;

  const age = () => Date.now() - seenAt;
  const isOld = () => changed || age() > oldestMs;

  return {
    async standing() {
      // A look that began before the last change says nothing of it: a second one does.
      for (let look = 0; look < 2 && isOld() && (!away || !standing); look += 1) {
        const late = sleep(lateMs, 'late', { ref: false });
        if (standing && (await Promise.race([lookOnce(), late])) === 'late') away = true;
        else if (!standing) await lookOnce();
      }
      if (age() > aheadMs && Date.now() - askedAt > lateMs) void lookOnce();
      return standing ?? read();
    },
    staleSince: () => (away && isOld() ? new Date(seenAt) : undefined),
    async refresh() {
      // A look that began before says nothing of it. One that begins now finds the events of what was committed.
      await looking;
      await Promise.race([lookOnce(), sleep(lateMs, undefined, { ref: false })]);
    },
    async start() {
      unfollow = feed.each(({ type }) => {
        if (changeEvents.includes(type)) changed = true;
      });
      await lookOnce();
    },
    stop: () => unfollow?.(),
  };

  /** Looks, once for all who want it now. Never throws: what was known stays. */
  function lookOnce(): Promise<void> {
    looking ??= look().finally(() => {
      looking = undefined;
    });
    return looking;
  }

  async function look(): Promise<void> {
    askedAt = Date.now();
    try {
      if (standing && !changed) {
        const since = await changedSince(db, standing.horizon, changeEvents);
        if (since.changed) changed = true;
        else standing = { ...standing, horizon: since.horizon };
      }
      if (!standing || changed) await read();
      seenAt = askedAt;
      away = false;
    } catch (error) {
      if (!away) log.warn({ error }, 'what stands was not read anew: it is answered from memory');
      away = true;
    }
  }

  async function read(): Promise<Standing> {
    changed = false;
    try {
      const found = await readStanding(db);
      await onRead(found);
      standing = found;
      return found;
    } catch (error) {
      changed = true;
      throw error;
    }
  }
}
