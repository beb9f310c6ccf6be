import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Db, inTransaction, lockInTransaction } from '../../../core/db/database.ts';
import { AppError } from '../../../core/errors.ts';
import type { Logger } from '../../../core/log.ts';
import { createEngine, defaultDockerHost, type Engine, pingEngine } from '../docker/client.ts';
import { engineCall } from '../docker/failure.ts';
import { dockerUnavailable } from '../errors.ts';
import { nameTaken } from './errors.ts';
import { factsOf, identityOf } from './facts.ts';
import { deleteProcess, type Others, otherProcesses, putProcess } from './processes/store.ts';
import { putEngine } from './store.ts';
import { type Standing, watchStanding } from './watch.ts';

export interface LocalEngineSettings {
  readonly db: Db;
  readonly log: Logger;
  readonly host: string | undefined;
  readonly name: string;
  readonly labels: readonly string[];
  /** Jobs at once on it; 0 where this process takes none, and so does not tell of it either. */
  readonly capacity: number;
  /** Of this process among those that live; asked once it is looked at. */
  readonly executorId: () => string;
}

/** The Docker engine that this process reaches, if there is one. */
export interface LocalEngine {
  readonly name: string;
  readonly host: string;
  /** Its client, once it answers. Throws DOCKER_UNAVAILABLE, ENGINE_NAME_TAKEN. */
  reach(): Promise<Engine>;
  /** Waits until it answers, or until the signal, whose reason it throws; tells each time that it does not. */
  wait(signal: AbortSignal, onAway: (error: AppError) => Promise<void>): Promise<Engine>;
  /** A call found it away: whoever waits for it next is told how it is then. */
  doubt(): void;
  /** Looks at it now and notes down how it is. */
  check(): Promise<boolean>;
  /** Throws ENGINE_NAME_TAKEN where a process that lives has its name for another engine. */
  refuseTakenName(): Promise<void>;
  /**
   * Looks at it again and again, from now until `stop`; tells each time that it answers after it did not, and the other way, and
   * when other processes come to take its jobs too, or all of them went.
   */
  watch(onUp: (shared: boolean) => void, onDown: () => void): void;
  stop(): Promise<void>;
  /** Its version, as it told when it was last looked at. */
  version(): string | undefined;
}

const retryMs = 1000;
/** How long an answer of it counts for who waits for it: a call that finds it away says so itself. */
const trustMs = 10_000;

export function createLocalEngine(settings: LocalEngineSettings): LocalEngine {
  const { db, log, name, capacity } = settings;
  const host = settings.host ?? defaultDockerHost();
  const stopped = new AbortController();
  const us = () => ({ id: settings.executorId(), engine: name });
  let client: Promise<Engine> | undefined;
  /** Since it last failed to answer it was found that its name means no other engine. */
  let ours = false;
  let answeredAt = Number.NEGATIVE_INFINITY;
  let told: string | null | undefined;
  let version: string | undefined;
  let watching: Promise<void> | undefined;

  async function connect(): Promise<Engine> {
    // Nothing is loaded where nothing listens.
    if (host.startsWith('unix://') && !existsSync(host.slice('unix://'.length))) {
      throw dockerUnavailable(host, new Error('there is no such socket'));
    }
    client ??= createEngine(host);
    const found = await client;
    await pingEngine(found);
    answeredAt = performance.now();
    return found;
  }

  /** Asks what it is, takes its name for it, and notes down how it is. Throws ENGINE_NAME_TAKEN. */
  async function look(found: Engine): Promise<Others> {
    const info = (await engineCall(found, () => found.docker.info())) as Record<string, unknown>;
    version = typeof info.ServerVersion === 'string' ? info.ServerVersion : undefined;
    const process = { ...us(), identity: identityOf(info) };
    const others = await inTransaction(db, async (tx) => {
      // Of two that come at once one is first.
      await lockInTransaction(tx, 'ops.engine', name);
      if (capacity > 0) await putProcess(tx, { ...process, reason: null });
      const found = await otherProcesses(tx, process);
      if (found.taken) {
        if (capacity > 0) await putProcess(tx, { ...process, reason: nameTaken(name, host).message });
        return found;
      }
      const row = { name, labels: [...settings.labels], capacity, version: version ?? null, info: factsOf(info) };
      if (capacity > 0) await putEngine(tx, row);
      return found;
    });
    if (others.taken) throw nameTaken(name, host);
    ours = true;
    return others;
  }

  /** Does something with it; what fails means that it is to be looked at anew. */
  async function reached<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      ours = false;
      throw error;
    }
  }

  /** Once; nothing where there is none to begin with. */
  function tell({ code, message, suggestion }: AppError): void {
    const news = told === undefined ? code === 'ENGINE_NAME_TAKEN' : told !== message;
    if (news) log.warn({ engine: name }, `${message} ${suggestion}`);
    told = message;
  }

  /** Undefined where it does not answer. */
  async function checkNow(): Promise<Others | undefined> {
    try {
      const others = await reached(async () => look(await connect()));
      told = null;
      return others;
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      if (capacity > 0 && error.code !== 'ENGINE_NAME_TAKEN') {
        await inTransaction(db, (tx) => putProcess(tx, { ...us(), identity: null, reason: error.message }));
      }
      tell(error);
      return undefined;
    }
  }

  async function standing(): Promise<Standing> {
    const others = await checkNow();
    if (!others) return 'away';
    if (others.unaware) return 'joining';
    return others.count > 0 ? 'shared' : 'alone';
  }

  const engine: LocalEngine = {
    name,
    host,
    reach: () =>
      reached(async () => {
        const found = await connect();
        if (!ours) await look(found);
        return found;
      }),
    async wait(signal, onAway) {
      for (;;) {
        // Before the signal: a job that is to stop still wants its container ended.
        try {
          const trusted = ours && performance.now() - answeredAt < trustMs;
          return trusted && client ? await client : await engine.reach();
        } catch (error) {
          if (!(error instanceof AppError)) throw error;
          signal.throwIfAborted();
          await onAway(error);
        }
        await sleep(retryMs, undefined, { signal }).catch(() => undefined);
      }
    },
    doubt() {
      ours = false;
    },
    check: async () => (await checkNow()) !== undefined,
    async refuseTakenName() {
      if (capacity === 0 || (await otherProcesses(db, { ...us(), identity: null })).count === 0) return;
      await engine.reach().catch((error: unknown) => {
        if (error instanceof AppError && error.code === 'ENGINE_NAME_TAKEN') throw error;
      });
    },
    watch(onUp, onDown) {
      watching ??= watchStanding(standing, { onUp, onDown, log, signal: stopped.signal });
    },
    async stop() {
      stopped.abort();
      await watching;
      await deleteProcess(db, us().id).catch((error: unknown) => log.debug({ error }, 'the engine was not let go of'));
    },
    version: () => version,
  };
  return engine;
}
