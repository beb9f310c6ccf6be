import { type Db, inTransaction } from '../../../core/db/database.ts';
import { AppError, untrusted } from '../../../core/errors.ts';
import type { JobContext, JobHandler } from '../../../core/jobs/handler.ts';
import { dropIndexes, type Targets } from '../indexes/drop.ts';
import { type Counters, findObsoleteIndexes, listIndexes, noCounters, saveProgress } from '../indexes/store.ts';
import { listRejects } from '../rejects/store.ts';
import { versionTables } from '../tables/version-tables.ts';
import { checkMapping } from './check-mapping.ts';
import { begin, type Course, type IngestNeeds, keptRecords, type Start } from './ingest-course.ts';
import { giveUp, serve, taken } from './ingest-end.ts';
import { type Building, type IngestInput, planIngest } from './ingest-plan.ts';
import { removeObjects, writeRanges } from './ingest-steps.ts';
import type { Pointer, Target } from './target.ts';
import { waitForTurn } from './turn.ts';
import { expectedOf, verifyBuild } from './verify-build.ts';

const engineRetry = { retries: 3, backoffMs: 500 };
/** Rejects that the job itself shows; `list_rejects` has more. */
const shownRejects = 100;

/**
 * Brings the index of a target to a version: changes alone on top of what is served where that gives the same rows, else
 * all of it beside; then looks whether it holds just what it must, and serves it. Nobody ever searches half of it. Ranges of
 * rows are steps, and how far a build came outlives its job: the next one for the same goes on from there.
 */
export const ingest = (needs: IngestNeeds): JobHandler => ({
  kind: 'lake.ingest',
  version: 2,
  scope: 'lake:write',
  async run(context, rawInput) {
    const input = rawInput as unknown as IngestInput;
    const target = needs.targets.get(input.target);
    if (!target) throw noTarget(input.target, needs.targets);
    await context.step('turn', () => waitForTurn(needs.db, input, context.job.id, context.signal));
    const plan = await context.transaction('plan', async (tx) => {
      // A policy asked nobody, and what the operator declared may be another thing by now.
      await target.check?.(input.mapping, input.options ?? {});
      return planIngest(tx, input, context.job.id);
    });
    if (plan.done !== undefined) {
      const { done, version, rows } = plan;
      context.progress(1, { ...noCounters, rows: rows ?? 0 });
      return { version, rows, served: done !== 'newer_served', mode: done };
    }
    try {
      return await buildAndServe(context, input, plan, target, needs);
    } catch (error) {
      await giveUp(context, input, plan, error, needs);
      throw error;
    }
  },
});

async function buildAndServe(
  context: JobContext,
  input: IngestInput,
  plan: Building,
  target: Target,
  needs: IngestNeeds,
): Promise<Record<string, unknown>> {
  const tables = await versionTables(context, plan.of, needs);
  checkMapping(input.mapping, tables.columns);
  const { course, start } = await begin(context, input, plan, tables, target, needs);
  const { pointer: written, counters } = await runWork(context, course, start, target, needs);
  const { pointer, tabled } = await context.step(
    'finish',
    async () => {
      const others = await listIndexes(needs.db, input.dataset_id, input.target);
      const keep = others.flatMap(({ id, state, pointer }) =>
        id !== plan.index && state !== 'failed' && pointer ? [pointer] : [],
      );
      // Both at once: neither needs the other. Both have ended before either is tried again.
      const [finished, tabled] = await Promise.allSettled([
        target.finish(course.build, written, keep, { signal: context.signal }),
        expectedOf(course, needs, context.signal),
      ]);
      if (finished.status === 'rejected') throw finished.reason;
      if (tabled.status === 'rejected') throw tabled.reason;
      return { ...finished.value, tabled: tabled.value };
    },
    engineRetry,
  );
  const rows = (course.base?.row_count ?? 0) + counters.inserted - counters.deleted;
  await context.step(
    'verify',
    () => verifyBuild(course, pointer, { counted: rows, tabled }, target, context.signal),
    engineRetry,
  );
  const overrides = (course.base?.overrides ?? 0) + counters.updated;
  const served = await context.transaction('serve', (tx) =>
    serve(tx, context.job.id, input, { plan, columns: course.build.columns, rows, pointer, overrides }),
  );
  await context.step('clean up', async () => {
    await dropIndexes(
      needs.db,
      needs.targets,
      await findObsoleteIndexes(needs.db, input.dataset_id, input.target, input.options?.keep_previous),
    );
  });
  context.progress(1, counters);
  const told = await context.step('rejects', async () => {
    const rejects = await shownOf(needs.db, context.job.id);
    return { rejects, described: { ...(await target.describe?.(course.build)) } };
  });
  return {
    version: plan.of.version,
    manifest_id: plan.of.manifest_id,
    index_id: plan.index,
    served,
    rows,
    mode: course.why === undefined ? 'incremental' : 'rebuild',
    ...(course.why !== undefined && { why: course.why }),
    ...(start.done > 0 && { resumed_after_steps: start.done }),
    skipped_objects: plan.of.skipped,
    // The journal of an earlier release has the rejects alone.
    ...(Array.isArray(told) ? { rejects: told } : { ...told.described, rejects: told.rejects }),
  };
}

async function runWork(
  context: JobContext,
  course: Course,
  start: Start,
  target: Target,
  needs: IngestNeeds,
): Promise<{ pointer: Pointer; counters: Counters }> {
  const { work, build, name } = course;
  const total = course.tables.tables.reduce((sum, { rows, rejected }) => sum + rows + rejected, 0);
  let { pointer, counters } = start;
  if (start.done === 0) counters = { ...counters, rows: keptRecords(course) };
  const tell = (rows: number) => context.progress(Math.min(0.99, rows / Math.max(1, total)), { ...counters, rows });
  for (const [position, one] of work.entries()) {
    if (position < start.done) continue;
    const at = { pointer, counters };
    const after = await context.step(
      `work ${position}`,
      async () => {
        const step = {
          signal: context.signal,
          onProgress: ({ rows }: { rows: number }) => tell(at.counters.rows + rows),
        };
        const done =
          'remove' in one
            ? await removeObjects(build, at, one.remove, target, step)
            : await writeRanges(course, at, one.write, target, needs, context.job.id, position, step);
        const progress = { ...done, plan: name, done: position + 1 };
        if (!(await saveProgress(needs.db, build.id, context.job.id, progress))) throw taken();
        return done;
      },
      engineRetry,
    );
    ({ pointer, counters } = after);
    tell(counters.rows);
  }
  return { pointer, counters };
}

function shownOf(db: Db, jobId: string) {
  return inTransaction(db, async (tx) => {
    const rows = await listRejects(tx, { jobId, limit: shownRejects });
    return rows.map(({ object_key, line, column_name, reason, text }) => ({
      object_key,
      line,
      ...(column_name !== null && { column: column_name }),
      reason,
      text: untrusted(object_key, text),
    }));
  });
}

function noTarget(name: string, targets: Targets): AppError {
  return new AppError(
    'TARGET_NOT_AVAILABLE',
    `There is no target ${name} on this server any more.`,
    `Use one of: ${[...targets.keys()].join(', ')}; list_capabilities says which work now.`,
  );
}
