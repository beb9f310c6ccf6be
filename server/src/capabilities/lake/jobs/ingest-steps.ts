import type { Db } from '../../../core/db/database.ts';
import type { Counters } from '../indexes/store.ts';
import { insertRejects } from '../rejects/store.ts';
import { type TableNeeds, withTables } from '../tables/version-tables.ts';
import type { Course } from './ingest-course.ts';
import type { Range } from './ingest-work.ts';
import type { Build, ObjectReject, Pointer, RowPart, StepOptions, Target } from './target.ts';

export interface Reached {
  readonly pointer: Pointer;
  readonly counters: Counters;
}

export async function removeObjects(
  build: Build,
  { pointer: at, counters }: Reached,
  keys: readonly string[],
  target: Target,
  options: StepOptions,
): Promise<Reached> {
  const { pointer, deleted } = await target.remove(build, at, keys, options);
  return { pointer, counters: { ...counters, deleted: counters.deleted + deleted } };
}

/** Adds the rows of some ranges, and keeps the rejects: those of an object with its first range. */
export async function writeRanges(
  course: Course,
  { pointer: at, counters }: Reached,
  ranges: readonly Range[],
  target: Target,
  needs: TableNeeds & { readonly db: Db },
  jobId: string,
  position: number,
  options: StepOptions,
): Promise<Reached> {
  const { build, plan, tables } = course;
  const wanted = ranges.map(({ table }) => tables.tables[table] as Course['tables']['tables'][number]);
  return withTables(plan.of, wanted, needs, { signal: options.signal }, async (held) => {
    const parts = ranges.map(({ from, to }, index): RowPart => {
      const { object, columns } = wanted[index] as (typeof wanted)[number];
      return { key: object.key, sha256: object.sha256, files: held[index]?.files ?? [], columns, from, to };
    });
    const written = await target.write(build, at, parts, options);
    let unread = 0;
    for (const [index, { table, from }] of ranges.entries()) {
      if (from > 0) continue;
      const { object, rejected } = wanted[index] as (typeof wanted)[number];
      unread += rejected;
      const rejects = (held[index]?.rejects ?? []).map(
        (reject): ObjectReject => ({ object_key: object.key, ...reject }),
      );
      await insertRejects(needs.db, { jobId, datasetId: build.datasetId, step: table }, rejects);
    }
    const step = tables.tables.length + position;
    await insertRejects(needs.db, { jobId, datasetId: build.datasetId, step }, written.rejects);
    return {
      pointer: written.pointer,
      counters: {
        inserted: counters.inserted + written.inserted,
        updated: counters.updated + written.updated,
        deleted: counters.deleted,
        errors: counters.errors + unread + written.rejected,
        rows: counters.rows + ranges.reduce((sum, { from, to }) => sum + to - from, 0),
      },
    };
  });
}
