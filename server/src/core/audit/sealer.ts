import type { Db } from '../db/database.ts';
import type { Logger } from '../log.ts';
import { createAnchor } from './anchor.ts';
import type { HeadKey } from './head-key.ts';
import { forgetEntries, sealBatch } from './seal.ts';
import { findLastHead } from './store.ts';

export interface Sealer {
  /** An entry is being written: seal soon. */
  wake(): void;
  /** Seals what is there and ends. */
  stop(): Promise<void>;
}

export interface SealerSettings {
  readonly db: Db;
  readonly key: HeadKey;
  /** Where the newest head is kept beside the database. */
  readonly dataDir: string;
  readonly log: Logger;
  /** Days that sealed entries are kept. */
  readonly keepDays: number;
}

const busyMs = 1000;
/** How often to look when nothing happens here: another process may have died before its entries were sealed. */
const idleMs = 15_000;
/** How long after an entry its transaction may still commit. */
const awakeMs = 5000;
const forgetEveryMs = 3_600_000;

/** Seals in the background, once a second while something happens. One process at a time does, whichever comes first. */
export function startSealer({ db, key, dataDir, log, keepDays }: SealerSettings): Sealer {
  const anchor = createAnchor(dataDir, log);
  let awakeUntil = 0;
  let forgetAt = Date.now() + idleMs;
  let stopped = false;
  let working: Promise<void> | undefined;
  let timer = setTimeout(tick, 0);

  async function work(): Promise<void> {
    while (await sealBatch(db, key));
    // Whoever of the servers sealed it: each keeps the newest head that a key of theirs signed.
    const head = await findLastHead(db);
    if (head && key.verifyHead(head)) await anchor(db, head);
    if (stopped || Date.now() < forgetAt) return;
    forgetAt = Date.now() + forgetEveryMs;
    const removed = await forgetEntries(db, key, new Date(Date.now() - keepDays * 86_400_000));
    if (removed > 0) log.info({ removed }, 'old audit entries are removed');
  }

  function tick(): void {
    working = work()
      .catch((error: unknown) => log.warn({ error }, 'audit entries were not sealed: trying again'))
      .finally(() => {
        working = undefined;
        if (!stopped) timer = setTimeout(tick, Date.now() < awakeUntil ? busyMs : idleMs);
      });
  }

  return {
    wake() {
      const asleep = Date.now() >= awakeUntil;
      awakeUntil = Date.now() + awakeMs;
      if (!asleep || working || stopped) return;
      clearTimeout(timer);
      timer = setTimeout(tick, busyMs);
    },
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await working;
      await work().catch((error: unknown) => log.warn({ error }, 'the last audit entries were not sealed'));
    },
  };
}
