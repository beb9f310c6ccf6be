import { type Db, inTransaction } from '../../../core/db/database.ts';
import { timeOutWaiting } from '../../../core/jobs/waiting/store.ts';
import type { Logger } from '../../../core/log.ts';
import { removeContainer } from '../docker/containers.ts';
import type { LocalEngine } from '../engines/local-engine.ts';
import { closeUnstarted } from '../runs/close.ts';
import { engineAway } from '../runs/errors.ts';
import { listOverdueRuns, listUnclosedRuns } from '../runs/store.ts';
import { deleteContainer, listEndedContainers } from './store.ts';

/** Removes the containers that jobs have done with, off their path, and what runs without an end of their own must not keep. */
export interface Janitor {
  /** There may be something to do; it is done soon, if the engine answers. */
  wake(): void;
  /** Waits for what it does. */
  stop(): Promise<void>;
}

const everyMs = 5000;

export function createJanitor({ db, engine, log }: { db: Db; engine: LocalEngine; log: Logger }): Janitor {
  let again = false;
  let stopped = false;
  let working: Promise<void> | undefined;
  const timer = setInterval(() => janitor.wake(), everyMs).unref();

  async function work(): Promise<void> {
    while (again && !stopped) {
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
    for (const run of await listOverdueRuns(db, 100)) {
      await inTransaction(db, (tx) => timeOutWaiting(tx, run.id, engineAway(run.engine, run.spec.timeout)));
    }
    for (const run of await listUnclosedRuns(db, 100)) {
      await inTransaction(db, (tx) => closeUnstarted(tx, run));
    }
    const ended = await listEndedContainers(db, engine.name);
    if (ended.length === 0) return;
    const docker = await engine.reach();
    for (const container of ended) {
      if (stopped) return;
      // By its name: a crash may have come before its id was noted.
      await removeContainer(docker, container.name);
      await inTransaction(db, (tx) => deleteContainer(tx, container));
    }
    again = true;
  }

  const janitor: Janitor = {
    wake() {
      again = true;
      working ??= work();
    },
    async stop() {
      stopped = true;
      clearInterval(timer);
      await working;
    },
  };
  return janitor;
}
