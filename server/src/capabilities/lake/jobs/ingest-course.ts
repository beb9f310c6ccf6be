import type { Db } from '../../../core/db/database.ts';
import type { JobContext } from '../../../core/jobs/handler.ts';
import { type ManifestChanges, manifestChanges } from '../diffs/store.ts';
import type { Targets } from '../indexes/drop.ts';
import { type Counters, noCounters } from '../indexes/store.ts';
import type { TableNeeds, VersionTables } from '../tables/version-tables.ts';
import type { Building, IngestInput } from './ingest-plan.ts';
import { defaultBatchRows, type IngestOptions, planName, planWork, type Work, whyWhole } from './ingest-work.ts';
import type { Build, Pointer, Target } from './target.ts';
import { dataColumns, vectorSize } from './vector-column.ts';

const engineRetry = { retries: 3, backoffMs: 500 };
/** What builds of an earlier release took, whose journals do not say. */
const formerBatchRows = 50_000;

export interface IngestNeeds extends TableNeeds {
  readonly db: Db;
  readonly targets: Targets;
}

/** All that the later steps are told of the earlier ones. */
export interface Course {
  readonly build: Build;
  readonly plan: Building;
  readonly tables: VersionTables;
  readonly changes: ManifestChanges;
  readonly work: readonly Work[];
  readonly name: string;
  readonly base: Building['base'];
  /** Why it is built whole; absent when it is not. */
  readonly why?: string;
}

export interface Start {
  readonly pointer: Pointer;
  readonly done: number;
  readonly counters: Counters;
}

/** Finds the place to build in: where a build of the same plan broke off, on top of what is served, or a new one. */
export async function begin(
  context: JobContext,
  input: IngestInput,
  plan: Building,
  tables: VersionTables,
  target: Target,
  needs: IngestNeeds,
): Promise<{ course: Course; start: Start }> {
  const options: IngestOptions = input.options ?? {};
  const dimensions = await vectorSize(context, input.mapping, plan.of, tables, needs);
  let batchRows = options.batch_rows ?? defaultBatchRows(tables.tables);
  const make = (changes: ManifestChanges, base: Building['base'], why?: string) =>
    courseOf(input, plan, tables, { dimensions, batchRows }, changes, base, why);
  const { progress, of } = plan;
  const begun = await context.step(
    'begin',
    async () => {
      const base = target.incremental ? plan.base : null;
      const partly = base ? await manifestChanges(needs.db, base.manifest_id as string, of.manifest_id) : undefined;
      const ways: { course: Course; from?: Pointer }[] = [];
      if (base && partly) {
        const why = whyWhole(options, base, partly, dataColumns(input.mapping, tables.columns), tables.tables);
        if (why === undefined) ways.push({ course: make(partly, base), from: base.pointer as Pointer });
        else ways.push({ course: make(wholly(tables), null, why) });
      }
      if (!ways.some(({ course }) => course.why !== undefined))
        ways.push({ course: make(wholly(tables), null, 'nothing to build on') });
      const step = { signal: context.signal };
      // Also a way that would not be taken now, as long as it leads to the same rows.
      const resumed = progress && ways.find(({ course }) => course.name === progress.plan);
      if (resumed && progress) {
        const pointer = await target.begin(resumed.course.build, progress.pointer, step);
        if (pointer) return { ...summary(resumed.course), batchRows, start: { ...progress, pointer } };
      }
      for (const { course, from } of ways) {
        const pointer = await target.begin(course.build, from, step);
        if (pointer) return { ...summary(course), batchRows, start: { pointer, done: 0, counters: noCounters } };
      }
      throw new Error('a new index has no place');
    },
    engineRetry,
  );
  // The steps that are recorded were those of this number.
  batchRows = options.batch_rows ?? (begun.batchRows as number | undefined) ?? formerBatchRows;
  const base = begun.whole ? null : plan.base;
  const changes = begun.changes ?? wholly(tables);
  return { course: make(changes, base, begun.why ?? undefined), start: begun.start };
}

/** What the journal keeps of a course: the rest of it follows. */
function summary({ base, changes, why }: Course) {
  return { whole: base === null, changes: base ? changes : null, why: why ?? null };
}

function courseOf(
  input: IngestInput,
  plan: Building,
  tables: VersionTables,
  { dimensions, batchRows }: { readonly dimensions: number | null; readonly batchRows: number },
  changes: ManifestChanges,
  base: Building['base'],
  why?: string,
): Course {
  const { dataset_id, mapping, options = {} } = input;
  const columns = base?.columns ?? dataColumns(mapping, tables.columns);
  const work = planWork(tables.tables, changes, batchRows);
  const build: Build = {
    id: plan.index,
    datasetId: dataset_id,
    version: plan.of.version,
    manifestId: plan.of.manifest_id,
    columns,
    mapping,
    options,
    ...(dimensions !== null && { dimensions }),
  };
  const name = planName(base?.id ?? null, columns, work);
  return { build, plan, tables, changes, work, name, base, ...(why !== undefined && { why }) };
}

function wholly({ tables }: VersionTables): ManifestChanges {
  return { removed: [], added: tables.map(({ object }) => object.key), kept: 0 };
}

/** Records of objects that stay as they are. */
export function keptRecords({ changes, tables, base }: Course): number {
  if (!base) return 0;
  const added = new Set(changes.added);
  return tables.tables
    .filter(({ object }) => !added.has(object.key))
    .reduce((sum, { rows, rejected }) => sum + rows + rejected, 0);
}
