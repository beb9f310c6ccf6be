import { adminToken, adminTokenFile } from './core/auth/admin-token.ts';
import { createIdentity } from './core/auth/identity.ts';
import { makeDataDir, writeServerInfo } from './core/data-dir.ts';
import { ping } from './core/db/database.ts';
import type { EmbeddedPostgres } from './core/db/embedded.ts';
import type { Logger } from './core/log.ts';
import { createRateLimiter, limitCalls } from './core/rate-limit.ts';
import { requireRoom } from './core/room.ts';
import type { Settings } from './core/settings.ts';
import { version } from './core/version.ts';
import { type ExtendSlices, type Parts, startParts } from './parts.ts';
import { openControl } from './surfaces/control.ts';
import { createHttp } from './surfaces/http.ts';
import { type Listener, listen } from './surfaces/listen.ts';
import type { ExtendMcp } from './surfaces/mcp.ts';
import { startWithUndo, type Undo } from './undo.ts';

export interface RunningServer {
  /** Where it listens, such as http://127.0.0.1:7410. */
  readonly url: string;
  /** The file that holds the administrator's token; where nothing is written, of whatever server has this directory. */
  readonly tokenFile: string;
  stop(): Promise<void>;
}

export interface StartOptions {
  /** The embedded PostgreSQL, where its start was begun before. */
  readonly postgres?: Promise<EmbeddedPostgres>;
  /** Throw when an output misses its schema: for tests. */
  readonly strictOutputs?: boolean;
  /** What a build of the tests adds to the MCP endpoints. */
  readonly extendMcp?: ExtendMcp;
  /** What it adds to the capabilities. */
  readonly extendSlices?: ExtendSlices;
}

/** Starts the whole server of this process: parts → administrator's token → surfaces → listen. */
export async function startServer(settings: Settings, log: Logger, options: StartOptions = {}): Promise<RunningServer> {
  makeDataDir(settings.data_dir);
  return startWithUndo(log, async (undo) => {
    let url = '';
    const baseUrl = () => settings.public_url ?? url;
    const parts = await startParts({
      settings,
      log,
      undo,
      baseUrl,
      postgres: options.postgres,
      extendSlices: options.extendSlices,
      strictOutputs: options.strictOutputs,
    });
    for (const slice of parts.slices) await slice.startReading?.();
    const { db } = parts.database;
    const tokenFile = settings.read_only ? adminTokenFile(settings.data_dir) : await adminToken(db, settings.data_dir);
    const listener = await startSurfaces({ parts, settings, log, undo, options, listening: () => url });
    url = listener.url;
    // Nobody gets a token of a server that cannot keep it.
    if (settings.read_only) return { url, tokenFile };
    const control = await openControl({ dataDir: settings.data_dir, db, log, url });
    undo.push(control.close);
    writeServerInfo(settings.data_dir, { pid: process.pid, url, control: control.path });
    return { url, tokenFile };
  });
}

interface SurfacesNeeds {
  readonly parts: Parts;
  readonly settings: Settings;
  readonly log: Logger;
  readonly undo: Undo;
  readonly options: StartOptions;
  readonly listening: () => string;
}

async function startSurfaces(needs: SurfacesNeeds): Promise<Listener> {
  const { parts, settings, log, undo, options } = needs;
  const { slices, feed, catalogue, invoke } = parts;
  const { db } = parts.database;
  const http = createHttp({
    catalogue,
    invoke: limitCalls(invoke, createRateLimiter({ perMinute: settings['limits.calls_per_minute'] }), (name) => {
      const known = catalogue.find(name);
      if (known) parts.metrics.call(known.tool.name, 'RATE_LIMITED', 0);
    }),
    resources: slices.flatMap((slice) => slice.resources),
    documents: slices.flatMap((slice) => slice.documents ?? []),
    prompts: slices.flatMap((slice) => slice.prompts),
    cursors: parts.cursors,
    readOnly: settings['mcp.read_only'] || settings.read_only,
    writes: !settings.read_only,
    rememberMs: settings['auth.remember_s'] * 1000,
    extendMcp: options.extendMcp,
    objects: parts.objects,
    uploaded: async (tx, holder) => {
      for (const slice of slices) await slice.uploaded?.(tx, holder);
    },
    feed,
    audit: parts.audit,
    metrics: parts.metrics,
    openMetrics: settings['metrics.public'],
    db,
    log,
    version,
    publicUrl: settings.public_url,
    maxBodyBytes: settings.max_body_bytes,
    hooks: { receive: parts.webhooks.receive, maxBodyBytes: settings['webhooks.max_body_bytes'] },
    allowedHosts: allowedHosts(settings),
    identity: createIdentity({ db, log, settings, listening: needs.listening }),
    limits: {
      callsPerMinute: settings['limits.calls_per_minute'],
      failuresPerMinute: settings['limits.failed_auth_per_minute'],
      behindProxy: settings.behind_tls,
    },
    ready: async () => {
      await ping(db);
      await requireRoom(settings.data_dir);
    },
  });
  undo.push(http.close);
  const graceMs = settings['jobs.drain_s'] * 1000;
  const listener = await listen(http.app.fetch, settings.host, settings.port, { graceMs });
  // Open requests and running jobs share the time of a stop.
  undo.push(async () => void (await Promise.all([listener.close(), settings.read_only || parts.jobs.drain()])));
  // Streams end first: a listener waits for open answers.
  undo.push(feed.close);
  return listener;
}

function allowedHosts(settings: Settings): string[] {
  const own = settings.public_url ? [new URL(settings.public_url).hostname] : [];
  return [...settings.allowed_hosts, ...own];
}
