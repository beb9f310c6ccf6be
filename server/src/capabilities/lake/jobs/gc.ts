import { setTimeout as sleep } from 'node:timers/promises';
import { type Db, inTransaction, tryLockInTransaction } from '../../../core/db/database.ts';
import { inParallel } from '../../../core/in-parallel.ts';
import type { JobContext, JobHandler } from '../../../core/jobs/handler.ts';
import { collectorLock } from '../../../core/objects/holds/store.ts';
import type { ObjectStore, PinnedObject } from '../../../core/objects/object-store.ts';
import {
  deleteLooseManifests,
  findLooseBytes,
  forgetLeftIndex,
  type LeftIndex,
  listLeftIndexes,
  listLooseManifests,
} from '../gc/store.ts';
import type { Targets } from '../indexes/drop.ts';
import type { TableCache } from '../tables/cache.ts';
import { lineageOf, type Pointer } from './target.ts';

export interface CollectNeeds {
  readonly db: Db;
  readonly objects: ObjectStore;
  readonly targets: Targets;
  readonly tables: TableCache;
}

export interface CollectInput {
  readonly dry_run: boolean;
  readonly older_than_days: number;
}

interface Count {
  readonly count: number;
  readonly bytes: number;
}

/** Bytes whose last look and removal share one moment in which nobody may pin. */
const batch = 200;
const listed = 1000;
const manifestBatch = 50;

/**
 * Mark and sweep: removes indexes whose dataset is gone, manifests that no version names, then bytes that nobody names and
 * the tables of such bytes on this host. Whoever pins shares a lock which each removal takes alone for a moment, and looks again under it: so what
 * a commit is about to name is never taken from under it, however old it is.
 */
export const collect = (needs: CollectNeeds): JobHandler => ({
  kind: 'lake.gc',
  version: 1,
  scope: 'lake:destroy',
  async run(context, rawInput) {
    const input = rawInput as unknown as CollectInput;
    const cutoff = await context.step('begin', async () => Date.now() - input.older_than_days * 86_400_000);
    const run = { ...input, cutoff: new Date(cutoff) };
    // First, for an index may be what names some bytes.
    const indexes = await context.step('indexes', () => collectIndexes(run, needs));
    const manifests = await context.step('manifests', () => collectManifests(run, needs, context.signal));
    const objects = await collectBytes(context, run, needs);
    const tables = await context.step('tables', () =>
      needs.tables.collect(run.cutoff, (hashes) => findLooseBytes(needs.db, hashes, run.cutoff), input.dry_run),
    );
    return { dry_run: input.dry_run, report: { manifests, objects, tables, indexes } };
  },
});

type Run = CollectInput & { readonly cutoff: Date };

async function collectManifests({ dry_run, cutoff }: Run, { db }: CollectNeeds, signal: AbortSignal): Promise<Count> {
  let count = 0;
  for (;;) {
    const loose = await listLooseManifests(db, cutoff, dry_run ? 1_000_000 : manifestBatch);
    if (dry_run) return { count: loose.length, bytes: 0 };
    if (loose.length === 0) return { count, bytes: 0 };
    const ids = loose.map((manifest) => manifest.id);
    count += await alone(db, signal, (tx) => deleteLooseManifests(tx, ids, cutoff));
  }
}

async function collectBytes(context: JobContext, run: Run, needs: CollectNeeds): Promise<Count> {
  let total: Count = { count: 0, bytes: 0 };
  let seen = 0;
  for (let at = 0, after: string | undefined; ; at += 1) {
    const from = after;
    const page = await context.step(`objects ${at}`, () => collectPage(from, run, needs, context.signal), {
      retries: 5,
      backoffMs: 500,
    });
    total = { count: total.count + page.removed.count, bytes: total.bytes + page.removed.bytes };
    seen += page.seen;
    // Hashes are spread evenly: the last one says how far it is.
    context.progress(page.next === null ? 1 : Number.parseInt(page.next.slice(0, 4), 16) / 65_536, {
      looked_at: seen,
      removed: total.count,
    });
    if (page.next === null) return total;
    after = page.next;
  }
}

async function collectPage(
  after: string | undefined,
  { dry_run, cutoff }: Run,
  { db, objects }: CollectNeeds,
  signal: AbortSignal,
): Promise<{ removed: Count; seen: number; next: string | null }> {
  const { items, next = null } = await objects.list({ after, limit: listed });
  const old = items.filter((item) => item.lastModified < cutoff);
  const loose = await looseOf(db, old, cutoff);
  let removed = loose;
  if (!dry_run) {
    removed = [];
    for (let at = 0; at < loose.length; at += batch) {
      removed.push(
        ...(await alone(db, signal, async (tx) => {
          const still = await looseOf(tx, loose.slice(at, at + batch), cutoff);
          await inParallel(still, 8, (item) => objects.remove(item.sha256));
          return still;
        })),
      );
    }
  }
  return { removed: { count: removed.length, bytes: sum(removed) }, seen: items.length, next: next ?? null };
}

async function looseOf(db: Db, items: readonly PinnedObject[], cutoff: Date): Promise<PinnedObject[]> {
  const hashes = new Set(
    await findLooseBytes(
      db,
      items.map((item) => item.sha256),
      cutoff,
    ),
  );
  return items.filter((item) => hashes.has(item.sha256));
}

async function collectIndexes({ dry_run, cutoff }: Run, needs: CollectNeeds): Promise<Count> {
  const left = await listLeftIndexes(needs.db, cutoff);
  if (dry_run) return { count: left.length, bytes: 0 };
  for (const [at, { id, dataset_id, target, entry }] of left.entries()) {
    const pointer = pointerOf(entry);
    const lineage = lineageOf(pointer, id);
    const shared = left.slice(at + 1).some((other) => lineageOf(pointerOf(other.entry), other.id) === lineage);
    await needs.targets.get(target)?.drop({ id, dataset_id, pointer }, shared);
    await forgetLeftIndex(needs.db, id);
  }
  return { count: left.length, bytes: 0 };
}

function pointerOf(entry: LeftIndex['entry']): Pointer | null {
  return (entry.pointer as Pointer | undefined) ?? null;
}

/** Runs `work` while nobody pins. It asks again and again, for one that waits in the database would hold up all commits. */
async function alone<T>(db: Db, signal: AbortSignal, work: (tx: Db) => Promise<T>): Promise<T> {
  for (;;) {
    signal.throwIfAborted();
    const done = await inTransaction(db, async (tx) =>
      (await tryLockInTransaction(tx, collectorLock)) ? { value: await work(tx) } : undefined,
    );
    if (done) return done.value;
    await sleep(100, undefined, { signal });
  }
}

function sum(items: readonly PinnedObject[]): number {
  return items.reduce((bytes, item) => bytes + item.size, 0);
}
