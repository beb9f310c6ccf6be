import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Db } from '../../../core/db/database.ts';
import { AppError } from '../../../core/errors.ts';
import type { Logger } from '../../../core/log.ts';
import { createEngine, defaultDockerHost, type Engine, pingEngine } from '../docker/client.ts';
import { engineCall } from '../docker/failure.ts';
import { dockerUnavailable } from '../errors.ts';
import { markUnreachable, putEngine } from './store.ts';

export interface LocalEngineSettings {
  readonly db: Db;
  readonly log: Logger;
  readonly host: string | undefined;
  readonly name: string;
  readonly labels: readonly string[];
  readonly capacity: number;
}

/** The Docker engine that this process reaches, if there is one. */
export interface LocalEngine {
  readonly name: string;
  readonly host: string;
  /** Its client, once it answers. Throws DOCKER_UNAVAILABLE. */
  reach(): Promise<Engine>;
  /** Waits until it answers, or until the signal, whose reason it throws; tells each time that it does not. */
  wait(signal: AbortSignal, onAway: (error: AppError) => Promise<void>): Promise<Engine>;
  /** Looks at it now and notes down how it is. */
  check(): Promise<boolean>;
  /** Looks at it again and again, from now until `stop`; tells each time that it answers after it did not, and the other way. */
  watch(onUp: () => void, onDown: () => void): void;
  stop(): void;
  /** Its version, as it told when it was last looked at. */
  version(): string | undefined;
}

const checkMs = 5000;
const retryMs = 1000;

export function createLocalEngine(settings: LocalEngineSettings): LocalEngine {
  const { db, log, name, capacity } = settings;
  const host = settings.host ?? defaultDockerHost();
  const stopped = new AbortController();
  let client: Promise<Engine> | undefined;
  let up: boolean | undefined;
  let version: string | undefined;

  const engine: LocalEngine = {
    name,
    host,
    async reach() {
      // Nothing is loaded where nothing listens.
      if (host.startsWith('unix://') && !existsSync(host.slice('unix://'.length))) {
        throw dockerUnavailable(host, new Error('there is no such socket'));
      }
      client ??= createEngine(host);
      const found = await client;
      await pingEngine(found);
      return found;
    },
    async wait(signal, onAway) {
      for (;;) {
        // Before the signal: a job that is to stop still wants its container ended.
        try {
          return await engine.reach();
        } catch (error) {
          if (!(error instanceof AppError)) throw error;
          signal.throwIfAborted();
          await onAway(error);
        }
        await sleep(retryMs, undefined, { signal }).catch(() => undefined);
      }
    },
    async check() {
      try {
        const found = await engine.reach();
        const info = (await engineCall(found, () => found.docker.info())) as Record<string, unknown>;
        version = typeof info.ServerVersion === 'string' ? info.ServerVersion : undefined;
        await putEngine(db, {
          name,
          labels: [...settings.labels],
          capacity,
          reachable: true,
          reason: null,
          version: version ?? null,
          info: factsOf(info),
        });
        return true;
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        await markUnreachable(db, name, error.message);
        return false;
      }
    },
    watch(onUp, onDown) {
      void (async () => {
        while (!stopped.signal.aborted) {
          const before = up;
          up = await engine.check().catch((error: unknown) => {
            log.debug({ error }, 'the engine was not looked at');
            return undefined;
          });
          if (up === true && before !== true) onUp();
          if (up === false && before === true) {
            log.warn({ engine: name }, 'the Docker engine does not answer');
            onDown();
          }
          await sleep(checkMs, undefined, { signal: stopped.signal, ref: false }).catch(() => undefined);
        }
      })();
    },
    stop: () => stopped.abort(),
    version: () => version,
  };
  return engine;
}

/** What orcaops_system_info shows of `docker info`. */
function factsOf(info: Record<string, unknown>): Record<string, unknown> {
  return {
    version: info.ServerVersion,
    containers: info.Containers,
    containers_running: info.ContainersRunning,
    containers_paused: info.ContainersPaused,
    containers_stopped: info.ContainersStopped,
    images: info.Images,
    os: info.OperatingSystem,
    kernel: info.KernelVersion,
    memory_bytes: info.MemTotal,
    cpus: info.NCPU,
    cgroup_version: info.CgroupVersion === undefined ? undefined : String(info.CgroupVersion),
    cgroup_driver: info.CgroupDriver,
    runtime: info.DefaultRuntime,
    storage_driver: info.Driver,
  };
}
