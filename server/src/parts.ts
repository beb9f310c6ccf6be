import { agreeWithOthers } from './agreement.ts';
import { createConfig } from './capabilities/config/index.ts';
import { createLake } from './capabilities/lake/index.ts';
import { type IndexPlace, openIndexes } from './capabilities/lake/index-place.ts';
import { createOps } from './capabilities/ops/index.ts';
import { createOrchestra } from './capabilities/orchestra/index.ts';
import { createSystem } from './capabilities/system/index.ts';
import { createWorkflows } from './capabilities/workflows/index.ts';
import { type Audit, createAudit, createLogAudit } from './core/audit/audit.ts';
import { openHeadKey } from './core/audit/head-key.ts';
import { startSealer } from './core/audit/sealer.ts';
import { type Catalogue, createCatalogue } from './core/catalogue.ts';
import type { Database } from './core/db/database.ts';
import type { EmbeddedPostgres } from './core/db/embedded.ts';
import { migrate, requireMigrated } from './core/db/migrate.ts';
import { addErrorCodes } from './core/errors.ts';
import { createFeed, type Feed } from './core/events/feed.ts';
import { createInvoke, type Invoke } from './core/invoke.ts';
import { createJobs, type JobEngine } from './core/jobs/engine.ts';
import { keysDirectory, keyTerms } from './core/key-files.ts';
import { type Keys, openKeys } from './core/keys.ts';
import type { Logger } from './core/log.ts';
import { openObjects } from './core/objects/open.ts';
import { type Cursors, createCursors } from './core/page.ts';
import { createSecrets, type Secrets } from './core/secrets.ts';
import type { Settings } from './core/settings.ts';
import type { Slice } from './core/slice.ts';
import { createMetrics, type Metrics } from './core/telemetry/metrics.ts';
import { startTracing } from './core/telemetry/tracing.ts';
import { version } from './core/version.ts';
import { createWebhooks, type Webhooks } from './core/webhooks/webhooks.ts';
import { allMigrations } from './migrations.ts';
import { openStorage, sharedStore } from './storage.ts';
import type { Undo } from './undo.ts';

export interface PartsNeeds {
  readonly settings: Settings;
  readonly log: Logger;
  readonly undo: Undo;
  /** The URL by which callers reach this process; asked once it listens. */
  readonly baseUrl: () => string;
  /** The embedded PostgreSQL, where its start was begun before. */
  readonly postgres?: Promise<EmbeddedPostgres> | undefined;
  /** What a build of the tests adds to the capabilities. */
  readonly extendSlices?: ExtendSlices | undefined;
  /** Throw when an output misses its schema: for tests. */
  readonly strictOutputs?: boolean | undefined;
}

export type ExtendSlices = (core: { readonly jobs: JobEngine }) => readonly Slice[];

/** What a server and a worker both are: the core and the capabilities on one database. */
export interface Parts extends Core {
  readonly slices: readonly Slice[];
  readonly audit: Audit;
  readonly catalogue: Catalogue;
  /** The one way to a tool, for the surfaces and for the states of workflows. */
  readonly invoke: Invoke;
}

interface Core {
  readonly database: Database;
  readonly keys: Keys;
  readonly cursors: Cursors;
  readonly objects: Awaited<ReturnType<typeof openObjects>>;
  readonly metrics: Metrics;
  readonly jobs: JobEngine;
  readonly feed: Feed;
  readonly secrets: Secrets;
  readonly webhooks: Webhooks;
}

/** Starts all but the surfaces: database → lock → core → capabilities → migrations → jobs. One that only reads has no jobs. */
export async function startParts(needs: PartsNeeds): Promise<Parts> {
  const { settings, log, undo } = needs;
  // First, for all parts may have spans; it therefore ends last.
  undo.push(await startTracing({ ...settings, version }, log));
  const database = await openStorage(settings, log, undo, needs.postgres);
  // Keys that are given are only read: whatever opens them later would make the missing ones.
  if (settings.keys_dir !== undefined) keyTerms(keysDirectory(settings));
  const slices: Slice[] = [];
  const core = await createCore(needs, database, slices);
  // Nothing asks for a tool before jobs run, and then they are there.
  let tools: { catalogue: Catalogue; invoke: Invoke } | undefined;
  const ready = () => tools as NonNullable<typeof tools>;
  const all: AllSlices = {
    slices,
    catalogue: () => ready().catalogue,
    invoke: (...call) => ready().invoke(...call),
  };
  const made = createSlices(needs, core, await openIndexes(settings), all);
  slices.push(...made.map((slice) => withoutOthers(slice, settings)), ...(needs.extendSlices?.(core) ?? []));
  for (const slice of slices) {
    addErrorCodes(slice.errors);
    if (slice.close) undo.push(slice.close);
  }
  if (settings.read_only) await requireMigrated(database.db, allMigrations);
  else await migrate(database.db, allMigrations);
  if (!settings.read_only && sharedStore(settings) !== undefined)
    await agreeWithOthers(settings, database.db, log, undo);
  const audit = settings.read_only ? createLogAudit(log) : startAudit(needs, core);
  const catalogue = createCatalogue(slices.flatMap((slice) => slice.tools));
  const strictOutputs = needs.strictOutputs ?? false;
  const invoke = createInvoke({
    catalogue,
    db: database.db,
    log,
    strictOutputs,
    readOnly: settings.read_only,
    audit,
    measure: core.metrics.call,
  });
  tools = { catalogue, invoke };
  undo.push(core.feed.close);
  await core.feed.start();
  const parts = { ...core, slices, audit, catalogue, invoke };
  if (settings.read_only) return parts;
  undo.push(core.webhooks.stop);
  await core.webhooks.start();
  undo.push(() => core.jobs.stop());
  await core.jobs.start(
    slices.flatMap((slice) => slice.handlers),
    slices.flatMap((slice) => slice.schedules),
    slices.flatMap((slice) => slice.queues ?? []),
  );
  for (const slice of slices) await slice.start?.();
  return parts;
}

