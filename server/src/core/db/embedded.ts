import { rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '../log.ts';
import { type Cluster, prepareCluster } from './embedded-cluster.ts';
import { isPostmaster, stopPostmaster } from './embedded-lock.ts';
import { attach, type Connection, connectionOf, hasEnded, type Postmaster } from './embedded-postmaster.ts';

/** The PostgreSQL of a data directory, kept running until `stop`. */
export interface EmbeddedPostgres {
  /** Suits `new pg.Pool(connection)`; the host is the directory of the unix socket, and there is no other way in. */
  readonly connection: Connection;
  /** Whether the postmaster was already running, left by a killed process or shared with a living one. */
  readonly adopted: boolean;
  /** The postmaster's process id; undefined while it is being started again. */
  readonly pid: () => number | undefined;
  /** Ends the supervision and the postmaster, also for others who adopted it, and waits until it is gone. */
  stop(): Promise<void>;
}

const watchEveryMs = 500;
const longestPauseMs = 5000;

/**
 * Makes, starts or adopts the PostgreSQL of a data directory, and starts it again whenever it dies.
 * It outlives this process unless `stop` is called: whoever opens the same directory next adopts it.
 */
export async function openEmbedded(dataDir: string, log: Logger): Promise<EmbeddedPostgres> {
  const cluster = await prepareCluster(dataDir, log);
  const first = await attach(cluster, cluster.socketDir, log, new AbortController().signal);
  const supervision = supervise(cluster, first, log);
  let stopped: Promise<void> | undefined;
  return {
    connection: connectionOf(cluster, first.socketDir),
    adopted: first.child === undefined,
    pid: supervision.pid,
    stop: () => {
      stopped ??= stop(cluster, first.socketDir, supervision.end, log);
      return stopped;
    },
  };
}

async function stop(cluster: Cluster, socketDir: string, endSupervision: () => Promise<void>, log: Logger) {
  await endSupervision();
  await stopPostmaster(cluster.data, log);
  // A short directory among the temporary files is ours alone; it stays when anything else is in it.
  if (socketDir !== join(cluster.home, 'run')) await rmdir(socketDir).catch(() => undefined);
}

/** Watches the postmaster and never throws. A child tells of its death itself; an adopted one is looked at. */
function supervise(cluster: Cluster, first: Postmaster, log: Logger) {
  const closing = new AbortController();
  let current: Postmaster | undefined = first;
  let reviving: Promise<void> | undefined;

  const revive = (dead: Postmaster) => {
    if (current !== dead || closing.signal.aborted) return;
    current = undefined;
    log.warn({ pid: dead.pid }, 'PostgreSQL is gone: starting it again');
    reviving = untilAttached();
  };

  const untilAttached = async () => {
    for (let pause = 50; !closing.signal.aborted; pause = Math.min(pause * 2, longestPauseMs)) {
      try {
        current = await attach(cluster, first.socketDir, log, closing.signal);
        log.info({ pid: current.pid }, 'PostgreSQL runs again');
        listen(current);
        return;
      } catch (err) {
        if (closing.signal.aborted) return;
        log.error({ err }, 'PostgreSQL could not be started: trying again');
        await sleep(pause, undefined, { ref: false, signal: closing.signal }).catch(() => undefined);
      }
    }
  };

  const listen = (postmaster: Postmaster) => postmaster.child?.once('exit', () => revive(postmaster));

  const look = async () => {
    const seen = current;
    if (!seen) return;
    const lives = seen.child ? !hasEnded(seen.child) : await isPostmaster(seen.pid, cluster.data);
    if (!lives) revive(seen);
  };

  listen(first);
  const timer = setInterval(
    () => void look().catch((err) => log.error({ err }, 'lost sight of PostgreSQL')),
    watchEveryMs,
  );
  timer.unref();
  return {
    pid: () => current?.pid,
    end: async () => {
      closing.abort();
      clearInterval(timer);
      await reviving;
    },
  };
}
