import type { Db } from '../../../core/db/database.ts';
import { AppError, untrusted } from '../../../core/errors.ts';
import { newId } from '../../../core/ids.ts';
import type { JobContext, JobHandler } from '../../../core/jobs/handler.ts';
import type { ObjectStore } from '../../../core/objects/object-store.ts';
import type { EnginePool } from '../engine/pool.ts';
import {
  type EngineColumn,
  type EngineObject,
  type IndexMapping,
  MAX_REJECTS,
  type Reject,
} from '../engine/protocol.ts';
import type { IndexPlace } from '../index-place.ts';
import {
  deleteIndex,
  failIndex,
  findObsoleteIndexes,
  findServedIndex,
  insertIndex,
  serveIndex,
} from '../indexes/store.ts';
import { lockDataset, setDatasetState } from '../store.ts';
import { mergeColumns } from '../tables/merge-columns.ts';
import { checkMapping } from './check-mapping.ts';
import { type VersionObjects, versionObjects, withEngineObjects } from './version-objects.ts';

interface IngestInput {
  readonly dataset_id: string;
  readonly target: string;
  readonly mapping: IndexMapping;
  readonly version?: string;
}

interface IngestNeeds {
  readonly db: Db;
  readonly objects: ObjectStore;
  readonly engines: EnginePool;
  readonly roots: readonly string[];
  readonly indexes: IndexPlace;
}

interface Totals {
  inserted: number;
  updated: number;
  errors: number;
  rejects: ({ object_key: string } & Reject)[];
}

const engineRetry = { retries: 3, backoffMs: 500 };

/**
 * The ingest of release 0.1.0, for the jobs that it left: object by object into a table of its own, named by the index.
 * Nothing enqueues it any more.
 */
export const ingestV1 = (needs: IngestNeeds): JobHandler => ({
  kind: 'lake.ingest',
  version: 1,
  scope: 'lake:write',
  async run(context, rawInput) {
    const input = rawInput as unknown as IngestInput;
    const plan = await context.transaction('plan', async (tx) => {
      const found = await versionObjects(tx, input.dataset_id, input.version);
      const id = newId('idx');
      await insertIndex(tx, { id, dataset_id: input.dataset_id, target: input.target, version: found.version });
      await setDatasetState(tx, input.dataset_id, 'ingesting');
      return { ...found, index: id };
    });
    try {
      return await build(context, input, plan, needs);
    } catch (error) {
      await context.conclude('give up', async (tx) => {
        await failIndex(tx, plan.index);
        await setDatasetState(tx, input.dataset_id, 'failed');
      });
      throw error;
    }
  },
});

async function build(
  context: JobContext,
  input: IngestInput,
  plan: VersionObjects & { readonly index: string },
  needs: IngestNeeds,
): Promise<Record<string, unknown>> {
  const { engines } = needs;
  const { signal } = context;
  const index = needs.indexes(input.dataset_id, plan.index);

  const columns = await context.step(
    'describe',
    async () => {
      const described: (readonly EngineColumn[])[] = [];
      // One at a time: together they may be more than this machine has room for.
      for (const readable of plan.readable) {
        const { objects } = await withEngineObjects(plan, [readable], needs, (local) =>
          engines.run('describe', { objects: local }, { signal }),
        );
        described.push(...objects.map((known) => known.columns));
      }
      return mergeColumns(described);
    },
    engineRetry,
  );
  checkMapping(input.mapping, columns);

  const totals: Totals = { inserted: 0, updated: 0, errors: 0, rejects: [] };
  let tableVersion = 0;
  for (const [position, readable] of plan.readable.entries()) {
    const before = totals.inserted;
    const after = tableVersion;
    const done = await context.step(
      `ingest ${position}`,
      async () =>
        withEngineObjects(plan, [readable], needs, ([object]) =>
          engines.run(
            'ingest',
            {
              object: object as EngineObject,
              columns,
              index,
              after,
              mapping: input.mapping,
              datasetId: input.dataset_id,
            },
            {
              signal,
              onProgress: ({ rows }) => context.progress(position / plan.readable.length, { inserted: before + rows }),
            },
          ),
        ),
      engineRetry,
    );
    tableVersion = done.version;
    totals.inserted += done.inserted;
    totals.updated += done.updated;
    totals.errors += done.rejected;
    totals.rejects.push(...done.rejects.map((reject) => ({ object_key: readable.key, ...reject })));
    const { rejects: _, ...counters } = totals;
    context.progress((position + 1) / (plan.readable.length + 1), counters);
  }

  const { rows } = await context.step(
    'finish index',
    () => engines.run('finish_index', { index, expectedRows: totals.inserted }, { signal }),
    engineRetry,
  );
  if (rows !== totals.inserted) throw countsDiffer(totals.inserted, rows);
  const served = await context.transaction('serve', async (tx) => {
    const dataset = await lockDataset(tx, input.dataset_id);
    const current = await findServedIndex(tx, input.dataset_id, input.target);
    // Another ingest that began later was faster: its index stays, this one is put away.
    if (!dataset || (current && current.id > plan.index)) {
      await failIndex(tx, plan.index);
      return false;
    }
    await serveIndex(tx, {
      id: plan.index,
      dataset_id: input.dataset_id,
      target: input.target,
      columns,
      row_count: rows,
    });
    await setDatasetState(tx, input.dataset_id, 'ingested');
    return true;
  });
  await context.step('clean up', async () => {
    for (const { id, pointer } of await findObsoleteIndexes(needs.db, input.dataset_id, input.target)) {
      // Indexes of the present kind share tables, and are put away by their own job.
      if (pointer !== null) continue;
      await engines.run('drop_index', { index: { ...index, table: id } });
      await deleteIndex(needs.db, id);
    }
  });
  return {
    version: plan.version,
    served,
    rows,
    skipped_objects: plan.skipped,
    rejects: totals.rejects
      .slice(0, MAX_REJECTS)
      .map(({ text, ...reject }) => ({ ...reject, text: untrusted(reject.object_key, text) })),
  };
}

function countsDiffer(expected: number, actual: number): AppError {
  return new AppError(
    'CONFLICT',
    `The index holds ${actual} rows where ${expected} were added; it was not served.`,
    'Start the ingest again.',
  );
}
