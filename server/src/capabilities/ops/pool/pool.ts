import { setTimeout as sleep } from 'node:timers/promises';
import { ulid } from 'ulid';
import { type Db, inTransaction } from '../../../core/db/database.ts';
import type { Logger } from '../../../core/log.ts';
import type { Settings } from '../../../core/settings.ts';
import type { Janitor } from '../containers/janitor.ts';
import { type ContainerRow, insertContainer } from '../containers/store.ts';
import type { Engine } from '../docker/client.ts';
import { inspectContainer, startContainer } from '../docker/containers.ts';
import type { LocalEngine } from '../engines/local-engine.ts';
import { containerOptions } from '../runner/profile.ts';
import { type PoolSpec, poolKey } from './key.ts';
import { giveUp, giveUpAll, giveUpIdle, giveUpOther, keepUntil, listKept, listParked, park } from './store.ts';

export interface PoolNeeds {
  readonly db: Db;
  readonly log: Logger;
  readonly engine: LocalEngine;
  readonly janitor: Janitor;
  readonly settings: Settings;
}

/**
 * Containers of this engine that are ready before a job is: made when their like was used, bound to one job in the database,
 * discarded after it. They are the engine's, not a process's: any process of it hands them out, also those that one which died
 * had made, and whichever stops in order removes them all.
 */
export interface Pool {
  /** A job uses such a container: more of them are made ready, off its path. */
  wanted(spec: PoolSpec): void;
  /** Gives up those that ended by themselves, that nobody wanted for long, or all where there is to be no pool. */
  check(): void;
  /** Gives all of them up; the janitor, which stops after it, removes them. */
  stop(): Promise<void>;
}

const checkMs = 30_000;
/** A job that has just begun is not slowed by what is made for the next one. */
const pauseMs = 100;
/** Made at once: more do not come sooner, for the engine takes a processor each. */
const atOnce = 4;
const maxKeys = 64;
/** Longer than the longest job: the label of a container is its last word, its row is what counts. */
const labelMs = 8 * 86_400_000;

export function createPool({ db, log, engine, janitor, settings }: PoolNeeds): Pool {
  const size = settings['ops.pool_size'];
  const most = settings['ops.pool_max'];
  const memory = settings['ops.pool_memory_mb'];
  const idleMs = settings['ops.pool_idle_s'] * 1000;
  const off = size === 0 || most === 0;
  const stopped = new AbortController();
  /** By key, the one wanted last at the end. */
  const wants = new Map<string, PoolSpec>();
  let working: Promise<void> | undefined;
  let unchecked = false;
  const timer = setInterval(() => pool.check(), Math.min(checkMs, idleMs)).unref();

  const pool: Pool = {
    wanted(spec) {
      if (off || stopped.signal.aborted) return;
      const key = poolKey(spec);
      wants.delete(key);
      wants.set(key, spec);
      const [oldest] = wants.keys();
      if (wants.size > maxKeys && oldest !== undefined) wants.delete(oldest);
      wake();
    },
    check() {
      unchecked = true;
      wake();
    },
    async stop() {
      stopped.abort();
      clearInterval(timer);
      await working;
      await inTransaction(db, (tx) => giveUpAll(tx, engine.name)).catch((error: unknown) =>
        log.debug({ error }, 'parked containers are not given up yet'),
      );
    },
  };
  return pool;

  function wake(): void {
    working ??= work().finally(() => {
      working = undefined;
      // Wanted as it ended.
      if (hasWork()) wake();
    });
  }

  function hasWork(): boolean {
    return !stopped.signal.aborted && (unchecked || wants.size > 0);
  }

  async function work(): Promise<void> {
    await sleep(pauseMs, undefined, { signal: stopped.signal }).catch(() => undefined);
    while (hasWork()) {
      try {
        if (unchecked) {
          unchecked = false;
          await giveUpUnfit();
        }
        const [key, spec] = [...wants].at(-1) ?? [];
        if (key === undefined || spec === undefined) continue;
        wants.delete(key);
        await inTransaction(db, (tx) => keepUntil(tx, engine.name, key, new Date(Date.now() + idleMs)));
        await fill(key, spec);
      } catch (error) {
        // The next job that wants one begins anew.
        log.debug({ error }, 'no container was made ready');
        janitor.wake();
      }
    }
  }

  /** Whether one more of a key may be made; what was wanted less lately makes room. */
  async function makeRoom(key: string, memoryMb: number): Promise<boolean> {
    for (;;) {
      const kept = await listKept(db, engine.name);
      if ((kept.find(({ pool_key }) => pool_key === key)?.count ?? 0) >= size) return false;
      const sum = (of: 'count' | 'memory_mb') => kept.reduce((all, one) => all + one[of], 0);
      if (sum('count') < most && sum('memory_mb') + memoryMb <= memory) return true;
      if (memoryMb > memory || !(await inTransaction(db, (tx) => giveUpOther(tx, engine.name, key)))) return false;
      janitor.wake();
    }
  }

  /** Makes containers of a key until there are enough, several at once. Throws the first failure, once all are done. */
  async function fill(key: string, spec: PoolSpec): Promise<void> {
    const making = new Set<Promise<void>>();
    const failures: unknown[] = [];
    try {
      while (!stopped.signal.aborted && failures.length === 0 && (await makeRoom(key, memoryOf(spec)))) {
        const client = await engine.reach();
        const row = await noteOne(key, spec);
        const made = makeOne(client, row, spec)
          .catch((error: unknown) => failures.push(error))
          .then(() => void making.delete(made));
        making.add(made);
        if (making.size >= atOnce) await Promise.race(making);
      }
    } finally {
      await Promise.all(making);
    }
    if (failures.length > 0) throw failures[0];
  }

  /** Before it is made, so that no crash leaves one that nobody knows. */
  function noteOne(key: string, spec: PoolSpec): Promise<ContainerRow> {
    return inTransaction(db, (tx) =>
      insertContainer(tx, {
        name: `tutti-${ulid().toLowerCase()}`,
        engine: engine.name,
        kind: 'pool',
        state: 'making',
        pool_key: key,
        memory_mb: memoryOf(spec),
        expires_at: new Date(Date.now() + idleMs),
      }),
    );
  }

  async function makeOne(client: Engine, row: ContainerRow, spec: PoolSpec): Promise<void> {
    try {
      const expires = new Date(Date.now() + labelMs);
      const id = await startContainer(
        client,
        containerOptions({ ...spec, name: row.name, uid: row.uid, kind: 'pool', expires }),
      );
      await inTransaction(db, (tx) => park(tx, row.name, id));
    } catch (error) {
      await inTransaction(db, (tx) => giveUp(tx, row.name));
      throw error;
    }
  }

  async function giveUpUnfit(): Promise<void> {
    if (off) await inTransaction(db, (tx) => giveUpAll(tx, engine.name));
    else await inTransaction(db, (tx) => giveUpIdle(tx, engine.name));
    const parked = await listParked(db, engine.name);
    if (parked.length > 0) {
      const client = await engine.reach();
      for (const { name } of parked) {
        if ((await inspectContainer(client, name))?.status !== 'running')
          await inTransaction(db, (tx) => giveUp(tx, name));
      }
    }
    janitor.wake();
  }
}

function memoryOf({ limits }: PoolSpec): number {
  return Math.ceil(limits.memory_bytes / 2 ** 20);
}