async function createCore(needs: PartsNeeds, database: Database, slices: readonly Slice[]): Promise<Core> {
  const { settings, log, undo, baseUrl } = needs;
  const { db, connection } = database;
  const keysDir = keysDirectory(settings);
  const keys = openKeys(keysDir);
  const objects = await openObjects({ settings, keys, log, baseUrl });
  if (objects.kind === 's3') undo.push(objects.close);
  const feed = createFeed({ db, connection, log, replica: settings.read_only });
  const secrets = createSecrets(db);
  const metrics = createMetrics({ database, measures: () => slices.flatMap((slice) => slice.measures?.() ?? []) });
  return {
    database,
    keys,
    cursors: createCursors(keys),
    objects,
    metrics,
    jobs: createJobs({
      connection,
      db,
      log,
      concurrency: settings['jobs.concurrency'],
      deadAfterMs: settings['jobs.dead_after_s'] * 1000,
      drainMs: settings['jobs.drain_s'] * 1000,
      onEnded: metrics.jobEnded,
    }),
    feed,
    secrets,
    webhooks: createWebhooks({ db, connection, feed, secrets, settings, keysDir, baseUrl, log }),
  };
}

/** What there is once all capabilities are: their list, and the way to their tools. */
interface AllSlices {
  readonly slices: readonly Slice[];
  readonly catalogue: () => Catalogue;
  readonly invoke: Invoke;
}

/** The capabilities, one entry each. */
function createSlices(
  { settings, log, baseUrl }: PartsNeeds,
  core: Core,
  indexes: IndexPlace,
  { slices, catalogue, invoke }: AllSlices,
): Slice[] {
  const { jobs, objects, cursors, feed, secrets, webhooks, keys, metrics } = core;
  const { db, connection } = core.database;
  return [
    createSystem({
      db,
      jobs,
      cursors,
      version,
      feed,
      baseUrl,
      webhooks,
      keepDays: settings['jobs.keep_days'],
      keepEventDays: settings['events.keep_days'],
      keepDeliveryDays: settings['webhooks.keep_days'],
      slices,
      allFlags: async () => Object.assign({}, ...(await Promise.all(slices.map((slice) => slice.flags())))),
    }),
    createLake({
      db,
      jobs,
      objects,
      indexes,
      cursors,
      settings,
      log,
    }),
    createOps({ db, jobs, objects, secrets, cursors, feed, settings, log }),
    createWorkflows({
      db,
      connection,
      jobs,
      objects,
      keys,
      secrets,
      cursors,
      feed,
      metrics,
      settings,
      log,
      invoke,
      catalogue,
    }),
    createConfig({ db, keys, cursors, feed, metrics, log, settings }),
    createOrchestra({ db, jobs, cursors, feed, settings }),
  ];
}

/**
 * A capability as this process has it: of one that it was told to leave out, only what goes on with its jobs, for another
 * process on the same database may begin some.
 */
function withoutOthers(slice: Slice, { toolsets }: Settings): Slice {
  if (toolsets === undefined || slice.name === 'system' || toolsets.includes(slice.name)) return slice;
  const { name, handlers, schedules, errors, close } = slice;
  const left = { name, handlers, schedules, errors, ...(close && { close }) };
  return { ...left, tools: [], resources: [], prompts: [], flags: async () => ({}) };
}

function startAudit({ settings, log, undo }: PartsNeeds, { database: { db }, keys }: Core): Audit {
  const sealer = startSealer({
    db,
    key: openHeadKey(keysDirectory(settings)),
    dataDir: settings.data_dir,
    log,
    keepDays: settings['audit.keep_days'],
  });
  const audit = createAudit({ db, keys, log, onEntry: sealer.wake });
  undo.push(() => sealer.stop(), audit.flush);
  return audit;
}
