import { createIdentity } from './core/auth/identity.ts';
import { makeDataDir } from './core/data-dir.ts';
import { ping } from './core/db/database.ts';
import type { Logger } from './core/log.ts';
import { requireRoom } from './core/room.ts';
import type { Settings } from './core/settings.ts';
import { type Parts, startParts } from './parts.ts';
import { createHealthOnly } from './surfaces/health-only.ts';
import { listen } from './surfaces/listen.ts';
import { startWithUndo } from './undo.ts';

export interface RunningWorker {
  /** Where it tells its health; undefined without `worker.port`. */
  readonly url: string | undefined;
  /** Takes no more jobs, waits a while for those that run, hands over the others. */
  stop(): Promise<void>;
}

/** Starts a worker in this process: the same parts as a server, and no surface but its health. */
export function startWorker(settings: Settings, log: Logger): Promise<RunningWorker> {
  makeDataDir(settings.data_dir);
  return startWithUndo(log, async (undo) => {
    const parts = await startParts({ settings, log, undo, baseUrl: () => settings.public_url ?? '' });
    const port = settings['worker.port'];
    if (port === undefined) return { url: undefined };
    const listener = await listen(healthOnly(parts, settings, log).fetch, settings.host, port);
    undo.push(listener.close);
    return { url: listener.url };
  });
}

function healthOnly({ database: { db }, metrics }: Parts, settings: Settings, log: Logger) {
  const { identify } = createIdentity({ db, log, settings, listening: () => '' });
  return createHealthOnly({
    log,
    metrics,
    openMetrics: settings['metrics.public'],
    allowedHosts: settings.allowed_hosts,
    authenticate: {
      identify,
      callsPerMinute: settings['limits.calls_per_minute'],
      failuresPerMinute: settings['limits.failed_auth_per_minute'],
      behindProxy: settings.behind_tls,
    },
    ready: async () => {
      await ping(db);
      await requireRoom(settings.data_dir);
    },
  });
}
