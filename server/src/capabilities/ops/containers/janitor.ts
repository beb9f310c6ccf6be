import { setTimeout as sleep } from 'node:timers/promises';
import { type Db, inTransaction } from '../../../core/db/database.ts';
import { cancelWaiting, timeOutWaiting } from '../../../core/jobs/waiting/store.ts';
import type { Logger } from '../../../core/log.ts';
import { removeContainer } from '../docker/containers.ts';
import type { LocalEngine } from '../engines/local-engine.ts';
import { closeUnstarted } from '../runs/close.ts';
import { engineAway } from '../runs/errors.ts';
import { listStuckRuns, listUnclosedRuns } from '../runs/store.ts';
import { type ContainerRow, deleteContainer, listEndedContainers, noteNotRemoved } from './store.ts';

/** Removes the containers that jobs have done with, off their path, and what runs without an end of their own must not keep. */
export interface Janitor {
  /** There may be something to do; it is done soon, if the engine answers. */
  wake(): void;
  /** Ends after a last look: what has ended by then is removed, as far as the engine answers in time. */
  stop(): Promise<void>;
}

const everyMs = 5000;
const pauseMs = 50;
/** A stop waits no longer for an engine that is slow; the next start removes what is left. */
const lastMs = 8000;

export function createJanitor({ db, engine, log }: { db: Db; engine: LocalEngine; log: Logger }): Janitor {
  let again = false;
  const stopping = new AbortController();
  let working: Promise<void> | undefined;
  const timer = setInterval(() => janitor.wake(), everyMs).unref();

  async function work(): Promise<void> {
    // A job that has just ended is to be told of first.
    await sleep(pauseMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    while (again && !stopping.signal.aborted) {
      again = false;
      try {
        await sweep();
      } catch (error) {
        log.debug({ error }, 'containers that have ended are not removed yet');
      }
    }
    working = undefined;
  }

  async function sweep(): Promise<void> {
    for (const run of await listStuckRuns(db, 100)) {
      await inTransaction(db, (tx) =>
        run.canceled ? cancelWaiting(tx, run.id) : timeOutWaiting(tx, run.id, engineAway(run.engine, run.spec.timeout)),
      );
    }
    for (const run of await listUnclosedRuns(db, 100)) {
      await inTransaction(db, (tx) => closeUnstarted(tx, run));
    }
    const ended = await listEndedContainers(db, engine.name);
    if (ended.length === 0) return;
    for (const container of ended) {
      if (stopping.signal.aborted) return;
      again = (await removeEnded(container)) || again;
    }
  }

  async function removeAll(): Promise<void> {
    const ended = await listEndedContainers(db, engine.name);
    await Promise.all(ended.map(removeEnded));
  }

  /** False where it could not be removed, which keeps no other one. */
  async function removeEnded(container: ContainerRow): Promise<boolean> {
    try {
      // By its name: a crash may have come before its id was noted.
      await removeContainer(await engine.reach(), container.name);
    } catch (error) {
      log.debug({ error, container: container.name }, 'a container that has ended is not removed yet');
      await noteNotRemoved(db, container);
      return false;
    }
    await inTransaction(db, (tx) => deleteContainer(tx, container));
    return true;
  }

  const janitor: Janitor = {
    wake() {
      again = true;
      working ??= work();
    },
    async stop() {
      stopping.abort();
      clearInterval(timer);
      await working;
      const last = removeAll().catch((error: unknown) =>
        log.debug({ error }, 'ended containers stay until the next start'),
      );
      await Promise.race([last, sleep(lastMs, undefined, { ref: false })]);
    },
  };
  return janitor;
}
