import { setTimeout as sleep } from 'node:timers/promises';
import type { Db } from '../../../core/db/database.ts';
import type { Logger } from '../../../core/log.ts';
import type { Measure } from '../../../core/telemetry/measure.ts';
import { removeContainer } from '../docker/containers.ts';
import type { Ends } from '../docker/ends.ts';
import { type EngineEvent, followEvents } from '../docker/events.ts';
import type { LocalEngine } from '../engines/local-engine.ts';
import { labels } from '../runner/profile.ts';
import { findLost } from './lost.ts';
import { type ContainerFigures, countContainers, listKnownContainers } from './store.ts';

export interface ReconcilerNeeds {
  readonly db: Db;
  readonly log: Logger;
  readonly engine: LocalEngine;
  /** Is told what the events say of ends. */
  readonly ends: Ends;
  readonly installation: () => Promise<string>;
  /** One that no job has ended, or the engine is back and any may have. */
  readonly onChange: () => void;
}

/** Sees to it that what is on the engine is what the database knows. */
export interface Reconciler {
  start(): void;
  stop(): Promise<void>;
  /** As they were a few seconds ago. */
  measures(): readonly Measure[];
}

const lookMs = 5000;
const lostMs = 60_000;
const retryMs = 1000;

/**
 * Follows the engine from start to stop. Jobs go on by themselves, each with its own container; here is what nobody would
 * notice: containers that end beside their job, and those that no database knows.
 */
export function createReconciler({ db, log, engine, ends, installation, onChange }: ReconcilerNeeds): Reconciler {
  const stopped = new AbortController();
  const { signal } = stopped;
  const working: Promise<void>[] = [];
  let figures: ContainerFigures = { bound: 0, parked: 0, unneeded: 0 };
  let ended = 0;
  let lost = 0;
  let reachable = false;

  async function follow(): Promise<void> {
    const client = await engine.wait(signal, async () => undefined);
    const handlers = {
      onEvent(event: EngineEvent) {
        ends.tell(event);
        if (event.action !== 'die') return;
        ended += 1;
        void tellIfUnbound(event).catch((error: unknown) =>
          log.debug({ error }, 'an ended container was not looked at'),
        );
      },
      onConnected() {
        reachable = true;
        ends.hears(true);
        onChange();
      },
      onLost() {
        reachable = false;
        ends.hears(false);
      },
    };
    await followEvents(client, { [labels.server]: await installation() }, handlers, signal);
  }

  /** Whoever follows a job notices the end of its container. */
  async function tellIfUnbound({ labels: marks }: EngineEvent): Promise<void> {
    const [row] = await listKnownContainers(db, [marks.name ?? '']);
    if (row?.run_id == null) onChange();
  }

  async function removeLost(): Promise<void> {
    const client = await engine.reach();
    for (const { id, name } of await findLost(client, db, await installation())) {
      if (signal.aborted) return;
      log.warn({ container: name }, 'a container that nobody knows is removed');
      await removeContainer(client, id);
      lost += 1;
    }
  }

  /** Again and again, whatever happens, until the stop. */
  async function repeat(work: () => Promise<void>, everyMs: number): Promise<void> {
    while (!signal.aborted) {
      await work().catch((error: unknown) => log.debug({ error }, 'the engine was not looked at'));
      await sleep(everyMs, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  const count = async () => {
    figures = await countContainers(db, engine.name);
  };

  return {
    start() {
      working.push(repeat(follow, retryMs), repeat(removeLost, lostMs), repeat(count, lookMs));
    },
    async stop() {
      stopped.abort();
      await Promise.all(working);
    },
    measures: () => [
      gauge('tutti_ops_engine_up', 'Whether the Docker engine of this process answers.', Number(reachable)),
      gauge('tutti_ops_containers', 'Containers that are bound to jobs on that engine.', figures.bound),
      gauge('tutti_ops_containers_parked', 'Containers there that wait for a job.', figures.parked),
      gauge('tutti_ops_containers_unneeded', 'Containers there that are to be removed.', figures.unneeded),
      counter('tutti_ops_containers_ended_total', 'Containers of ours that ended there.', ended),
      counter('tutti_ops_containers_lost_total', 'Containers removed there that no database knew.', lost),
    ],
  };
}

function gauge(name: string, help: string, value: number): Measure {
  return { name, help, value, counter: false };
}

function counter(name: string, help: string, value: number): Measure {
  return { name, help, value, counter: true };
}
